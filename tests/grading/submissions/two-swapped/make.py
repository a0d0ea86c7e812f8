from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "a.ipynb").rename(folder / "c.ipynb")
    (folder / "b.ipynb").rename(folder / "a.ipynb")
    (folder / "c.ipynb").rename(folder / "b.ipynb")
