from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    path = folder / "ps1.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("return a + b", "return a + b  # \\ud83d"), encoding="utf-8")
