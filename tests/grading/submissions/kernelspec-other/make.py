from pathlib import Path

from tests.grading.corpus import World, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
