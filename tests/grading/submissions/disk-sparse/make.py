from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
with open("empty.bin", "wb") as file:
    file.truncate(4 * 2**30)
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
