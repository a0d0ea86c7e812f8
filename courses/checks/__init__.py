"""The check: every rule, in the order in which an author wants to hear of faults. It never stops at the first one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from courses import kept
from courses.checks import (
    exercises,
    figures,
    formulas,
    front_matter,
    knowledge_order,
    layout,
    load,
    marks,
    mutants,
    offline,
    outputs,
    phrases,
    pictures,
    plan,
    plan_pages,
    python_ladder,
    sameness,
    self_tests,
    shape,
    teachers_key,
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
    shape, front_matter, layout, exercises, self_tests, plan, plan_pages, load, teachers_key, figures, pictures,
    formulas, offline, python_ladder, writing, young_readers, knowledge_order, sameness, phrases, marks, mutants,
    outputs,
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
    variants: bool = True,
    only: Collection[str] | None = None,
    alone: bool = False,
    complete: bool = False,
) -> list[Finding]:
    """Every fault of the lessons, in the order of the rules, then of file and line.

    `runs` holds a ReferenceRun by lesson id, of references alone without `variants`, and may leave out lessons that are
    not `to_run`: without it the slow rules are left out. `only` names the lessons to report on; the others are still
    needed to see prerequisites and repetitions; `alone` says that they have not been read. `complete` turns notes into
    errors.
    """
    course = Course(tuple(lessons), curriculum, knowledge)
    reported = [lesson for lesson in course.lessons if only is None or lesson.id in only]
    folders = {lesson.folder for lesson in reported}
    found: list[Finding] = []
    for rule in RULES:
        if rule.scope == "course" and not alone:
            hits = rule.findings(curriculum.path.parent, course)
            found += sorted(hit for hit in hits if only is None or hit.path.parent in folders)
        elif rule.scope == "lesson":
            found += sorted(hit for lesson in reported for hit in _of_text(rule, lesson))
        elif rule.scope == "run" and runs is not None:
            found += sorted(hit for lesson in reported for hit in _of_run(rule, lesson, runs, variants))
    kept.save()
    return [replace(one, level="error") for one in found] if complete else found


def check_fast(lesson: Lesson) -> list[Finding]:
    """What can be said about one lesson at once, without a run and without the other lessons."""
    return [hit for rule in RULES if rule.scope == "lesson" for hit in _of_text(rule, lesson)]


def to_run(lessons: Iterable[Lesson], *, variants: bool = True) -> list[Lesson]:
    """The lessons whose runs the rules have yet to look at: nothing keeps them from running, and they have changed."""
    return [
        lesson
        for lesson in lessons
        if not (lesson.obstacles or _cannot_run(lesson))
        and not all(
            kept.knows(lesson, _name(rule, variants), kept.run_version()) for rule in RULES if rule.scope == "run"
        )
    ]


def _cannot_run(lesson: Lesson) -> bool:
    return any(_of_text(rule, lesson) for rule in RULES if rule.id in STOPS_THE_RUN)


def _of_text(rule: Rule, lesson: Lesson) -> list[Finding]:
    return kept.fact(lesson, _name(rule, True), lambda: sorted(rule.findings(lesson.folder, lesson)))


def _of_run(rule: Rule, lesson: Lesson, runs: Runs, variants: bool) -> list[Finding]:
    name, version = _name(rule, variants), kept.run_version()
    if _cannot_run(lesson) or not (lesson.id in runs or kept.knows(lesson, name, version)):
        return []
    return kept.fact(lesson, name, lambda: list(rule.findings(lesson.folder, lesson, runs[lesson.id])), version)


def _name(rule: Rule, variants: bool) -> str:
    return f"rule {rule.id}" if variants else f"rule {rule.id}, references alone"
