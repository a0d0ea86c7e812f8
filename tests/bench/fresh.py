"""What becomes of answers that no author of a lesson wrote (see tests/courses/fresh_answers.py).

    python tests/bench/fresh.py [LESSON ...] [--round second] [--show]

Of the wrong ones it counts those that get full marks (a hole in the tests), those that get a hint, and those that are
told something (a hint, or the sentence of the error that stops them); of the right ones, those that lose a point.
Whether a hint is the right one, a person must say: --show prints each cause beside the hint.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from courses.lesson import Lesson  # noqa: E402
from courses.reading import find_lesson  # noqa: E402
from grading.recognise import mistake_in, run_ways  # noqa: E402
from tests.courses.fresh_answers import ROUNDS, fresh_answers, lessons_answered, run  # noqa: E402

COLUMNS = ("wrong", "at full marks", "do not run", "with a hint", "told", "right", "lose a point")
STOPS = ("SyntaxError", "IndentationError", "NameError", "NotImplementedError")  # each has its own true sentence
console = Console(width=120)


def report(lesson: Lesson, rounds: list[str], *, show: bool) -> Table:
    """Counts for each exercise. What gets marks that it does not deserve is printed on the way."""
    counts: dict[str, Counter[str]] = {}
    answers = fresh_answers(lesson.id, rounds)
    runs, found = run(lesson, answers)
    for fresh, answer in zip(answers, found, strict=True):
        exercise = lesson.exercise(fresh.exercise)
        assert exercise, fresh.exercise
        ways = run_ways(exercise, answer)
        hint = mistake_in(lesson, runs, exercise, ways, fresh.source)
        own = counts.setdefault(exercise.id, Counter())
        if fresh.is_right:
            own.update({"right": 1, "lose a point": not answer.is_full})
        else:
            stops = any(name in what for _, what in answer.errors for name in STOPS)
            own.update({"wrong": 1, "at full marks": answer.is_full, "do not run": stops, "with a hint": bool(hint)})
            own.update(told=stops or bool(hint))
        if fresh.is_right != answer.is_full:
            kind = "right, and loses" if fresh.is_right else "wrong, and full marks"
            say(f"{exercise.id}: {kind}: {fresh.about}", "; ".join(seen for _, seen in ways.values()))
        elif show and not fresh.is_right:
            say(f"{exercise.id}: {fresh.about}", f"→ {hint.hint if hint else '—'}")
    table = Table("exercise", *COLUMNS, title=f"{lesson.id} {lesson.title}", box=None, header_style="bold")
    for name, own in (counts | {"all": sum(counts.values(), Counter())}).items():
        table.add_row(name, *(str(own[column]) for column in COLUMNS))
    return table


def say(first: str, second: str) -> None:
    console.print(f"  {first}\n      {second}", highlight=False, markup=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", default=lessons_answered())
    parser.add_argument("--round", choices=ROUNDS, help="one round of answers alone")
    parser.add_argument("--show", action="store_true", help="print each cause beside its hint")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="haike-fresh-") as made:
        os.environ["HAIKE_BUILD"] = made  # the lesson's own store keeps its own runs
        for lesson_id in asked.lessons:
            lesson = find_lesson(lesson_id)
            assert lesson, lesson_id
            rounds = [asked.round] if asked.round else list(ROUNDS)
            console.print(report(lesson, rounds, show=asked.show))


if __name__ == "__main__":
    main()
