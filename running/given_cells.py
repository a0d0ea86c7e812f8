"""The cells at the head of a lesson that are handed out ready-made, and whether a class may share one run of them.

Importing, loading data, drawing the first figure: in most hand-ins these cells are word for word the teacher's. A warm
parent can run them once and fork from there. That gives what running them in each hand-in would give only if they ask
neither for the time nor for chance, and leave nothing outside the memory that a fork copies. The text of a cell is
looked at before (`leading`), everything around it after (`Surroundings`); whoever is in doubt says no.
"""

from __future__ import annotations

import ast
import os
import random
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

INLINE = re.compile(r"^%matplotlib inline[ \t]*$", re.MULTILINE)
#: Words in a cell that tie it to its own process, its hour, its luck or somebody's answer.
TIES = set(
    """
    time datetime calendar random secrets uuid tempfile
    os sys platform resource psutil signal gc inspect ctypes socket select ssl
    threading thread multiprocessing concurrent joblib asyncio subprocess Popen
    input getpass answers widgets ipywidgets interact interactive get_ipython
    globals locals vars exec eval compile importlib __import__
    """.split()  # noqa: SIM905  a list of names reads best as words
)
SEEDED = ("default_rng", "RandomState")  # with a number they begin the same way each time


def leading(cells: Iterable[str]) -> list[str]:
    """The first cells, up to the one that not every hand-in would run to the same end."""
    return list(takewhile(is_repeatable, cells))


def is_repeatable(source: str) -> bool:
    try:
        return not any(word in TIES for word in words_of(ast.parse(INLINE.sub("", source))))
    except (SyntaxError, ValueError, RecursionError):
        return False


def words_of(tree: ast.AST) -> Iterator[str]:
    """The names that code uses or imports; those that make a generator from a fixed number are left out."""
    if isinstance(tree, ast.Call) and is_seeded(tree):
        return
    if isinstance(tree, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
        yield "asyncio"
    elif isinstance(tree, ast.Name):
        yield tree.id
    elif isinstance(tree, ast.Attribute):
        yield tree.attr
    elif isinstance(tree, ast.ImportFrom):
        yield from (tree.module or "").split(".")
    elif isinstance(tree, ast.alias):
        yield from tree.name.split(".")
    for part in ast.iter_child_nodes(tree):
        yield from words_of(part)


def is_seeded(call: ast.Call) -> bool:
    number = call.args[0] if len(call.args) == 1 and not call.keywords else None
    is_number = isinstance(number, ast.Constant) and isinstance(number.value, int)
    return is_number and isinstance(call.func, ast.Attribute) and call.func.attr in SEEDED


class Surroundings:
    """What cells may change outside the memory that a fork copies, or inside it where a fork starts anew."""

    def __init__(self, imported: Any = sys.modules, set_by_imports: Iterable[str] = ()) -> None:
        """`imported` holds what is warm; `set_by_imports` are variables that importing it may set."""
        self.imported, self.set_by_imports = imported, set(set_by_imports)
        self.before = self.picture()

    def changed(self) -> list[str]:
        """The names of what is not as it was."""
        now = self.picture()
        return [name for name in now if now[name] != self.before[name]]

    def picture(self) -> dict[str, Any]:
        numpy_random = self.imported.get("numpy.random")
        return {
            "files": [(path, stat.st_mode, stat.st_size, stat.st_ctime_ns) for path, stat in files_below(Path())],
            "temporary files": [names_in("/tmp"), names_in("/dev/shm")],
            "environment": {key: value for key, value in os.environ.items() if key not in self.set_by_imports},
            "folder": Path.cwd(),
            # matplotlib opens its fonts anew after a fork.
            "descriptors": sorted(link for link in links_in("/proc/self/fd") if not link.endswith((".ttf", ".otf"))),
            "threads": len(names_in("/proc/self/task")),
            "signals": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
            "chance": random.getstate(),
            "numpy's chance": [bytes(one) if hasattr(one, "tobytes") else one for one in numpy_random.get_state()]
            if numpy_random
            else [],  # not pickled, which would import numpy,
        }


def files_below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in sorted(folder.rglob("*")):
        yield path, path.lstat()


def names_in(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def links_in(folder: str) -> Iterator[str]:
    for path in list(Path(folder).iterdir()):
        with suppress(OSError):  # the listing's own is gone by now
            yield str(path.readlink())
