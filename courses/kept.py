"""What has been found out about a lesson is kept in build/kept/ until its files, or the code that found it, change.

A file for each lesson, safe to delete at any time. It is a pickle, because a lesson says by identity which of its cells
is an exercise's answer; only our own commands write there.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from build_paths import ROOT, build_dir, write_atomically
from courses.lesson import Lesson
from courses.stage import facts

T = TypeVar("T")
#: What the code that reads and judges a lesson's text looks at outside of it.
READ_BY_RULES = ("kits/pinyin.py", "kits/pinyin_corrections.txt", "kits/datasets/*/card.yml", "requirements.lock")
#: What a run depends on besides: a change of it runs again only what it touches, but the rules look at all runs anew.
RUN_BY_CELLS = ("kits/**/*", "running/**/*.py")


@dataclass
class Kept:
    """The lesson of a folder and what is known of it: name → (the version of what it also depends on, the value)."""

    key: str
    lesson: Lesson
    facts: dict[str, tuple[str, Any]] = field(default_factory=dict)
    changed: bool = True


_known: dict[Path, Kept] = {}


def lesson_of(folder: Path, read: Callable[[Path], Lesson]) -> Lesson:
    """The lesson as it was read last time, or as it is read now."""
    key = fingerprint(folder)
    kept = _known.get(folder)
    if kept is None or kept.key != key:
        kept = _known[folder] = _load(folder, key) or Kept(key, read(folder))
    return kept.lesson


def fact(lesson: Lesson, name: str, find: Callable[[], T], version: str = "") -> T:
    """What is kept under a name; found now if it is new.

    It must follow from the lesson's files, the code of this room and the `version` alone.
    """
    kept = _own(lesson)
    if kept is None:  # a lesson made in memory, or an older reading
        return find()
    if name not in kept.facts or kept.facts[name][0] != version:
        kept.facts[name] = (version, find())
        kept.changed = True
    return kept.facts[name][1]


def knows(lesson: Lesson, name: str, version: str = "") -> bool:
    kept = _own(lesson)
    return kept is not None and name in kept.facts and kept.facts[name][0] == version


def save() -> None:
    """Write what has been found out since the last time."""
    for folder, kept in _known.items():
        if kept.changed:
            content = pickle.dumps((kept.lesson, kept.facts), pickle.HIGHEST_PROTOCOL)
            write_atomically(_path(folder), kept.key.encode() + b"\n" + content)
            kept.changed = False


def _own(lesson: Lesson) -> Kept | None:
    kept = _known.get(lesson.folder)
    return kept if kept and kept.lesson is lesson else None


def _load(folder: Path, key: str) -> Kept | None:
    try:
        found, _, content = _path(folder).read_bytes().partition(b"\n")
        if found != key.encode():
            return None
        lesson, facts = pickle.loads(content)
    except (OSError, ValueError, TypeError, AttributeError, ImportError, EOFError, pickle.UnpicklingError):
        return None  # missing or damaged: it is only a store
    return Kept(key, lesson, facts, changed=False)


def _path(folder: Path) -> Path:
    return build_dir() / "kept" / f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def fingerprint(folder: Path) -> str:
    """A hash of the folder's place, of its files, and of the code that reads and judges them."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return _hash([str(folder), _code_version()], files)


@cache
def _code_version() -> str:
    own = (ROOT / "courses").glob("*.py")
    told = repr(sorted(facts().items()))  # of the curriculum, a rule about one lesson asks this only
    return _hash([told], [*own, *(ROOT / "courses" / "checks").glob("*.py"), *_matching(READ_BY_RULES)])


@cache
def run_version() -> str:
    """The version of everything a lesson's cells may run with."""
    return _hash([], (path for path in _matching(RUN_BY_CELLS) if path.suffix not in (".js", ".css", ".pyc")))


def _matching(patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in ROOT.glob(pattern)]


def _hash(words: Iterable[str], files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for path in sorted(files):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
