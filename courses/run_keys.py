"""What a run depends on besides its own cells: what it imports of kits, how code is run, the libraries, its files.

A module of kits counts as its syntax tree: a comment runs nothing again, nor does a module that a lesson never reaches.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from build_paths import ROOT
from courses import own_files, python
from courses.lesson import Lesson

KITS = ROOT / "kits"
#: Every run starts with it.
STARTUP = "kits.startup"
LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "matplotlib-inline", "ipykernel", "ipython"),
    *("ipywidgets", "anywidget", "nbclient", "nbgrader"),
)
#: Whoever writes one of these may import what no name tells.
AT_RUN_TIME = ("importlib", "__import__", "exec(", "eval(")


def digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def surroundings(lesson: Lesson) -> str:
    """What all runs of a lesson depend on alike."""
    sources = [cell.source for cell in python.code_cells(lesson)]
    sources += [one.source for own in (lesson.mistakes, lesson.also_right) for one in own]
    sources += [one.source for own in (lesson.references, lesson.claims) for one in own]
    return digest([lesson.id, how_code_is_run(), *kits_reached(sources), *lesson_data(lesson)])


def lesson_data(lesson: Lesson) -> Iterator[str]:
    for name, path in data_files(lesson):
        yield name
        yield hash_of(path)


def data_files(lesson: Lesson) -> tuple[tuple[str, Path], ...]:
    """The files a run can read. Pictures are not read by code: a new drawing runs nothing again."""
    return tuple(own_files.data_files(lesson))


@cache
def how_code_is_run() -> str:
    code = sorted(ROOT.glob("running/*.py"))
    return digest([platform.python_version(), *map(version_of, LIBRARIES), *map(hash_of, code)])


@cache
def version_of(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kits_reached(sources: Iterable[str]) -> list[str]:
    """The modules and data sets of kits that code reaches, one through another: a hash of each, with its name."""
    naming = [source for source in sources if "kits" in source or any(word in source for word in AT_RUN_TIME)]
    todo = {STARTUP}.union(*(imported(tree) for source in naming for tree in trees_of(source)))
    if any(word in source for source in naming for word in AT_RUN_TIME):
        todo |= {module_name(path) for path in KITS.rglob("*.py")}
    reached: set[str] = set()
    while todo:
        reached |= todo
        todo = {other for name in todo for other in module(name)[1]} - reached
    found = [f"{name} {module(name)[0]}" for name in sorted(reached)]
    return found + [data_set(folder) for folder in data_sets(sources)] if "kits.datasets" in reached else found


def trees_of(source: str) -> Iterator[ast.Module]:
    """Nothing where the code cannot be read."""
    tree = python.parse(source, 1)
    if isinstance(tree, ast.Module):
        yield tree


def data_sets(sources: Iterable[str]) -> list[Path]:
    """The data sets of kits that are named; where no name is to be seen, all."""
    folders = [path.parent for path in sorted(KITS.glob("datasets/*/card.yml"))]
    return [folder for folder in folders if any(folder.name in source for source in sources)] or folders


@cache
def data_set(folder: Path) -> str:
    return digest([folder.name, *(hash_of(path) for path in sorted(folder.iterdir()) if path.is_file())])


@cache
def module(name: str) -> tuple[str, frozenset[str]]:
    """A module of kits: a hash of its code and of the files beside it that it names; the modules it imports."""
    path = module_path(name)
    assert path, name
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return digest([text]), frozenset()
    files = [hash_of(file) for text in sorted(texts_of(tree)) for file in files_beside().get(text, ())]
    return digest([ast.dump(tree), *files]), frozenset(imported(tree)) - {name}


@cache
def files_beside() -> dict[str, list[Path]]:
    """File name → the files of kits that are called so and are no Python."""
    found: dict[str, list[Path]] = {}
    for path in sorted(KITS.rglob("*.*")):
        if path.is_file() and path.suffix not in (".py", ".pyc") and "datasets" not in path.parts:
            found.setdefault(path.name, []).append(path)
    return found


def texts_of(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def imported(tree: ast.AST) -> set[str]:
    """The modules of kits that code imports or names, with the packages around them."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if node.module.startswith("kits") and any(alias.name == "*" for alias in node.names):
                named |= {module_name(path) for path in KITS.rglob("*.py")}
        elif isinstance(node, ast.Attribute):
            named.add(python.dotted(node))
    parts = [name.split(".") for name in named if name.split(".")[0] == "kits"]
    whole = {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)}
    return {name for name in whole if module_path(name)}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def module_path(name: str) -> Path | None:
    base = ROOT.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
