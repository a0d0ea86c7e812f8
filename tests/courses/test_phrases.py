"""Turns of phrase that come again: counted by grade, quickly, and never those of the house."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from courses.checks.phrases import repeated_phrase, sums
from courses.checks.rule import Course, Seen
from courses.lesson import Cell, Lesson

SAID = "机器也会看走眼的时候"


def lesson(number: int, text: str, *, grade: int = 7, terms: tuple[str, ...] = ()) -> Lesson:
    front = cast(Any, SimpleNamespace(grade=grade, terms=list(terms)))
    name = f"j{grade}-{number:02}"
    return Lesson(id=name, folder=Path("/school") / name, front=front, cells=(Cell("text", text, 1),))


def seen(*lessons: Lesson) -> list[Seen]:
    return list(repeated_phrase.look(Course(lessons, cast(Any, None), cast(Any, None))))


def test_the_third_lesson_of_a_grade_is_told_the_whole_phrase_and_only_it() -> None:
    (one,) = seen(lesson(3, f"可是{SAID}，怎么办？"), lesson(1, f"想一想{SAID}。"), lesson(2, SAID))
    assert one.folder == Path("/school/j7-03") and f"“{SAID}”" in one.text and "七年级" in one.text


def test_two_lessons_of_a_grade_or_three_of_three_grades_may_say_it() -> None:
    assert not seen(lesson(1, SAID), lesson(2, SAID), lesson(1, SAID, grade=8), lesson(1, SAID, grade=9))


@pytest.mark.parametrize(("lessons", "told"), [(9, 0), (8, 1)])
def test_a_third_of_a_large_grade_may_say_it(lessons: int, told: int) -> None:
    others = [lesson(number, f"第{'一二三四五六'[number - 4]}样事") for number in range(4, lessons + 1)]
    assert len(seen(*(lesson(number, SAID) for number in (1, 2, 3)), *others)) == told


@pytest.mark.parametrize(
    "text", ["## 机器也会看走眼的时候", "写在学习单上再说", "运行下面这一格看一看", "机器也会，看走眼的", "k 近邻算法"]
)
def test_headings_places_terms_and_parted_words_are_no_phrases(text: str) -> None:
    assert not seen(*(lesson(number, text, terms=("近邻算法",)) for number in (1, 2, 3)))


def test_a_worn_out_phrase_is_counted_in_all_grades() -> None:
    assert len(seen(*(lesson(1, "所以请人看", grade=grade) for grade in (5, 6, 7)))) == 3
    assert not seen(*(lesson(1, "所以请人看", grade=grade) for grade in (5, 6)))
    calm = [lesson(number, "别的话", grade=5) for number in (2, 3)]
    assert len(seen(*(lesson(1, "所以请人看", grade=grade) for grade in (5, 6, 7)), *calm)) == 2


def test_a_lesson_holds_each_phrase_once() -> None:
    assert len(sums(lesson(1, f"{SAID}。{SAID}。"))) == len(SAID) - 4
