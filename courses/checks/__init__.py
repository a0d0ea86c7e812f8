"""The check: every rule, in the order in which an author wants to hear of faults. It never stops at the first one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from courses.checks import (
    exercises,
    figures,
    front_matter,
    knowledge_order,
    layout,
    marks,
    offline,
    plan,
    python_ladder,
    sameness,
    shape,
    writing,
    young_readers,
)
from courses.checks.rule import Course, Rule, Runs
from courses.curriculum import Curriculum
from courses.finding import Finding
from courses.knowledge import KnowledgeMap
from courses.lesson import Lesson

#: Shape first, then what one lesson says, then how lessons relate, then the slow runs.
MODULES = (
    shape, front_matter, layout, exercises, plan, figures, offline, python_ladder, writing, young_readers,
    knowledge_order, sameness, marks,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(
    value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)
)
#: A lesson that lacks a file, or has a cell that is no Python, fails every run: that is one fault, not one a run.
STOPS_THE_RUN = frozenset({"known-data", "file-there", "code-syntax"})


def check(
    lessons: Iterable[Lesson],
    curriculum: Curriculum,
    knowledge: KnowledgeMap,
    *,
    runs: Runs | None = None,
    only: Collection[str] | None = None,
    complete: bool = False,
) -> list[Finding]:
    """Every fault of the lessons, in the order of the rules, then of file and line.

    `runs` holds a ReferenceRun by lesson id: without it the slow rules are left out. `only` names the lessons to report
    on; the others are still needed to see prerequisites and repetitions. `complete` turns notes into errors.
    """
    course = Course(tuple(lessons), curriculum, knowledge)
    reported = [lesson for lesson in course.lessons if only is None or lesson.id in only]
    folders = {lesson.folder for lesson in reported}
    found: list[Finding] = []
    for rule in RULES:
        if rule.scope == "course":
            hits = rule.findings(curriculum.path.parent, course)
            found += sorted(hit for hit in hits if only is None or hit.path.parent in folders)
        else:
            stopped = {one.path.parent for one in found if one.rule in STOPS_THE_RUN} if rule.scope == "run" else set()
            able = [lesson for lesson in reported if lesson.folder not in stopped]
            found += sorted(hit for lesson in able for hit in _of_lesson(rule, lesson, runs))
    return [replace(one, level="error") for one in found] if complete else found


def check_fast(lesson: Lesson) -> list[Finding]:
    """What can be said about one lesson at once, without a run and without the other lessons."""
    return [hit for rule in RULES if rule.scope == "lesson" for hit in sorted(rule.findings(lesson.folder, lesson))]


def _of_lesson(rule: Rule, lesson: Lesson, runs: Runs | None) -> Iterator[Finding]:
    if rule.scope == "lesson":
        yield from rule.findings(lesson.folder, lesson)
    elif runs is not None and lesson.id in runs:
        yield from rule.findings(lesson.folder, lesson, runs[lesson.id])
