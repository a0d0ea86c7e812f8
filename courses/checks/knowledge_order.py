"""What needs what: ids, prerequisites in the order of teaching, loops in the knowledge map, hours of a grade."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from courses.checks.prose import front_line
from courses.checks.rule import Course, Seen, course_rule
from courses.curriculum import CurriculumEntry, grade_name
from courses.lesson import Lesson


def _named(course: Course, point: str) -> str:
    """K-ML-knn（最近邻投票）"""
    return f"{point}（{course.knowledge[point].name}）" if point in course.knowledge else point


def _place(course: Course, entry: CurriculumEntry, lessons: dict[str, Lesson]) -> tuple[Path, str, int]:
    """Folder, file and line at which an entry says what it teaches."""
    if lesson := lessons.get(entry.id):
        return lesson.folder, "lesson.md", front_line(lesson, "knowledge")
    return course.curriculum.path.parent, course.curriculum.path.name, entry.line


@cache
def _map_line(path: Path, point: str) -> int:
    rows = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return next((number for number, row in enumerate(rows, 1) if row.startswith(f"{point}:")), 1)


@course_rule(
    "duplicate-id",
    what="每一课的课号只用一次",
    why="课号也是作业名和网页名，两课同号就会互相盖掉",
    advice="给其中一课换一个课号，文件夹名一起改",
)
def duplicate_id(course: Course) -> Iterator[Seen]:
    first: dict[str, Lesson] = {}
    for lesson in sorted(course.lessons, key=lambda one: one.folder):
        other = first.setdefault(lesson.id, lesson)
        if other is not lesson:
            seen = f"课号 {lesson.id} 已经用在 {other.folder.parent.name}/{other.folder.name}"
            yield Seen(front_line(lesson, "id"), seen, folder=lesson.folder)


@course_rule(
    "still-planned",
    what="写好的课不再留在计划里",
    why="同一件事写在两处，总有一处会旧",
    advice="从 courses/curriculum.yml 的 plan 里删掉这一行",
)
def still_planned(course: Course) -> Iterator[Seen]:
    written = {lesson.id for lesson in course.lessons}
    for entry in course.curriculum.plan:
        if entry.id in written:
            yield Seen(entry.line, f"{entry.id} 已经写好了", file=course.curriculum.path.name, level="note")


@course_rule(
    "unknown-knowledge",
    what="知识点都在知识地图里",
    why="打错一个字母，这一课就从地图上消失了",
    advice="从 courses/knowledge.yml 里选一个；真的是新的，就先在那里加一行",
)
def unknown_knowledge(course: Course) -> Iterator[Seen]:
    lessons = {lesson.id: lesson for lesson in course.lessons}
    for entry in course.curriculum.entries(course.lessons):
        for point in entry.knowledge:
            if point not in course.knowledge:
                folder, file, line = _place(course, entry, lessons)
                yield Seen(line, f"知识地图里没有 {point}", file=file, folder=folder)
    for point, need in course.knowledge.unknown_needs():
        path = course.knowledge.path
        seen = f"{_named(course, point)} 要先学 {need}，地图里没有它"
        yield Seen(_map_line(path, point), seen, file=path.name, folder=path.parent)


@course_rule(
    "prerequisite-cycle",
    what="知识点的先后不能绕成圈",
    why="绕成圈，哪一个都没法先教",
    advice="在 courses/knowledge.yml 里去掉圈上的一个 needs",
)
def prerequisite_cycle(course: Course) -> Iterator[Seen]:
    path = course.knowledge.path
    for loop in course.knowledge.cycles():
        start = loop.index(min(loop))
        turned = [*loop[start:-1], *loop[: start + 1]]
        seen = "先后绕成了圈：" + " 要先学 ".join(_named(course, point) for point in turned)
        yield Seen(_map_line(path, turned[0]), seen, file=path.name, folder=path.parent)


@course_rule(
    "prerequisite-order",
    what="一课要用的知识点，更早的课已经教过（只在计划里的，先记一笔）",
    why="前面没教过，这一课就听不懂",
    advice="把先学的课往前放，或者换一个知识点",
)
def prerequisite_order(course: Course) -> Iterator[Seen]:
    entries = course.curriculum.entries(course.lessons)
    lessons = {lesson.id: lesson for lesson in course.lessons}
    taught: dict[str, list[CurriculumEntry]] = {}
    for entry in entries:
        for point in entry.knowledge:
            taught.setdefault(point, []).append(entry)
    order = {entry.id: number for number, entry in enumerate(entries)}
    for entry in entries:
        known = [point for point in entry.knowledge if point in course.knowledge]
        needs = {need: point for point in known for need in course.knowledge[point].needs}
        for need, point in needs.items():
            teachers = [one for one in taught.get(need, []) if order[one.id] <= order[entry.id]]
            if any(one.written or one is entry for one in teachers) or need not in course.knowledge:
                continue
            if teachers and not entry.written:
                continue  # the plan is in order; nothing is written yet that could be wrong
            folder, file, line = _place(course, entry, lessons)
            chain = f"{entry.id} 教 {_named(course, point)}，要先学 {_named(course, need)}"
            if teachers:
                where = f"{chain}，它还在计划里（{teachers[0].id}《{teachers[0].title}》）"
                yield Seen(line, where, "等那一课写好，这一条就没有了", file=file, folder=folder, level="note")
            else:
                advice = _where_to_teach(course, need, taught)
                yield Seen(line, f"{chain}，更早的课都没有教", advice, file=file, folder=folder)


def _where_to_teach(course: Course, need: str, taught: dict[str, list[CurriculumEntry]]) -> str:
    later = taught.get(need)
    if later:
        return f"{later[0].id}《{later[0].title}》才教它：把那一课往前放，或者在更早的课里教"
    return f"还没有一课教它：可以放在{grade_name(course.knowledge[need].first_grade)}"


@course_rule(
    "grade-hours",
    what="每个年级的课时够法定的数",
    why="省里规定了每年至少多少课时",
    advice="在 courses/curriculum.yml 的 plan 里补上课",
)
def grade_hours(course: Course) -> Iterator[Seen]:
    total = course.curriculum.hours(course.lessons)
    for grade, least in course.curriculum.minimum_hours.items():
        if (given := total.get(grade, 0)) < least:
            yield Seen(1, f"{grade_name(grade)}只有 {given:g} 课时，至少 {least:g}", file=course.curriculum.path.name)


@course_rule(
    "neighbour-moves",
    what="同一年级相邻的两课不用同一个招（move）",
    why="连着两课同一个玩法，第二课就不新鲜了",
    advice="换一个招，见 move 的清单",
)
def neighbour_moves(course: Course) -> Iterator[Seen]:
    lessons = {lesson.id: lesson for lesson in course.lessons if lesson.front}
    entries = course.curriculum.entries(course.lessons)
    for before, after in zip(entries, entries[1:], strict=False):
        one, other = lessons.get(before.id), lessons.get(after.id)
        if not (one and other and one.front and other.front) or before.grade != after.grade:
            continue
        if one.front.move == other.front.move:
            seen = f"和前一课 {one.id} 一样，也是 {one.front.move}"
            yield Seen(front_line(other, "move"), seen, folder=other.folder)
