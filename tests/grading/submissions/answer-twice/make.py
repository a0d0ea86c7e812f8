import copy
from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        again = copy.deepcopy(cell_of(notebook, "add"))
        again.source = "def add(a, b):\n    return 0"
        notebook.cells.insert(3, again)
