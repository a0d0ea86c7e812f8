"""Which lesson when: school system, bands, minimum hours, order, and the plan of lessons not yet written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courses.lesson import Lesson
from courses.stage import CURRICULUM, GRADES, Grade
from courses.table_file import read_table
from fault import Fault

GRADE_NAMES = (
    "学前", "一年级", "二年级", "三年级", "四年级", "五年级", "六年级",
    "七年级", "八年级", "九年级", "高一", "高二", "高三",
)  # fmt: skip


@dataclass(frozen=True)
class CurriculumEntry:
    """A lesson's place in the whole, written or planned."""

    id: str
    slug: str
    title: str
    grade: Grade
    hours: float
    knowledge: tuple[str, ...]
    written: bool
    line: int = 1


@dataclass(frozen=True)
class Curriculum:
    """curriculum.yml, joined with the written lessons by `entries`."""

    system: str
    bands: dict[str, tuple[Grade, Grade]]
    minimum_hours: dict[Grade, float]
    order: dict[Grade, list[str]]
    plan: tuple[CurriculumEntry, ...]
    path: Path = CURRICULUM

    def band(self, grade: Grade) -> str:
        """The band (学段) a grade belongs to in this school system."""
        for name, (first, last) in self.bands.items():
            if GRADES.index(first) <= GRADES.index(grade) <= GRADES.index(last):
                return name
        raise ValueError(f"grade {grade} is in no band")

    def entries(self, lessons: Iterable[Lesson]) -> list[CurriculumEntry]:
        """Written and planned lessons in teaching order; a written lesson replaces its line of the plan."""
        written = {
            lesson.id: CurriculumEntry(
                lesson.id, lesson.slug, front.title, front.grade, front.hours, tuple(front.knowledge), True
            )
            for lesson in lessons
            if (front := lesson.front)
        }
        joined = {entry.id: entry for entry in self.plan} | written
        return sorted(joined.values(), key=self.position)

    def position(self, entry: CurriculumEntry) -> tuple[int, int, str]:
        """Sort key: the grade, the place in the grade's own order if it has one, the id."""
        own = self.order.get(entry.grade, [])
        place = own.index(entry.id) if entry.id in own else len(own)
        return GRADES.index(entry.grade), place, entry.id

    def hours(self, lessons: Iterable[Lesson]) -> dict[Grade, float]:
        """Class hours (课时) of each grade, planned and written together."""
        total: dict[Grade, float] = defaultdict(float)
        for entry in self.entries(lessons):
            total[entry.grade] += entry.hours
        return dict(total)


def read_curriculum(path: Path = CURRICULUM) -> Curriculum:
    """Read curriculum.yml. Raises Fault."""
    data = read_table(path)
    try:
        return _curriculum(data, path)
    except (KeyError, TypeError, AttributeError) as error:
        lacking = f"缺少 {error}" if isinstance(error, KeyError) else "有一项写法不对"
        raise Fault(f"{path}:1  课程表{lacking}。对照版本库里的写法改正，再运行一次。") from error


def _curriculum(data: dict[str, Any], path: Path) -> Curriculum:
    text = path.read_text(encoding="utf-8")
    system = data["system"]
    lines = {
        found[1]: number
        for number, line in enumerate(text.split("\n"), 1)
        if (found := re.search(r"\{id: ([\w-]+)", line))
    }
    plan = tuple(
        CurriculumEntry(
            row["id"], row["slug"], row["title"], row["grade"], row["hours"], tuple(row["knowledge"]), False,
            lines.get(row["id"], 1),
        )
        for row in data["plan"] or []
    )  # fmt: skip
    bands = {name: tuple(grades[system]) for name, grades in data["bands"].items()}
    return Curriculum(system, bands, data["minimum_hours"], data["order"] or {}, plan, path)


def grade_name(grade: Grade) -> str:
    """The grade as a teacher says it: 学前, 七年级, 高一, 中职, 教师."""
    return {"voc": "中职", "teacher": "教师"}.get(str(grade)) or GRADE_NAMES[int(grade)]


def grade_folder(grade: Grade) -> str:
    """The folder of a grade under courses/lessons/."""
    return {"voc": "vocational", "teacher": "teachers"}.get(str(grade)) or f"grade-{int(grade):02d}"
