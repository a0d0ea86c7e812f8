from pathlib import Path

from tests.grading.corpus import World


def make(folder: Path, world: World) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "海.csv").write_text("name,size\n海星,0\n", encoding="utf-8")
