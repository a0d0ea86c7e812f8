"""Why an answer may be wrong: it fails as a typical mistake of the lesson does, or as a small change of the reference
that stands in it, or its code holds a common slip.

It is a guess and is always told as "maybe". What was run is compared and what was written is read; nothing of a pupil's
is run for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from courses.lesson import Exercise, Lesson, Mistake
from courses.mutations import mutations, told_by
from courses.reference_run import AnswerRun, ReferenceRun
from courses.slips import MILD, find_slip
from grading.result import CellResult

Ways = dict[str, tuple[str, str]]  # test cell → (exception, message)


def recognise(
    lesson: Lesson, run: ReferenceRun, cells: Iterable[CellResult], answers: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Mistake]:
    """exercise id → the mistake that its answer may hold; `answers` are the pupil's cells by the exercise's id."""
    by_id = {cell.grade_id: cell for cell in cells}
    found = {
        one.id: mistake_in(lesson, run, one, own_ways(one, by_id), answers.get(one.id, "")) for one in lesson.exercises
    }
    return {exercise_id: mistake for exercise_id, mistake in found.items() if mistake}


def mistake_in(lesson: Lesson, run: ReferenceRun, exercise: Exercise, ways: Ways, answer: str) -> Mistake | None:
    """The typical mistake that fails in these ways and holds the same slip as the answer, or both none; else a small
    change of the reference that fails so and stands in the answer; else its slip.

    Answers that hand back the same may be wrong for different reasons: where a mistake's own code shows a slip that is
    not in the answer, or the answer one that is not in the mistake's, it is another mistake.
    """
    if not ways:
        return None
    name, hint = find_slip(lesson, exercise, answer, "\n".join(seen for _, seen in ways.values()))
    for one in lesson.mistakes:
        if one.of == exercise.id and run_ways(exercise, run.mistakes.get(one.id)) == ways:
            own = run.mistakes[one.id].ways.values()
            its, _ = find_slip(lesson, exercise, one.source, "\n".join(way.seen for way in own))
            if not answer or its == name or {its, name} <= MILD | {""}:
                return one
    alike = [one for one in mutations(exercise) if run_ways(exercise, run.mutations.get(one.name)) == ways]
    changed = {one.id: told for one in alike if (told := told_by(one, exercise, answer))}
    if len(set(changed.values())) == 1:
        name, hint = next(iter(changed.items()))
    return Mistake(exercise.id, name, "", hint, answer, exercise.answer.line) if name else None


def own_ways(exercise: Exercise, cells: dict[str, CellResult]) -> Ways:
    """Of each of the exercise's tests that cost marks."""
    return {
        test.grade_id: (cell.ename, cell.seen)
        for test in exercise.tests
        if (cell := cells.get(test.grade_id)) and cell.score is not None and cell.score < cell.max_score
    }


def run_ways(exercise: Exercise, tried: AnswerRun | None) -> Ways:
    own = {test.grade_id for test in exercise.tests}
    ways = tried.ways if tried else {}
    return {grade_id: (way.ename, way.seen) for grade_id, way in ways.items() if grade_id in own}
