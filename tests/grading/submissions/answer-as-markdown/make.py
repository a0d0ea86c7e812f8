from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        cell = cell_of(notebook, "add")
        cell.cell_type = "markdown"
        del cell["outputs"], cell["execution_count"]
