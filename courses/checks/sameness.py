"""A hundred lessons are a hundred different lessons: no sentence twice, no skeleton with swapped nouns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courses import kept, python
from courses.checks.prose import Line, bare, front_lines, hint_lines, lesson_lines, sentences, spoken_lines
from courses.checks.rule import Course, Seen, course_rule
from courses.curriculum import grade_name
from courses.lesson import Cell, Lesson
from courses.reading import read_lesson

SHORTEST = 12
STARTER = Path(__file__).parents[1] / "starter"


@dataclass(frozen=True)
class Said:
    """A sentence long enough to be somebody's own: where it stands, and what it is compared by."""

    file: str
    line: int
    sentence: str
    words: str


def said(lesson: Lesson) -> list[Said]:
    """What an author wrote himself, in sentences; short ones say the same in many lessons."""
    return kept.fact(lesson, "said", lambda: list(_said(lesson)))


def _said(lesson: Lesson) -> Iterator[Said]:
    for line in _own_words(lesson):
        for sentence in sentences(line.text):
            words = bare(sentence)
            if len(words) >= SHORTEST:
                yield Said(line.file, line.number, sentence, words)


def _own_words(lesson: Lesson) -> Iterator[Line]:
    """What an author wrote himself."""
    yield from pupils_words(lesson)
    yield from _without_headings(lesson, "teacher.md")
    yield from front_lines(lesson)
    yield from hint_lines(lesson)


def pupils_words(lesson: Lesson) -> Iterator[Line]:
    """What a pupil reads of it on screen and sheet. Headings are fixed; tests of widgets may all ask the same way."""
    yield from _without_headings(lesson, "lesson.md", "sheet.md")
    tests = {number for one in lesson.exercises for cell in one.tests for number in _lines(cell)}
    yield from (line for line in spoken_lines(lesson) if line.number not in tests)


def _without_headings(lesson: Lesson, *files: str) -> Iterator[Line]:
    """The prose of some files without headings, those of tables too."""
    return (line for line in lesson_lines(lesson, *files) if line.kind != "heading")


def _lines(cell: Cell) -> range:
    return range(cell.line, cell.line + cell.source.count("\n") + 1)


@course_rule(
    "repeated-sentence",
    what="十二个字以上的句子，不在两课里出现",
    why="抄来的话没有一句是对这群孩子说的",
    advice="用这一课自己的事重写这一句",
)
def repeated_sentence(course: Course) -> Iterator[Seen]:
    first: dict[str, Lesson] = {}
    for lesson in sorted(course.lessons, key=lambda one: (one.id, one.folder)):
        told: set[str] = set()
        for one in said(lesson):
            other = first.setdefault(one.words, lesson)
            if other is not lesson and other.id != lesson.id and one.words not in told:
                told.add(one.words)
                seen = f"这一句 {other.id} 里也有：{one.sentence}"
                yield Seen(one.line, seen, file=one.file, folder=lesson.folder)


@course_rule(
    "starter-words",
    what="样板课里的话都换成自己的",
    why="样板只教格式；它的话不是这一课的话",
    advice="把样板的话一句一句换掉",
)
def starter_words(course: Course) -> Iterator[Seen]:
    copied = {one.words for one in said(read_lesson(STARTER))}
    for lesson in course.lessons:
        left: dict[str, list[Said]] = {}
        for one in said(lesson):
            if one.words in copied:
                left.setdefault(one.file, []).append(one)
        for file, found in left.items():
            seen = f"还有 {len(found)} 句是样板里的话，第一句：{found[0].sentence}"
            yield Seen(found[0].line, seen, file=file, folder=lesson.folder)


def skeleton(lesson: Lesson) -> tuple[str, ...]:
    """The order of cell kinds and widgets, neighbouring text cells taken as one."""
    return kept.fact(lesson, "skeleton", lambda: _skeleton(lesson))


def _skeleton(lesson: Lesson) -> tuple[str, ...]:
    widgets = python.widget_names(lesson)
    found: list[str] = []
    for cell in lesson.cells:
        kind = _kind(cell, lesson, widgets)
        if kind != "text" or found[-1:] != ["text"]:
            found.append(kind)
    return tuple(found)


def _kind(cell: Cell, lesson: Lesson, widgets: set[str]) -> str:
    exercise = lesson.exercise(cell.grade_id) if cell.grade_id else None
    if cell.kind == "text":
        return "written" if exercise else "text"
    if cell.grade_id:
        return "function" if exercise else "test"
    shown = [name for _, name in python.calls(cell) if name in widgets]
    return "+".join(shown) or "code"


@course_rule(
    "same-skeleton",
    what="同一年级的两课，格子和组件的顺序不能完全一样",
    why="换了名词的同一课，孩子一眼就看得出来",
    advice="换一种玩法，或者换一个组件",
)
def same_skeleton(course: Course) -> Iterator[Seen]:
    first: dict[tuple, Lesson] = {}
    for lesson in sorted(course.lessons, key=lambda one: (one.id, one.folder)):
        if not lesson.front or not lesson.cells:
            continue
        other = first.setdefault((lesson.front.grade, skeleton(lesson)), lesson)
        if other is not lesson and other.id != lesson.id:
            seen = f"和{grade_name(lesson.front.grade)}的 {other.id} 骨架一样：格子和组件的顺序完全相同"
            yield Seen(1, seen, folder=lesson.folder)
