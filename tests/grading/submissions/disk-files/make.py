from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
import os

os.mkdir("many")
for number in range(20_000):
    open(f"many/{number}", "w").close()
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
