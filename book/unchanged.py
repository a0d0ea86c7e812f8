"""What was made from which state of the lessons and of the house: what is still so is not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from build_paths import ROOT, write_atomically
from courses import kept
from courses.lesson import Lesson

#: What each page is made with, besides its lesson and the code that reads and runs it.
PAGE_SOURCES = ("book/*.py", "kits/widgets/**/*", "courses/*.yml")
#: What the whole site is made with.
SITE_SOURCES = (*PAGE_SOURCES, "book/pages/*", "book/assets/*", "book/theme/**/*", "kits/fonts/*", "_config.yml")


class Made:
    """Which files came from which key, in a record beside them; they must still be there in the same size."""

    def __init__(self, record: Path) -> None:
        self.record = record
        try:
            self.known: dict[str, dict] = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.known = {}
        self.now: dict[str, dict] = {}

    def still(self, name: str, key: str) -> set[Path]:
        """The files made under a name, if they are as they were; else none."""
        own = self.known.get(name, {})
        sizes = own.get("files", {})
        if own.get("key") != key or any(_size(Path(path)) != size for path, size in sizes.items()):
            return set()
        self.now[name] = own
        return {Path(path) for path in sizes}

    def add(self, name: str, key: str, files: Iterable[Path]) -> None:
        self.now[name] = {"key": key, "files": {str(path): _size(path) for path in sorted(files)}}

    def save(self) -> None:
        if self.now != self.known:
            write_atomically(self.record, json.dumps(self.now))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def page_key(lesson: Lesson, beside: object) -> str:
    """Of a lesson's pages; `beside` is what they say of other lessons."""
    return _digest([kept.fingerprint(lesson.folder), kept.run_version(), _version(PAGE_SOURCES), repr(beside)])


def site_key(folders: Iterable[Path]) -> str:
    """Of the whole site, by the folders of its lessons."""
    return _digest([_version(SITE_SOURCES), kept.run_version(), *map(kept.fingerprint, folders)])


@cache
def _version(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        if path.suffix != ".pyc":
            digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
