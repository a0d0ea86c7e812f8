"""Dependencies point one way: kits knows nobody, running kits, courses running; grading and book know courses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("kits", "running", "courses", "grading", "book", "deploy")
MAY_IMPORT = {
    "kits": set(),
    "running": {"kits"},
    "courses": {"kits", "running"},
    "grading": {"kits", "running", "courses"},
    "book": {"kits", "running", "courses"},
    "deploy": {"kits", "running", "courses", "grading"},
}


#: Within a string: `from grading.x import y`, `import grading.x`, or nothing but a dotted name as import_module takes.
BY_NAME = re.compile(
    rf"(?:\b(?:from|import) |\A)({'|'.join((*ROOMS, 'door'))})(?=\.[a-z_.]+\Z|[.\w]* import |\.[a-z_.]+;)"
)


def imported_rooms(path: Path) -> set[str]:
    """The rooms a file imports, in text that is run elsewhere and by a module's name too."""
    names: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            names.update(BY_NAME.findall(node.value))
        elif isinstance(node, ast.Import):
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


@pytest.mark.parametrize("name", ["fault.py", "build_paths.py", "settings.py"])
def test_what_stands_beside_the_door_imports_no_room(name: str) -> None:
    assert not imported_rooms(ROOT / name)


def modules() -> dict[str, ast.Module]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "lessons" not in path.parts]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text("utf-8")
        )
        for path in [*files, *ROOT.glob("*.py")]
    }


def imported_names(tree: ast.Module) -> Iterator[str]:
    """Every module or name a module imports when it is loaded or run; not what only the type checker sees."""
    checks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    unseen = {id(node) for check in checks for part in check.body for node in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports within functions count too: putting one off only hides a circle."""
    known = modules()
    graph = nx.DiGraph()
    for module, tree in known.items():
        for name in imported_names(tree):
            target = name if name in known else name.rpartition(".")[0]
            if target in known and target != module:
                graph.add_edge(module, target)
    assert graph.number_of_edges() > 100
    assert not [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1]


def test_only_the_door_joins_the_rooms() -> None:
    assert (ROOT / "door.py").exists()
    for name in ("utils", "helpers", "common", "manager"):
        found = [path for room in ROOMS for path in (ROOT / room).rglob(f"{name}.py")]
        assert not found, f"a module called {name} says nothing of what it is for"
