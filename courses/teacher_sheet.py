"""What the public plan may not hold, for the teacher's screen alone: the key of the sheet and of the plan, references,
mark schemes, mistakes with hints."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax

from courses.lesson import Exercise, Lesson


def show(lesson: Lesson, console: Console) -> None:
    """Print the lesson's secrets: its key, then exercise by exercise."""
    console.rule(f"{lesson.id} {lesson.title}：只给老师看")
    if lesson.key:
        console.print(Markdown(lesson.key))
    for exercise in lesson.exercises:
        console.print(f"\n[bold]{exercise.id}[/bold]　{exercise.points:g} 分")
        show_reference(lesson, exercise, console)
        for number, variant in enumerate((v for v in lesson.also_right if v.of == exercise.id), 1):
            console.print(f"也算对的写法 {number}：")
            console.print(Syntax(variant.source, "python", theme="ansi_light"))
        for mistake in (one for one in lesson.mistakes if one.of == exercise.id):
            console.print(f"[yellow]常见错误[/yellow]　{mistake.shows}\n　提示：{mistake.hint}")


def show_reference(lesson: Lesson, exercise: Exercise, console: Console) -> None:
    if exercise.form == "written":
        console.print(
            Markdown(exercise.answer.source.replace("### BEGIN MARK SCHEME", "").replace("### END MARK SCHEME", ""))
        )
        return
    widget_answer = lesson.reference(exercise.id)
    source = exercise.answer.source if exercise.form == "function" else widget_answer.source if widget_answer else ""
    console.print("参考答案：")
    console.print(Syntax(source, "python", theme="ansi_light"))
