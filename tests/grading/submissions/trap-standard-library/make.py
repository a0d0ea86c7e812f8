from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "colorsys.py").write_text("def add(a, b):\n    return a + b\n", encoding="utf-8")
