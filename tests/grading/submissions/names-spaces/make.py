from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    for name in ("我的 照片.txt", "🦑.txt", "a'b.txt"):
        (folder / name).write_text("海", encoding="utf-8")
