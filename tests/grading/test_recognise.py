"""The hint of a typical mistake goes to whoever failed in the same way, and to nobody else."""

from __future__ import annotations

from courses.lesson import Lesson
from courses.reference_run import reference_run
from grading.recognise import recognise
from grading.result import CellResult


def failing(lesson: Lesson, mistake_id: str) -> list[CellResult]:
    """The cells of a submission that makes this declared mistake."""
    run = reference_run(lesson).mistakes[mistake_id]
    return [
        CellResult(key, score, full, *((run.ways[key].ename, run.ways[key].seen) if key in run.ways else ("", "")))
        for key, (score, full) in run.scores.items()
    ]


def test_every_declared_mistake_is_recognised(lesson: Lesson) -> None:
    run = reference_run(lesson)
    for mistake in lesson.mistakes:
        found = recognise(lesson, run, failing(lesson, mistake.id))
        assert found[mistake.of].id == mistake.id


def test_another_way_of_failing_gets_no_hint(lesson: Lesson) -> None:
    cells = [
        CellResult("secret-shown", 0, 1, "AssertionError", "你数出了 77 个字，再数一遍"),
        CellResult("secret-judge", 0, 2, "NameError", "name 'w' is not defined"),
    ]
    assert recognise(lesson, reference_run(lesson), cells) == {}


def test_full_marks_get_no_hint(lesson: Lesson) -> None:
    cells = [CellResult("secret-shown", 1, 1), CellResult("secret-judge", 2, 2)]
    assert recognise(lesson, reference_run(lesson), cells) == {}
