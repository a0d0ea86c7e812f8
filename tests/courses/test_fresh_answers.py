"""No wrong answer of somebody who had only the release gets full marks, and no right one loses a point.

A few of each function here; tests/bench/fresh.py runs them all.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from courses.reading import find_lesson
from tests.courses.fresh_answers import ROUNDS, Fresh, fresh_answers, lessons_answered, run

LESSONS = lessons_answered()


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("lesson_id", LESSONS)
def test_there_are_many_for_each_function(lesson_id: str, round_: str) -> None:
    lesson, answers = find_lesson(lesson_id), fresh_answers(lesson_id, [round_])
    assert lesson
    for exercise in lesson.exercises:
        if exercise.form == "function":
            own = [one for one in answers if one.exercise == exercise.id]
            assert sum(not one.is_right for one in own) >= 12 and sum(one.is_right for one in own) >= 8, exercise.id
    assert len({one.source for one in answers}) == len(answers)


def a_few(answers: list[Fresh]) -> list[Fresh]:
    kinds: dict[tuple[str, bool], list[Fresh]] = {}
    for one in answers:
        kinds.setdefault((one.exercise, one.is_right), []).append(one)
    return [one for own in kinds.values() for one in random.Random(7).sample(own, 4)]


@pytest.mark.slow
@pytest.mark.parametrize("lesson_id", LESSONS)
def test_marks(lesson_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path))
    lesson, answers = find_lesson(lesson_id), a_few(fresh_answers(lesson_id))
    assert lesson
    _, found = run(lesson, answers)
    marked = [(one, answer) for one, answer in zip(answers, found, strict=True) if one.is_right != answer.is_full]
    assert not [(one.exercise, one.about, list(answer.ways.values())) for one, answer in marked]
