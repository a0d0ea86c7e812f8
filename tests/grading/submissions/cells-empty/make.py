from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell, new_markdown_cell


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells += [new_code_cell(""), new_markdown_cell(""), new_code_cell("\n\n")]
