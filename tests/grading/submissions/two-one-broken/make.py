from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "b.ipynb").write_text("{", encoding="utf-8")
