from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell, new_markdown_cell


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.insert(0, new_markdown_cell("# 我的作业"))
        notebook.cells.insert(4, new_code_cell("print(add(3, 4))"))
        notebook.cells.append(new_code_cell("1 / 0"))
