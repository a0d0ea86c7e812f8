"""haike class … | release | autograde | feedback: what a teacher runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

app = typer.Typer(no_args_is_help=True, help="班级：建班、发作业、收作业、看名单、导出成绩。")
console = Console()

CourseDir = Annotated[
    Path | None,
    typer.Option("--course-dir", help="任意一个 nbgrader 课程文件夹；不写就用 --class 的班。", show_default=False),
]
ClassCode = Annotated[str, typer.Option("--class", help="班级代号，比如 demo7。")]
LessonId = Annotated[str, typer.Argument(help="课号，比如 j7-03。", show_default=False)]


def course_dir_of(course_dir: Path | None, code: str) -> Path:
    from grading.course import class_dir

    return course_dir.resolve() if course_dir else class_dir(code)


class Rate(ProgressColumn):
    """How many a second, once that can be told."""

    def render(self, task: Task) -> Text:
        return Text(f"每秒 {task.speed:.1f} 份" if task.speed else "")


def with_progress(text: str, work: Callable[[Callable[[int, int, str], None]], Any]) -> Any:
    """Run work(progress) under a bar that shows count, who, and the time left."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(text, total=None)

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{text} {what}")

        return work(progress)


def say_faults(faults: Iterable[str]) -> None:
    """What of a class's files could not be used; the command went on without it."""
    for fault in faults:
        console.print(fault, style="yellow", markup=False, highlight=False, soft_wrap=True)


@app.command("list")
def list_classes() -> None:
    """看看有哪些班。

    例：./haike class list
    """
    from grading.roster import class_codes, read_rosters

    if not class_codes():
        console.print("还没有班级。用 ./haike class new 建一个，或者运行 ./haike up 看演示班。")
    for each in (rosters := read_rosters()).classes:
        console.print(f"{each.code}　{each.title}　{len(each.pupils)} 名学生")
    say_faults(rosters.faults)


@app.command()
def new(
    code: Annotated[str, typer.Argument(help="班级代号：小写字母、数字和 -，比如 g7c1。")],
    roster: Annotated[
        Path,
        typer.Argument(help="名单 CSV，列为 id,name,role,password；role 写 pupil（学生）或 teacher（老师）。"),
    ],
    title: Annotated[str, typer.Option(help="班级名字，比如 七年级一班；不写就留着原来的。")] = "",
    grade: Annotated[
        str, typer.Option(help="年级：0–12，0 是学前，中职写 voc；不写就留着原来的，新的班算七年级。")
    ] = "",
) -> None:
    """从一张名单建一个班；已有的班会更新名单，作业和成绩都留着。密码空着的，留着原来的密码。

    例：./haike class new g7c1 名单.csv --title 七年级一班 --grade 7
    """
    from grading.class_list import import_list
    from grading.course import CourseFault
    from grading.roster import read_grade

    years = read_grade(grade) if grade else None
    if grade and years is None:
        raise CourseFault(f"--grade 不能是 {grade}。写 0 到 12，0 是学前，中职写 voc。")
    done = import_list(code, roster, title, years)
    for line in done.sentences():
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def assign(lesson: LessonId, code: ClassCode = "demo7") -> None:
    """把一课发给一个班：孩子打开自己的页面就能看到。

    例：./haike class assign j7-03 --class demo7
    """
    from courses.reading import find_lesson
    from grading import assignment
    from grading.course import CourseFault, class_dir
    from grading.roster import read_class

    found = find_lesson(lesson)
    if not found or not found.front:
        raise CourseFault(f"没有 {lesson} 这一课，或者它的前言还没写对。用 ./haike check 看看。")
    read_class(code)
    assignment.generate(found, class_dir(code))
    assignment.release(found.id, class_dir(code))
    console.print(f"发好了：{found.id} {found.title} → {code}")


@app.command()
def collect(lesson: LessonId, code: ClassCode = "demo7", course_dir: CourseDir = None) -> None:
    """收作业：把孩子交上来的都拿到班级文件夹里。

    结束时 0 都收好了，1 有没能收的；别人的照收。

    例：./haike class collect j7-03 --class demo7
    """
    from grading import assignment

    collected = assignment.collect(lesson, course_dir_of(course_dir, code))
    console.print(
        f"收到 {len(collected.pupils)} 份：{'、'.join(collected.pupils)}" if collected.pupils else "还没有人交。"
    )
    for pupil, words in collected.troubles.items():
        console.print(f"{pupil}：{words}", soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(1 if collected.troubles else 0)


@app.command()
def scores(
    code: ClassCode = "demo7",
    to: Annotated[Path, typer.Option(help="写到哪个文件。")] = Path("成绩.csv"),
    course_dir: CourseDir = None,
) -> None:
    """导出成绩，表格软件可以直接打开。

    例：./haike class scores --class demo7 --to 成绩.csv
    """
    from grading.roster import read_class
    from grading.scores import export_scores

    count = export_scores(course_dir_of(course_dir, code), to)
    console.print(f"写好了 {to}：{count} 行。")
    if not course_dir:
        say_faults(read_class(code).faults)


def release(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="课号，可以写几个；不写就是全部。", show_default=False)
    ] = None,
    course_dir: Annotated[Path, typer.Option("--course-dir", help="写到哪个 nbgrader 课程文件夹。")] = Path(
        "build/release"
    ),
) -> None:
    """做出教师版 source/ 和学生版 release/。

    例：./haike release j7-03 --course-dir 我的课程
    """
    from courses.cli import chosen_lessons
    from grading.assignment import generate

    for lesson in chosen_lessons(lessons):
        console.print(f"{lesson.id} {lesson.title} → {generate(lesson, course_dir.resolve())}", soft_wrap=True)


def autograde(
    assignment: LessonId,
    course_dir: CourseDir = None,
    code: ClassCode = "demo7",
    student: Annotated[str | None, typer.Option(help="只评这一名学生的账号。", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="没有变的也重评；老师手评的分数会留着。")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="同时评几份；不写就是处理器的个数。")] = None,
    level: Annotated[
        str | None, typer.Option(help="沙箱至少要到哪一级：room、fence、limits、none。", show_default=False)
    ] = None,
    keep_earned: Annotated[
        bool | None, typer.Option("--keep-earned", help="程序中途退出的，留下前面得到的分。", show_default=False)
    ] = None,
    to_json: Annotated[Path | None, typer.Option("--json", help="把结果另写成 JSON。", show_default=False)] = None,
) -> None:
    """自动评分：评好的写进成绩簿，评不了的说清原因，其余照常。

    只评新交的、改过的，和测试改过的。中途停下没有关系，再运行一次接着评。
    结束时 0 都评好了，1 有没能评的，130 中途停下。

    例：./haike autograde j7-03 --class demo7
    """
    import time

    from build_paths import data_dir, write_atomically
    from grading.outcome import as_json, exit_code, outcome
    from grading.warm_box import opening_early
    from running.sandbox import LEVELS

    if level is not None and level not in [one.id for one in LEVELS]:
        known = "、".join(one.id for one in LEVELS)
        raise typer.BadParameter(f"没有 {level} 这一级，只有 {known}", param_hint="--level")
    started = time.monotonic()
    where = course_dir.resolve() if course_dir else data_dir() / "classes" / code
    # The box imports the lesson's libraries in a process of its own, while nbgrader is imported here.
    with opening_early(where / "source" / assignment, where, level or "fence") as opening:
        from grading.autograde import Queue

        queue = Queue(assignment, where, force=force, level=level, keep_earned=keep_earned, opening=opening)
        results = with_progress("评分", lambda progress: queue.run(student, jobs, progress))
    for part in outcome(results, queue.level, time.monotonic() - started):
        console.print(part, highlight=False)
    if to_json:
        write_atomically(to_json, json.dumps(as_json(results, queue.level), ensure_ascii=False, indent=1) + "\n")
    raise typer.Exit(exit_code(results))


def feedback(
    assignment: LessonId,
    course_dir: CourseDir = None,
    code: ClassCode = "demo7",
    student: Annotated[str | None, typer.Option(help="只给这一名学生。", show_default=False)] = None,
) -> None:
    """写反馈并发给孩子：每道题看到了什么、也许错在哪里。

    结束时 0 都发好了，1 有没写成或者没发出去的；别人的照发。

    例：./haike feedback j7-03 --class demo7
    """
    from grading.feedback import feedback as run

    where = course_dir_of(course_dir, code)
    results = with_progress("反馈", lambda progress: run(assignment, where, student, progress))
    sent = [one for one in results if one.pages and not one.kept_back]
    console.print(f"写好 {sum(bool(one.pages) for one in results)} 份反馈，发好 {len(sent)} 份。")
    for page in [page for one in results for page in one.pages]:
        console.print(f"  {page}", soft_wrap=True, highlight=False, markup=False)
    told: dict[str, list[str]] = {}
    for one in results:
        if one.problem or one.kept_back:
            told.setdefault(one.problem or f"写好了，没有发出去：{one.kept_back}", []).append(one.pupil)
    for words, pupils in told.items():
        console.print(f"{'、'.join(pupils)}：{words}", soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(1 if told else 0)


def register(main: typer.Typer) -> None:
    """Join this room's commands to the door."""
    main.add_typer(app, name="class")
    main.command("release")(release)
    main.command("autograde")(autograde)
    main.command("feedback")(feedback)
