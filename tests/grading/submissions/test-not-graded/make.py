from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        cell_of(notebook, "add-judge").metadata.nbgrader.grade = False
