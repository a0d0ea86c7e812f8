from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "ps1.ipynb").write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', encoding="utf-8")
