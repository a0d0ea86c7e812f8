from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell("import os\n\nos._exit(0)"))
