"""haike check | new | watch | teacher: what a lesson's author runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

console = Console()

Lessons = Annotated[list[str] | None, typer.Argument(help="课号，可以写几个；不写就是全部。", show_default=False)]


def chosen_lessons(wanted: list[str] | None) -> list:
    """The lessons named, or all. An unknown id is one Chinese line and exit code 1."""
    from courses.reading import find_lesson, read_all

    if not wanted:
        return read_all()
    found = [(name, find_lesson(name)) for name in wanted]
    unknown = [name for name, lesson in found if not lesson]
    if unknown:
        console.print(f"没有 {'、'.join(unknown)} 这一课。课在 courses/lessons/ 下面，用 ./haike check 看全部。")
        raise typer.Exit(1)
    return [lesson for _, lesson in found if lesson]


def run_lessons(lessons: list) -> dict:
    """The reference runs under a progress bar."""
    if not lessons:
        return {}
    from courses.reference_run import reference_runs  # a moment to import: not where nothing has to be run

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("试做每一课", total=None)

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total or 1, description=f"试做 {what}")

        return reference_runs(lessons, progress)


def check(
    lessons: Lessons = None,
    fix: Annotated[bool, typer.Option("--fix", help="先把空格和排版整理好。")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="只在计划里的先修课也算错误。")] = False,
    to_json: Annotated[bool, typer.Option("--json", help="结果写成 JSON。")] = False,
    annotate: Annotated[bool, typer.Option("--annotate", help="结果写成持续集成的注记。")] = False,
    load: Annotated[bool, typer.Option("--load", help="只算时间：每一部分要学生几分钟。")] = False,
    mistakes: Annotated[bool, typer.Option("--mistakes", help="再列出改动过的参考答案：哪些测试看得出。")] = False,
) -> None:
    """检查课文：一次说清所有问题，每条都有文件、行号和改法。

    例：./haike check j7-03
    """
    from courses import report
    from courses.checks import check as run_checks
    from courses.checks import to_run
    from courses.curriculum import read_curriculum
    from courses.knowledge import read_knowledge
    from courses.reading import read_all

    found = chosen_lessons(lessons)
    if load:
        from courses.checks.load import table

        console.print(*map(table, found), sep="\n")
        raise typer.Exit
    if fix:
        from courses.checks.fix import fix as put_in_order

        for lesson in found:
            put_in_order(lesson)
        found = chosen_lessons(lessons)
    everything = read_all() if lessons else found
    runs = run_lessons(found if mistakes else to_run(found))
    only = {lesson.id for lesson in found} if lessons else None
    findings = run_checks(everything, read_curriculum(), read_knowledge(), runs=runs, only=only, complete=complete)
    if mistakes:
        from courses.mutation_report import show as show_mutations

        for lesson in found:
            if lesson.id in runs:
                show_mutations(lesson, runs[lesson.id], console)
    report.show(findings, count=len(found), as_json=to_json, annotate=annotate)
    raise typer.Exit(1 if any(finding.level == "error" for finding in findings) else 0)


def teacher(lesson: Annotated[str, typer.Argument(help="课号，比如 j7-03。")]) -> None:
    """只给老师看：参考答案、评分要点、常见错误和提示。

    例：./haike teacher j7-03
    """
    from courses.teacher_sheet import show

    show(chosen_lessons([lesson])[0], console)


def new(
    lesson: Annotated[str, typer.Argument(help="课号，比如 j7-04。")],
    root: Annotated[
        Path | None, typer.Option(help="课放在哪个文件夹；不写就是 courses/lessons。", show_default=False)
    ] = None,
) -> None:
    """新写一课：抄一份能通过检查的样子，再改成你的。

    例：./haike new j7-04
    """
    from courses.new import new as make
    from courses.roots import lesson_roots

    made = make(lesson, root or lesson_roots()[0])
    console.print(f"建好了：{made}\n下一步：改 lesson.md，然后 ./haike watch {lesson}", soft_wrap=True)


def watch(lesson: Annotated[str, typer.Argument(help="课号，比如 j7-03。")]) -> None:
    """边写边查：存盘后一两秒就看到这一课的问题。按 Ctrl-C 结束。

    例：./haike watch j7-03
    """
    from courses.watch import watch as run

    run(chosen_lessons([lesson])[0].folder, console)


def register(main: typer.Typer) -> None:
    """Join this room's commands to the door."""
    for command in (check, teacher, new, watch):
        main.command(command.__name__)(command)
