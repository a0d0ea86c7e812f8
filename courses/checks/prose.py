"""The prose of a Markdown text, line by line: without code, addresses and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml

from courses import markdown, python
from courses.lesson import Cell, Lesson
from courses.regions import has_region, public_source

#: Stands where a code span, a formula or a value stood: no letter, no punctuation, not Chinese.
GAP = "\ufffc"
HAN = "\u3400-\u4dbf\u4e00-\u9fff"

#: A formula in a line; `$5 和 $9` are prices.
FORMULA = r"(?<!\d)\$(?!\s)[^$\n]+(?<!\s)\$(?!\d)"

_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NOT_PROSE = re.compile(r"``[^`]+``|`[^`]+`|\$\$[^$]+\$\$|" + FORMULA + r"|<[^<>\s]+>|(?:https?|ftp)://[^\s，。；）]+")
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;…])[”’」』）)]*|\n")
_MARKS = re.compile(r"[^\w" + HAN + r"]|_")


@dataclass(frozen=True)
class Line:
    """One line of prose and where it stands. `kind`: text, heading, table (one line for each table cell), alt."""

    file: str
    number: int
    text: str
    kind: str = "text"


@cache
def markdown_lines(text: str, first: int = 1, file: str = "lesson.md") -> tuple[Line, ...]:
    """The prose lines of a Markdown text whose first line is line `first` of its file."""
    rows = text.split("\n")
    found: list[Line] = []
    for number, row in markdown.prose_rows(text, first):
        if not row.startswith("+++") and row.strip():
            found += _line(file, number, row, rows[number - first + 1] if number - first + 1 < len(rows) else "")
    return tuple(found)


def _line(file: str, number: int, row: str, following: str) -> Iterator[Line]:
    for alt in _IMAGE.findall(row):
        yield Line(file, number, alt, "alt")
    row = _NOT_PROSE.sub(GAP, _LINK.sub(r"\1", _IMAGE.sub("", row)))
    row = row.replace("**", "").replace("__", "")
    heading = re.match(r"#{1,6}\s+(.*)", row)
    if heading:
        yield Line(file, number, heading[1], "heading")
    elif row.lstrip().startswith("|"):
        if re.fullmatch(r"[\s|:-]+", row):
            return
        kind = "heading" if re.fullmatch(r"\s*\|[\s|:-]*-[\s|:-]*", following) else "table"
        for cell in row.strip().strip("|").split("|"):
            yield Line(file, number, cell.strip(), kind)
    else:
        yield Line(file, number, re.sub(r"^\s*(?:[-*+]|\d+[.)]|>)\s+", "", row).strip())


def lesson_lines(lesson: Lesson, *files: str) -> Iterator[Line]:
    """The prose of a lesson's text cells and of its other Markdown files."""
    for file in files:
        if file == "lesson.md":
            for cell in lesson.cells:
                if cell.kind == "text" and not has_region(cell, "MARK SCHEME"):
                    yield from markdown_lines(cell.source, cell.line, file)
        else:
            yield from markdown_lines(lesson.texts.get(file, ""), 1, file)


def all_texts(lesson: Lesson) -> Iterator[tuple[str, int, str]]:
    """(file, first line, text) of every Markdown text of a lesson, the teacher's included."""
    for cell in lesson.cells:
        if cell.kind == "text":
            yield "lesson.md", cell.line, cell.source
    for file, text in lesson.texts.items():
        yield file, 1, text


def public_texts(lesson: Lesson) -> Iterator[tuple[str, int, str]]:
    """The same as the book shows them: without mark schemes."""
    for cell in lesson.cells:
        if cell.kind == "text":
            yield "lesson.md", cell.line, public_source(cell)
    for file, text in lesson.texts.items():
        yield file, 1, text


def front_lines(lesson: Lesson) -> Iterator[Line]:
    """The free texts of the front matter: title, objectives, home."""
    if not lesson.front:
        return
    front = lesson.front
    yield Line("lesson.md", front_line(lesson, "title"), front.title)
    for name, text in front.objectives.items():
        yield Line("lesson.md", front_line(lesson, name), text)
    yield Line("lesson.md", front_line(lesson, "home"), front.home)


@cache
def _front_keys(path: str, stamp: float) -> dict[str, int]:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            rows = file.read().split("\n---", 1)[0].split("\n")
    except (OSError, UnicodeDecodeError):
        return {}
    keys: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if found := re.match(r"\s*([\w-]+):", row):
            keys.setdefault(found[1], number)
    return keys


def front_line(lesson: Lesson, key: str) -> int:
    """The line of a key of the front matter (1 where it is missing)."""
    try:
        stamp = lesson.path.stat().st_mtime
    except OSError:
        return 1
    keys = _front_keys(str(lesson.path), stamp)
    return keys.get(key, keys.get("haike", 1))


def hint_lines(lesson: Lesson) -> Iterator[Line]:
    """What mistakes.md says to a child and to a teacher."""
    for mistake in lesson.mistakes:
        yield Line("mistakes.md", mistake.line, mistake.shows, "shows")
        yield Line("mistakes.md", mistake.line, mistake.hint, "hint")


def spoken_lines(lesson: Lesson) -> Iterator[Line]:
    """Chinese that a running cell shows a child: texts given to widgets and to print, messages of asserts."""
    speakers = python.widget_names(lesson) | {"print"}
    for cell in python.code_cells(lesson):
        for node in python.nodes(cell):
            shown: list = []
            if isinstance(node, python.ast.Assert) and node.msg is not None:
                shown = [node.msg]
            elif isinstance(node, python.ast.Call) and python.dotted(node.func) in speakers:
                shown = [*node.args, *(keyword.value for keyword in node.keywords)]
            for part in shown:
                for number, text in python.strings(part):
                    if re.search(f"[{HAN}]", text):
                        yield Line("lesson.md", number, text, "spoken")


def is_test(cell: Cell) -> bool:
    return bool(re.search(r"-(shown|judge)\d*$", cell.grade_id))


def sentences(text: str) -> list[str]:
    """The sentences of a line of prose, ends included."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def bare(sentence: str) -> str:
    """A sentence without spaces, punctuation and gaps: what two sentences are compared by, and measured by."""
    return _MARKS.sub("", sentence)


def han_count(text: str) -> int:
    return len(re.findall(f"[{HAN}]", text))


def read_yaml(text: str) -> object:
    """YAML or None where it cannot be read."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
