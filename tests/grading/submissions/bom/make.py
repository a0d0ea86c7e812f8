from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    path = folder / "ps1.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
