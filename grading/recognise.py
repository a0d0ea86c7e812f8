"""Why an answer may be wrong: the way it fails, compared with the ways the lesson's typical mistakes fail.

It is a guess and is always told as "maybe".
"""

from __future__ import annotations

from collections.abc import Iterable

from courses.lesson import Exercise, Lesson, Mistake
from courses.reference_run import ReferenceRun
from grading.result import CellResult

Ways = dict[str, tuple[str, str]]  # test cell → (exception, message)


def recognise(lesson: Lesson, run: ReferenceRun, cells: Iterable[CellResult]) -> dict[str, Mistake]:
    """exercise id → the mistake whose tests fail in the same way: same cells, same exception, same message."""
    by_id = {cell.grade_id: cell for cell in cells}
    found = {one.id: failing_like(lesson, run, one, own_ways(one, by_id)) for one in lesson.exercises}
    return {exercise_id: mistake for exercise_id, mistake in found.items() if mistake}


def failing_like(lesson: Lesson, run: ReferenceRun, exercise: Exercise, ways: Ways) -> Mistake | None:
    """The first of the exercise's typical mistakes that fails in these ways."""
    own = (one for one in lesson.mistakes if one.of == exercise.id)
    return next((one for one in own if ways and mistake_ways(exercise, run, one) == ways), None)


def own_ways(exercise: Exercise, cells: dict[str, CellResult]) -> Ways:
    """Of each of the exercise's tests that cost marks."""
    return {
        test.grade_id: (cell.ename, cell.seen)
        for test in exercise.tests
        if (cell := cells.get(test.grade_id)) and cell.score is not None and cell.score < cell.max_score
    }


def mistake_ways(exercise: Exercise, run: ReferenceRun, mistake: Mistake) -> Ways:
    ways = run.mistakes[mistake.id].ways if mistake.id in run.mistakes else {}
    own = {test.grade_id for test in exercise.tests}
    return {grade_id: (way.ename, way.seen) for grade_id, way in ways.items() if grade_id in own}
