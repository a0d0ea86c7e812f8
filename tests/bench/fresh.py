"""What becomes of answers that no author of a lesson wrote (see tests/courses/fresh_answers.py).

    python tests/bench/fresh.py [LESSON ...] [--show]

Of the wrong ones it counts those that get full marks (a hole in the tests) and those that get a hint of a typical
mistake; of the right ones, those that lose a point. Whether a hint is the right one, a person must say: --show prints
each cause beside the hint.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from courses.lesson import Lesson, Mistake  # noqa: E402
from courses.reading import find_lesson  # noqa: E402
from courses.reference_run import AnswerRun, ReferenceRun  # noqa: E402
from tests.courses.fresh_answers import FRESH, fresh_answers, run  # noqa: E402

console = Console(width=120)


def hint_for(lesson: Lesson, runs: ReferenceRun, exercise: str, answer: AnswerRun) -> Mistake | None:
    """The typical mistake that fails in the same way, as feedback looks for it."""
    for mistake in lesson.mistakes:
        if mistake.of == exercise and runs.mistakes[mistake.id].ways == answer.ways and answer.ways:
            return mistake
    return None


def report(lesson: Lesson, *, show: bool) -> None:
    answers = fresh_answers(lesson.id)
    runs, found = run(lesson, answers)
    title = f"{lesson.id} {lesson.title}"
    columns = ("exercise", "wrong", "at full marks", "do not run", "with a hint", "right", "lose a point")
    table = Table(*columns, title=title, box=None, header_style="bold")
    total = [0] * 6
    for exercise in dict.fromkeys(one.exercise for one in answers):
        counts = [0] * 6
        for fresh, answer in zip(answers, found, strict=True):
            if fresh.exercise != exercise:
                continue
            if fresh.is_right:
                counts[4] += 1
                counts[5] += not answer.is_full
                if not answer.is_full:
                    ways = "; ".join(way.seen for way in answer.ways.values())
                    console.print(f"  {exercise}: right, and loses: {fresh.about}\n      {ways}", highlight=False)
                continue
            hint = hint_for(lesson, runs, exercise, answer)
            own = "SyntaxError" in str(answer.errors) or "NameError" in str(answer.errors)
            counts[0] += 1
            counts[1] += answer.is_full
            counts[2] += own
            counts[3] += hint is not None
            if answer.is_full:
                console.print(f"  {exercise}: wrong, and full marks: {fresh.about}", highlight=False)
            elif show:
                console.print(f"  {exercise}: {fresh.about}\n      → {hint.hint if hint else '—'}", highlight=False)
        table.add_row(exercise, *map(str, counts))
        total = [a + b for a, b in zip(total, counts, strict=True)]
    table.add_row("all", *map(str, total))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", default=sorted(path.name for path in FRESH.iterdir()))
    parser.add_argument("--show", action="store_true", help="print each cause beside its hint")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="haike-fresh-") as made:
        os.environ["HAIKE_BUILD"] = made  # the lesson's own store keeps its own runs
        for lesson_id in asked.lessons:
            lesson = find_lesson(lesson_id)
            assert lesson, lesson_id
            report(lesson, show=asked.show)


if __name__ == "__main__":
    main()
