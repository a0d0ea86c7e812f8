from pathlib import Path

from tests.grading.corpus import World

TRAP = "import pathlib\npathlib.Path({!r}).write_text('ran')\n"


def make(folder: Path, world: World) -> None:
    for name in ("kits/__init__.py", "kits/startup.py", "grading/__init__.py"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(TRAP.format(str(world.outside / "ran.txt")), encoding="utf-8")
