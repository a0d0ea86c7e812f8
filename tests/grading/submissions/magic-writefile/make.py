from pathlib import Path

from tests.grading.corpus import World, cell_of, edited, new_code_cell


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        place = notebook.cells.index(cell_of(notebook, "add"))
        notebook.cells.insert(place, new_code_cell("%%writefile adding.py\ndef add(a, b):\n    return a + b"))
