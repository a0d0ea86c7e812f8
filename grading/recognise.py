"""Why an answer may be wrong: the way it fails, compared with the ways the lesson's typical mistakes fail.

It is a guess and is always told as "maybe".
"""

from __future__ import annotations

from collections.abc import Iterable

from courses.lesson import Exercise, Lesson, Mistake
from courses.reference_run import ReferenceRun
from grading.result import CellResult


def recognise(lesson: Lesson, run: ReferenceRun, cells: Iterable[CellResult]) -> dict[str, Mistake]:
    """exercise id → the mistake whose tests fail in the same way: same cells, same exception, same message."""
    by_id = {cell.grade_id: cell for cell in cells}
    found = {}
    for exercise in lesson.exercises:
        mine = own_ways(exercise, by_id)
        if not mine:
            continue
        for mistake in lesson.mistakes:
            if mistake.of == exercise.id and mine == mistake_ways(exercise, run, mistake):
                found[exercise.id] = mistake
                break
    return found


def own_ways(exercise: Exercise, cells: dict[str, CellResult]) -> dict[str, tuple[str, str]]:
    """test cell → (exception, message) of each of the exercise's tests that cost marks."""
    return {
        test.grade_id: (cell.ename, cell.seen)
        for test in exercise.tests
        if (cell := cells.get(test.grade_id)) and cell.score is not None and cell.score < cell.max_score
    }


def mistake_ways(exercise: Exercise, run: ReferenceRun, mistake: Mistake) -> dict[str, tuple[str, str]]:
    ways = run.mistakes[mistake.id].ways if mistake.id in run.mistakes else {}
    own = {test.grade_id for test in exercise.tests}
    return {grade_id: (way.ename, way.seen) for grade_id, way in ways.items() if grade_id in own}
