from pathlib import Path

from nbformat.v4 import new_output

from tests.grading.corpus import World, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells[0].outputs = [new_output("stream", name="stdout", text="海" * (17 * 2**20))]
