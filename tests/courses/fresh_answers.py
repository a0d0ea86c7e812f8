"""Answers that no author of a lesson wrote: tests/courses/fresh/<round>/<lesson>/<exercise>-{wrong,right}.txt.

They come from readers who had the released lesson only. A line `# %% about it` stands before each: of a wrong one the
cause, of a right one what is special about it. The lessons' mistakes were written with the first round at hand and the
bank of slips with the second; the hints were mended with the third. So each round measures only what was there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from courses.lesson import Lesson, Mistake
from courses.reference_run import AnswerRun, ReferenceRun, reference_run

FRESH = Path(__file__).parent / "fresh"
ROUNDS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Fresh:
    """One answer: of which exercise, whether it is right, and in a line why not, or what is special about it."""

    exercise: str
    is_right: bool
    about: str
    source: str

    def as_mistake(self, number: int) -> Mistake:
        return Mistake(self.exercise, f"fresh-{number}", self.about, "", self.source, 1)


def lessons_answered() -> list[str]:
    return sorted({path.name for path in FRESH.glob("*/*")})


def fresh_answers(lesson_id: str, rounds: Sequence[str] = ROUNDS) -> list[Fresh]:
    folders = [FRESH / one / lesson_id for one in rounds]
    return [one for folder in folders for path in sorted(folder.glob("*.txt")) for one in read(path)]


def read(path: Path) -> Iterator[Fresh]:
    """The answers of one file."""
    exercise, _, kind = path.stem.rpartition("-")
    parts = re.split(r"^# %% (.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for about, source in zip(parts[1::2], parts[2::2], strict=True):
        yield Fresh(exercise, kind == "right", about.strip(), source.strip("\n"))


def run(lesson: Lesson, answers: list[Fresh]) -> tuple[ReferenceRun, list[AnswerRun]]:
    """The lesson's own runs, and that of each answer."""
    as_mistakes = tuple(one.as_mistake(number) for number, one in enumerate(answers))
    found = reference_run(replace(lesson, mistakes=(*lesson.mistakes, *as_mistakes)))
    return found, [found.mistakes[one.id] for one in as_mistakes]
