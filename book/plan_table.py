"""The plan table of teacher.md: which minutes are spent on what, and in which way."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Minutes of a class hour (课时).
CLASS_HOUR = 40
MODES = ("屏幕", "纸面", "讨论", "活动")

_RANGE = re.compile(r"^\s*(\d+)\s*[-–—~～至]\s*(\d+)")
#: A row says in its first words which section of the lesson it is: "**引入** 老师问……", "打开体验。……", "必做一。……".
_SECTION = re.compile(r"引入|体验|讲解|动手|必做|选做|挑战|自测|思考|小结|三句话")
_FIRST_WORDS = 8
_OTHER_WORDS = {"必做": "动手", "选做": "动手", "挑战": "动手", "三句话": "小结"}


def section_of(what: str) -> str:
    """The section a row's first words name; empty if they name none, and the row goes on with the one before."""
    found = _SECTION.search(what[:_FIRST_WORDS])
    return _OTHER_WORDS.get(found[0], found[0]) if found else ""


@dataclass(frozen=True)
class PlanRow:
    """One line of the plan; `section` is the lesson's part it names, or an empty text."""

    start: int
    end: int
    what: str
    mode: str
    short: str
    section: str

    @property
    def minutes(self) -> int:
        return self.end - self.start


def read_plan(teacher_text: str) -> list[PlanRow]:
    """The rows of every table whose first column is 分钟, in order; lines that are not such rows are left out."""
    rows: list[PlanRow] = []
    in_plan = False
    for line in teacher_text.splitlines():
        if not line.lstrip().startswith("|"):
            in_plan = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == "分钟":
            in_plan = True
            continue
        found = _RANGE.match(cells[0])
        if in_plan and found and len(cells) >= 3:
            mode = next((mode for mode in MODES if mode in cells[2]), cells[2])
            short = cells[3] if len(cells) > 3 else ""
            rows.append(PlanRow(int(found[1]), int(found[2]), cells[1], mode, short, section_of(cells[1])))
    return rows


def class_hours(rows: list[PlanRow]) -> list[list[PlanRow]]:
    """The rows of each class hour: a second one starts again at 0, or goes on at 40."""
    hours: list[list[PlanRow]] = []
    for row in rows:
        if not hours or row.start < hours[-1][-1].end or row.start == CLASS_HOUR:
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
        first, last = spans.get(current, (row.start, row.end))
        spans[current] = (min(first, row.start), max(last, row.end))
    return {name: f"{first}-{last}" for name, (first, last) in spans.items()}


def mode_minutes(rows: list[PlanRow]) -> dict[str, int]:
    """How many minutes of the lesson go to each mode, in the fixed order of modes."""
    totals = {mode: sum(row.minutes for row in rows if row.mode == mode) for mode in MODES}
    return {mode: minutes for mode, minutes in totals.items() if minutes}
