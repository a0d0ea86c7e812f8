"""Where lessons stand: our own folder, and over it the roots of a school (HAIKE_ROOTS)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

LESSONS = Path(__file__).parent / "lessons"


def lesson_roots() -> list[Path]:
    """The folders that hold lessons: ours, then those of HAIKE_ROOTS; a later root lies over an earlier one."""
    extra = [Path(root).expanduser() for root in os.environ.get("HAIKE_ROOTS", "").split(os.pathsep) if root]
    return [LESSONS, *extra]


def is_ours(folder: Path) -> bool:
    """Whether a lesson's folder is one of ours, not of a school's own root."""
    return folder.is_relative_to(LESSONS)


def lesson_folders(roots: Iterable[Path] | None = None) -> list[Path]:
    """Folders with a lesson.md, in all roots; a folder of the same id in a later root replaces the earlier one.

    Two folders of one id in the *same* root are both returned: the check reports them.
    """
    chosen: dict[str, list[Path]] = {}
    for root in roots or lesson_roots():
        found: dict[str, list[Path]] = {}
        for path in sorted(root.glob("*/*/lesson.md")):
            found.setdefault(folder_id(path.parent), []).append(path.parent)
        chosen |= found
    return [folder for folders in chosen.values() for folder in folders]


def folder_id(folder: Path) -> str:
    """`j7-03-knn-digits` → `j7-03`."""
    return "-".join(folder.name.split("-")[:2])
