"""Dependencies point one way: kits knows nobody, courses its own files, grading and book know courses."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("kits", "courses", "grading", "book", "deploy")
MAY_IMPORT = {
    "kits": set(),
    "courses": {"kits"},
    "grading": {"kits", "courses"},
    "book": {"kits", "courses"},
    "deploy": {"kits", "courses", "grading"},
}


def imported_rooms(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names & {*ROOMS, "door", "tests"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_before_it(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        if "lessons" in path.parts:
            continue
        beyond = imported_rooms(path) - MAY_IMPORT[room] - {room}
        assert not beyond, f"{path.relative_to(ROOT)} imports {beyond}"


def test_only_the_door_joins_the_rooms() -> None:
    assert (ROOT / "door.py").exists()
    for name in ("utils", "helpers", "common", "manager"):
        found = [path for room in ROOMS for path in (ROOT / room).rglob(f"{name}.py")]
        assert not found, f"a module called {name} says nothing of what it is for"
