from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
from IPython.display import display

for number in range(10_000):
    display(number)
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
