"""The box of one assignment: it has imported what the reference imports before the first hand-in runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from running.box import Box, NoWalls, ipython_configuration
from running.given_cells import leading
from running.runner import WARM, modules_of
from running.sandbox import Limits


def box_for(
    source: Path,
    course: Path,
    at_least: str = "fence",
    limits: Limits | None = None,
    environment: dict[str, str] | None = None,
) -> Box:
    """A box that has imported what the reference in `source` imports; Haike's lessons as in class. Raises NoWalls."""
    modules = modules_of(reference_cells(read_reference(source)))
    is_haike = any(name.split(".")[0] == "kits" for name in modules)
    return Box(
        [*WARM, *modules] if is_haike else modules,
        hidden=course,
        extensions=("kits.startup",) if is_haike else (),
        limits=limits,
        at_least=at_least,
        environment=environment,
        config_files=() if is_haike else ipython_configuration(),
    )


@contextmanager
def opening_early(source: Path, course: Path, at_least: str = "fence") -> Iterator[Future[Box]]:
    """A box on its way while the caller does something else; closed at the end, used or not."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(box_for, source, course, at_least)
        try:
            yield future
        finally:
            with suppress(NoWalls):
                future.result().close()


Reference = dict[str, list[tuple[str, bool]]]


def read_reference(source: Path) -> Reference:
    """Teacher's notebook → its cells that hold code, and whether each is only given: neither answered nor a test.

    Read as JSON: a box is opened while nbformat is still being imported. What cannot be read is nothing.
    """
    found: Reference = {}
    for path in sorted(source.glob("*.ipynb")):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # only speed depends on it
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                text, marks = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
                if cell["cell_type"] == "code" and text.strip():
                    is_given = not any(marks.get(key) for key in ("grade", "solution", "task"))
                    found.setdefault(path.stem, []).append((text, is_given))
    return found


def reference_cells(reference: Reference) -> list[str]:
    """All code, in order."""
    return [text for cells in reference.values() for text, _ in cells]


def given_cells(reference: Reference) -> dict[str, list[str]]:
    """Notebook → the cells at its head that a class may share one run of, as far as their text tells."""
    return {
        name: leading(text for text, _ in itertools.takewhile(lambda one: one[1], cells))
        for name, cells in reference.items()
    }
