"""The plan table of teacher.md, read once for the check and the book: which minutes are spent on what, and how."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from courses import markdown

#: Minutes of a class hour (课时).
CLASS_HOUR = 40
MODES = ("屏幕", "纸面", "讨论", "活动")

#: `0-3` as teachers write it: any dash, 到 or 至, digits of full width, with or without 第 and 分钟.
_RANGE = re.compile(r"第?\s*(\d+)\s*分?钟?\s*[-‐‑–—−~〜到至]+\s*第?\s*(\d+)\s*分?钟?")
#: A row says in its first words which section of the lesson it is: "**引入** 老师问……", "打开体验。……", "必做一。……".
_SECTION = re.compile(r"引入|体验|讲解|动手|必做|选做|挑战|自测|思考|小结|三句话")
_FIRST_WORDS = 8
_OTHER_WORDS = {"必做": "动手", "选做": "动手", "挑战": "动手", "三句话": "小结"}


@dataclass(frozen=True)
class PlanRow:
    """One row: from minute `start` to `end`, in one mode; it has so many `cells`, the table so many `columns`.

    What cannot be read is None: the check tells it with the row's line, the book leaves the row out.
    """

    line: int
    start: int | None
    end: int | None
    what: str
    mode: str
    cells: int
    columns: int

    @property
    def minutes(self) -> int:
        return (self.end or 0) - (self.start or 0)

    @property
    def section(self) -> str:
        """The lesson's part that the first words name; empty if they name none: it goes on with the one before."""
        found = _SECTION.search(self.what[:_FIRST_WORDS])
        return _OTHER_WORDS.get(found[0], found[0]) if found else ""


@lru_cache(maxsize=1024)
def read_tables(teacher_text: str) -> tuple[tuple[PlanRow, ...], ...]:
    """Every table whose first column is 分钟 and that has a column 方式."""
    found: list[list[PlanRow]] = []
    header: list[str] = []
    last = -1
    for number, row in markdown.prose_rows(teacher_text):
        if not row.lstrip().startswith("|"):
            continue
        cells = [_plain(cell) for cell in re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|"))]
        if number != last + 1:
            header = cells
            found += [[]] if _is_plan(header) else []
        elif _is_plan(header) and not re.fullmatch(r"[\s|:-]+", row):
            found[-1].append(_row(number, cells, len(header)))
        last = number
    return tuple(map(tuple, found))


def read_plan(teacher_text: str) -> list[PlanRow]:
    """The rows of all plan tables whose minutes can be read, in order."""
    rows = [row for table in read_tables(teacher_text) for row in table]
    return [row for row in rows if row.start is not None and row.end is not None and row.end > row.start]


def _is_plan(header: list[str]) -> bool:
    return header[0] == "分钟" and "方式" in header


def _plain(cell: str) -> str:
    """A cell without emphasis; digits, dashes and spaces of full width as the usual ones."""
    return re.sub(r"[*`]", "", unicodedata.normalize("NFKC", cell)).strip()


def _row(number: int, cells: list[str], columns: int) -> PlanRow:
    minutes = _RANGE.fullmatch(cells[0])
    return PlanRow(
        line=number,
        start=int(minutes[1]) if minutes else None,
        end=int(minutes[2]) if minutes else None,
        what=cells[1] if len(cells) > 1 else "",
        mode=cells[2] if len(cells) > 2 else "",
        cells=len(cells),
        columns=columns,
    )


def class_hours(rows: list[PlanRow]) -> list[list[PlanRow]]:
    """The rows of each class hour: a second one starts again at 0, or goes on at 40."""
    hours: list[list[PlanRow]] = []
    for row in rows:
        start, before = row.start or 0, hours[-1][-1].end or 0 if hours else 0
        if not hours or start < before or start == CLASS_HOUR:
            hours.append([])
        hours[-1].append(row)
    return hours


def section_minutes(rows: list[PlanRow]) -> dict[str, str]:
    """`{"引入": "0-3", …}` of one class hour: from the first to the last minute of each section.

    The first rows belong to 引入 whether they say so or not; a row that names no section goes on with the one before.
    """
    spans: dict[str, tuple[int, int]] = {}
    current = "引入"
    for row in rows:
        current = row.section or current
        start, end = row.start or 0, row.end or 0
        first, last = spans.get(current, (start, end))
        spans[current] = (min(first, start), max(last, end))
    return {name: f"{first}-{last}" for name, (first, last) in spans.items()}


def mode_minutes(rows: list[PlanRow]) -> dict[str, int]:
    """How many minutes of the lesson go to each mode, in the fixed order of modes."""
    totals = {mode: sum(row.minutes for row in rows if row.mode == mode) for mode in MODES}
    return {mode: minutes for mode, minutes in totals.items() if minutes}
