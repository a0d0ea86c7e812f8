from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "timestamp.txt").write_text("2036-09-01 00:00:00 UTC", encoding="utf-8")
