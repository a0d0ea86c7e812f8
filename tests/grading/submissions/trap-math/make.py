from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "math.py").write_text("1 / 0\n", encoding="utf-8")
