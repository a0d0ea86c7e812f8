from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        for name, tags in (("add-shown", None), ("add-judge", "skip-execution"), ("mean", 3)):
            cell_of(notebook, name).metadata["tags"] = tags
