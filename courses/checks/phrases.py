"""A turn of phrase that a class hears lesson after lesson: it was fresh once."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from courses import kept
from courses.checks.prose import GAP, HAN, Line
from courses.checks.rule import Course, Seen, course_rule, of_the_second_edition
from courses.checks.sameness import pupils_words
from courses.curriculum import grade_name
from courses.lesson import Lesson

SHORTEST = 5
LESSONS = 3
#: A share of a grade's lessons: one in so many.
SHARE = 3
#: Endings that our first lessons wore out: counted in all grades together.
WORN_OUT = ("谁吃亏", "请人看", "它只会")
#: Where to work: said in every lesson, and rightly the same each time.
PLACES = ("学习单", "这一格")
_RUN = re.compile(f"[{HAN}]{{{SHORTEST},}}")


@dataclass(frozen=True)
class Heard:
    """A phrase of a lesson, and the first line that holds it."""

    phrase: str
    line: Line


@course_rule(
    "repeated-phrase",
    what="五个字以上的说法，不在一个年级三课以上、三分之一以上的课里出现；用滥了的说法各年级合起来数",
    why="第三次听见同一句话，学生就不听了",
    advice="换成这一课里看得见的事",
)
def repeated_phrase(course: Course) -> Iterator[Seen]:
    grades: dict[object, list[Lesson]] = defaultdict(list)
    for lesson in sorted(course.lessons, key=lambda one: one.id):
        if lesson.front:
            grades[lesson.front.grade].append(lesson)
    worn_out = Counter(heard.phrase for lesson in course.lessons for heard in _worn_out(lesson))
    for grade, lessons in grades.items():
        for lesson in lessons:
            for heard in _worn_out(lesson):
                own = sum(any(heard.phrase == one.phrase for one in _worn_out(other)) for other in lessons)
                if worn_out[heard.phrase] >= LESSONS and own * SHARE > len(lessons):
                    yield _seen(lesson, f"已有 {worn_out[heard.phrase]} 课说“{heard.phrase}”", heard.line)
        yield from _of_a_grade(grade, lessons)


def _of_a_grade(grade: Any, lessons: list[Lesson]) -> Iterator[Seen]:
    """Phrases are counted by their sums, which are kept; only where one comes too often the texts are read again.

    As many lessons as may have a phrase keep it; those after them are told, once for each line.
    """
    few = max(LESSONS - 1, len(lessons) // SHARE)
    number = Counter(own for lesson in lessons for own in (sums(lesson) if len(lessons) > few else ()))
    often = {own for own, times in number.items() if times > few}
    before: Counter[str] = Counter()
    for lesson in lessons if often else ():
        too_many: dict[Line, list[str]] = {}
        for heard in _heard(lesson, often):
            before[heard.phrase] += 1
            if before[heard.phrase] > few:
                too_many.setdefault(heard.line, []).append(heard.phrase)
        for line, phrases in too_many.items():
            most = max(before[phrase] for phrase in phrases)
            yield _seen(lesson, f"{grade_name(grade)}到这里已有 {most} 课说“{_joined(phrases)}”", line)


def _seen(lesson: Lesson, text: str, line: Line) -> Seen:
    return Seen(line.number, text, file=line.file, folder=lesson.folder, level=of_the_second_edition(lesson))


def _joined(phrases: list[str]) -> str:
    """The first of the phrases of a line, with those that go on from it."""
    whole = phrases[0]
    for phrase in phrases[1:]:
        if whole.endswith(phrase[:-1]):
            whole += phrase[-1]
    return whole


def sums(lesson: Lesson) -> array[int]:
    """A checksum of each phrase of the shortest length, each once: small to keep and quick to count."""
    return kept.fact(lesson, "phrases", lambda: array("I", sorted({_sum(phrase) for _, phrase in _phrases(lesson)})))


def _worn_out(lesson: Lesson) -> list[Heard]:
    return kept.fact(lesson, "worn-out phrases", lambda: list(_find_worn_out(lesson)))


def _find_worn_out(lesson: Lesson) -> Iterator[Heard]:
    for phrase in WORN_OUT:
        if line := next((line for line in pupils_words(lesson) if phrase in line.text), None):
            yield Heard(phrase, line)


def _heard(lesson: Lesson, often: set[int]) -> list[Heard]:
    """The phrases of a lesson whose sum comes often."""
    found: dict[str, Line] = {}
    for line, phrase in _phrases(lesson):
        if _sum(phrase) in often:
            found.setdefault(phrase, line)
    return [Heard(phrase, line) for phrase, line in found.items()]


def _phrases(lesson: Lesson) -> Iterator[tuple[Line, str]]:
    """Every phrase of the shortest length within punctuation; terms and places are taken out."""
    aside = re.compile("|".join(map(re.escape, (*PLACES, *(lesson.front.terms if lesson.front else [])))))
    for line in pupils_words(lesson):
        for run in _RUN.findall(aside.sub(GAP, line.text)):
            yield from ((line, run[start : start + SHORTEST]) for start in range(len(run) - SHORTEST + 1))


def _sum(phrase: str) -> int:
    return crc32(phrase.encode())
