from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "timestamp.txt").write_text("昨天晚上", encoding="utf-8")
