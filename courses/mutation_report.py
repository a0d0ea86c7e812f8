"""What `haike check --mistakes` shows an author: which changes of a reference, and which mistakes, the tests see."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from courses.answer_run import ReferenceRun
from courses.checks.mutants import is_named, survivors
from courses.lesson import Exercise, Lesson
from courses.mutations import HOLES, mutations


def show(lesson: Lesson, run: ReferenceRun, console: Console) -> None:
    """Exercise by exercise: how many changes were seen, each that was not, and what each mistake still gets."""
    console.rule(f"{lesson.id} {lesson.title}")
    for exercise in lesson.exercises:
        if exercise.form != "written" and exercise.tests:
            show_mutations(lesson, exercise, run, console)
            show_mistakes(lesson, exercise, run, console)


def show_mutations(lesson: Lesson, exercise: Exercise, run: ReferenceRun, console: Console) -> None:
    tried = [one for one in mutations(exercise) if one.name in run.mutations]
    left = survivors(exercise, run)
    said = f"　参考答案改了 {len(tried)} 处，测试看出 {len(tried) - len(left)} 处" if tried else ""
    console.print(Text.assemble((exercise.id, "bold"), said))
    for one in left:
        known = is_named(one, lesson)
        mark = "·" if known or one.kind not in HOLES else "✗"
        row = f"  {mark} {lesson.path.name}:{one.line}  {one.before} → {one.after or '（删掉）'}"
        console.print(Text(f"{row}　{known or '没看出来'}"), soft_wrap=True)


def show_mistakes(lesson: Lesson, exercise: Exercise, run: ReferenceRun, console: Console) -> None:
    for one in (one for one in lesson.mistakes if one.of == exercise.id and one.id in run.mistakes):
        scores = run.mistakes[one.id].scores
        got = sum(scores.get(test.grade_id, (0.0, 0.0))[0] for test in exercise.tests)
        full = sum(test.points for test in exercise.tests)
        console.print(Text(f"  {one.id}　{got:g}/{full:g} 分　{one.hint}"), soft_wrap=True)
