from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    for name in ("一\n二.txt", "-rf", "..two..", "$(touch x)", "; true", "~", "\x07"):
        (folder / name).write_text("海", encoding="utf-8")
