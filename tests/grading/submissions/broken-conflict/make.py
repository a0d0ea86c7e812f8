from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    path = folder / "ps1.ipynb"
    path.write_text("<<<<<<< HEAD\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
