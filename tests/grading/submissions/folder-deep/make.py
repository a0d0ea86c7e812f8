from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    deep = folder.joinpath(*["里面"] * 40)
    deep.mkdir(parents=True)
    (deep / "海.txt").write_text("海", encoding="utf-8")
