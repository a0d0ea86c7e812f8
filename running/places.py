"""Where jobs are run: in the open, or behind walls."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from running.runner import Run, shared_parent, stop_shared_parent


class Place(Protocol):
    """Where jobs are run: in the open, or behind walls."""

    def folder(self, name: str) -> AbstractContextManager[Path]:
        """A new empty folder, removed at the end."""

    def open(self, folder: Path, name: str) -> Run:
        """Raises ParentFailed."""

    def stop(self) -> None:
        """End all runs at once."""


class Open:
    """Without walls, for code of our own."""

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="haike-run-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch) / name
            folder.mkdir()
            yield folder

    def open(self, folder: Path, name: str) -> Run:
        return shared_parent().open(str(folder), {"HAIKE_LESSON": name})

    def stop(self) -> None:
        stop_shared_parent()


class Walled:
    """In a box, for code that is not ours."""

    def __init__(self, modules: Iterable[str], *, hidden: Path) -> None:
        """`hidden` is a folder that no run may see. Raises NoWalls."""
        from running.box import Box

        self.box = Box(modules, hidden=hidden, extensions=("kits.startup",), guard="")

    def folder(self, name: str) -> AbstractContextManager[Path]:
        return self.box.folder()

    def open(self, folder: Path, name: str) -> Run:
        return self.box.open(folder, name)

    def is_alive(self) -> bool:
        return self.box.parent.process.poll() is None

    def stop(self) -> None:
        self.box.close()
