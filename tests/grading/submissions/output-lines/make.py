from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
for number in range(150_000):
    print(str(number) * 30)
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
