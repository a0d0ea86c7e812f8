from pathlib import Path

from tests.grading.corpus import World, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells[1]["attachments"] = {"图.png": {"image/png": "iVBORw0KGgo="}}
