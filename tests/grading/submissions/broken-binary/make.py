from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "ps1.ipynb").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe" * 100)
