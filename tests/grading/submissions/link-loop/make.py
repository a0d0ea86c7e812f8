from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "again").symlink_to(".")
