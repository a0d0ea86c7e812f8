from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        for name, kind in (("add-shown", "markdown"), ("add-judge", "raw")):
            cell = cell_of(notebook, name)
            cell.cell_type = kind
            del cell["outputs"], cell["execution_count"]
