"""Which files of its folder a lesson takes along: its data and its pictures; those of a mark scheme stay behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from courses import markdown
from courses.lesson import Cell, Lesson
from courses.regions import public_source

CARD_PICTURE = "picture.svg"
PICTURE_KINDS = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
#: A picture within a string of code, as `display(Markdown("![…](boat.svg)"))` has it.
_IN_CODE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>\"']+)")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]*:")


def file_at(folder: Path, address: str) -> Path | None:
    """Where in the folder an address leads to; None if it leads out of it, by whatever way.

    Both slashes, percent signs, drive letters and links of the file system are seen through; the file need not exist.
    """
    name = unquote(re.split(r"[?#]", address)[0])
    if not name or _SCHEME.match(name) or name.startswith("/") or "\\" in name or "\0" in name:
        return None
    path = folder / PurePosixPath(name)
    inside = ".." not in PurePosixPath(name).parts and path.resolve().is_relative_to(folder.resolve())
    return path if inside else None


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_KINDS


def picture_at(folder: Path, address: str) -> Path | None:
    """The picture of the lesson that an address leads to, if there is one."""
    path = file_at(folder, address)
    return path if path and is_picture(path) and path.is_file() else None


def data_files(lesson: Lesson) -> list[tuple[str, Path]]:
    """(name, path) of what lies in the lesson's data/; a link of the file system that leads out is left aside."""
    found = sorted(path for path in (lesson.folder / "data").rglob("*") if path.is_file())
    return [(_name(lesson, path), path) for path in found if _is_inside(lesson, path)]


def public_files(lesson: Lesson) -> list[tuple[str, Path]]:
    """(name in the assignment, path) of what travels with the notebook: data, and pictures a pupil sees."""
    data, secret = dict(data_files(lesson)), dict(secret_files(lesson))
    card = picture_at(lesson.folder, CARD_PICTURE)
    pictures = {_name(lesson, path): path for path in sorted({*_shown(lesson), *([card] if card else [])})}
    return [(name, path) for name, path in (data | pictures).items() if name not in secret]


def secret_files(lesson: Lesson) -> list[tuple[str, Path]]:
    """(name, path) of the pictures that stand in a mark scheme or a solution only: a teacher's."""
    open_text = "\n".join(public_source(cell) for cell in lesson.cells)
    named = {path for cell in lesson.cells for path in _pictures(lesson, cell, cell.source)} - _shown(lesson)
    return [(_name(lesson, path), path) for path in sorted(named) if path.name not in open_text]


def _shown(lesson: Lesson) -> set[Path]:
    return {path for cell in lesson.cells for path in _pictures(lesson, cell, public_source(cell))}


def _is_inside(lesson: Lesson, path: Path) -> bool:
    """A link of the file system may lead anywhere."""
    return path.resolve().is_relative_to(lesson.folder.resolve())


def _pictures(lesson: Lesson, cell: Cell, text: str) -> Iterator[Path]:
    addresses = _IN_CODE.findall(text) if cell.kind == "code" else [one.address for one in markdown.pictures(text)]
    for address in addresses:
        if path := picture_at(lesson.folder, address):
            yield path


def _name(lesson: Lesson, path: Path) -> str:
    return path.relative_to(lesson.folder).as_posix()
