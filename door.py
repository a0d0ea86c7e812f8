"""The door of Haike: joins the rooms' commands and holds `up` and `test`. Only this module imports every room."""

from __future__ import annotations

import atexit
import gc
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun
    from courses.lesson import Lesson

ROOT = Path(__file__).resolve().parent
#: Rooms that bring commands: each has a register(app) in its cli.py.
ROOMS = ("courses", "grading", "book", "deploy")
#: `up`, its rest and `test`, before the rooms have joined.
OWN_COMMANDS = 3
Tell = Callable[[int, int, str], None]
#: What Typer raises for a command typed wrongly; it gives the class no name of its own.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

console = Console()
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="海课：每一所学校明天就能上的人工智能课。先试 ./haike up",
)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="课堂用哪个端口；不写就找一个空的。")] = 0,
    once: Annotated[bool, typer.Option("--once", help="准备好、说完地址就停下，不做其余的课，用来检查。")] = False,
) -> None:
    """打开课堂：先备好演示课，打印地址和账号；其余的课接着在后面备好。按 Ctrl-C 结束。

    例：./haike up
    """
    from build_paths import data_dir
    from deploy import hub

    with steps(4) as step:
        lessons = sound_lessons(demo_lessons(), step("检查演示课"), alone=True)
        make_classes(lessons, step("准备演示班"))
        open_site(lessons, step("做网站"))
        tell = step("打开课堂")
        classroom = hub.start(data_dir(), port=port or None, progress=lambda sentence: tell(0, 1, sentence))
    with open_book() as book_address, ExitStack() as stack:
        stack.callback(classroom.stop)
        stack.callback(lambda: console.print("正在收拾：先停课堂，再停网页……"))
        say_welcome(classroom.addresses, book_address)
        for sentence in classroom.faults:
            console.print(sentence, style="yellow", markup=False, soft_wrap=True)
        if not once:
            stack.enter_context(going_on())
            wait_for_the_end(classroom.running)
    console.print("都停好了。作业和成绩留在原处，下次 ./haike up 接着用。")


@app.command(hidden=True)
def rest() -> None:
    """`up` 的后一半：课堂开着的时候，备好其余的课。"""
    if hasattr(os, "nice"):
        os.nice(10)  # the classroom comes first
    from courses.reading import read_all

    with steps(4) as step:
        lessons = sound_lessons(read_all(), step("检查其余的课"))
        made = build_book(lessons, step("做其余的网页"))
        console.print(f"网站齐了：{len(made)} 课。", highlight=False)
        make_classes(lessons, step("把其余的课发给演示班"))
        run_variants(lessons, step("试做常见错误"))
    console.print("其余的课也都备好了。", highlight=False)


@contextmanager
def going_on() -> Iterator[None]:
    """Prepare the other lessons in a process of its own while the block runs; what is not ready waits for next time."""
    import subprocess

    command = [sys.executable, "-X", "utf8", str(Path(__file__).resolve()), rest.__name__]
    sys.stdout.flush()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def demo_lessons() -> list[Lesson]:
    from courses.reading import find_lesson
    from grading.demo_class import FIRST_LESSONS

    found = (find_lesson(lesson_id) for lesson_id in FIRST_LESSONS)
    return [lesson for lesson in found if lesson]


def sound_lessons(lessons: list[Lesson], tell: Tell, *, alone: bool = False) -> list[Lesson]:
    """The lessons without errors; those with errors are named and left out, so that one does not stop a school.

    `alone`: before the other lessons have been read, nothing can be said about the whole course.
    """
    from courses.checks import check, to_run
    from courses.curriculum import read_curriculum
    from courses.knowledge import read_knowledge

    todo = to_run(lessons, variants=False)
    runs = run_lessons(todo, tell, variants=False)
    findings = check(lessons, read_curriculum(), read_knowledge(), runs=runs, variants=False, alone=alone)
    errors = [finding for finding in findings if finding.level == "error"]
    faulty = [lesson for lesson in lessons if any(one.path.is_relative_to(lesson.folder) for one in errors)]
    faulty += [lesson for lesson in todo if lesson.id not in runs and lesson not in faulty]
    for lesson in faulty:
        console.print(f"[yellow]{lesson.id} {lesson.title} 还有问题，这次先不上：./haike check {lesson.id}[/yellow]")
    return [lesson for lesson in lessons if lesson not in faulty]


def run_lessons(lessons: list[Lesson], tell: Tell, *, variants: bool) -> dict[str, ReferenceRun]:
    if not lessons:
        return {}
    from courses.reference_run import reference_runs  # a moment to import: not where nothing has to be run
    from fault import Fault

    try:
        return reference_runs(lessons, tell, variants=variants)
    except Fault as fault:
        if len(lessons) > 1:  # then each by itself: one that cannot be run keeps no other from it
            return {key: run for one in lessons for key, run in run_lessons([one], tell, variants=variants).items()}
        console.print(str(fault), style="yellow", markup=False, highlight=False, soft_wrap=True)
        return {}


def run_variants(lessons: list[Lesson], tell: Tell) -> None:
    """Try the typical mistakes of what was handed out: feedback recognises them."""
    from grading.demo_class import handed_out

    run_lessons(handed_out(lessons), tell, variants=True)


def open_site(lessons: list[Lesson], tell: Tell) -> None:
    """A site that is there stays as it is until the new one is whole; a first one begins with the demo lessons."""
    from book.build import site_dir

    if not (site_dir() / "index.html").is_file():
        build_book(lessons, tell)


def build_book(lessons: list[Lesson], tell: Tell) -> list[Lesson]:
    """Make the site. What is wrong with it, or with one lesson's page, is said; the classroom opens all the same."""
    from book.build import BookError, build_site

    missing: list[Lesson] = []

    def say(words: str) -> None:
        console.print(words, style="yellow", markup=False, highlight=False, soft_wrap=True)

    def left_out(lesson: Lesson, line: str) -> None:
        missing.append(lesson)
        say(line)

    try:
        build_site(lessons, tell, left_out=left_out)
    except BookError as error:
        say(str(error))
    return [lesson for lesson in lessons if lesson not in missing]


@contextmanager
def open_book() -> Iterator[str]:
    """Serve the built site on this machine while the block runs; its address."""
    from threading import Thread

    from book.build import site_dir
    from book.serve import address, open_server

    server = open_server(site_dir(), 8800)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield address(server)
    finally:
        server.shutdown()
        server.server_close()


def make_classes(lessons: list[Lesson], tell: Tell) -> None:
    from grading.demo_class import make_demo_classes
    from grading.passwords import hash_secret

    make_demo_classes(lessons, hash_secret, tell)


def say_welcome(classroom: list[str], book: str) -> None:
    from deploy.hub import SAME_USER
    from grading.demo_class import accounts
    from grading.picture_passwords import in_words

    console.print("\n[bold]海课开门了。[/bold]", highlight=False)
    console.print(f"  课堂　{'　或　'.join(classroom)}\n  网站　{book}", highlight=False, soft_wrap=True)
    console.print("\n演示账号（只在这台机器上用）", highlight=False)
    for account in accounts():
        pictures = in_words(account.password)
        password = f"依次点 {pictures}" if pictures else account.password
        console.print(f"  {account.person}　账号 {account.id}　密码 {password}", highlight=False)
    console.print("\n先试这三步", highlight=False)
    console.print("  1. 用 xiaohai 登录，打开“机器怎么认出手写数字”，做完按“交作业”。", highlight=False)
    console.print("  2. 在另一个窗口收作业、评分、发反馈：", highlight=False)
    for command in ("class collect", "autograde", "feedback"):
        console.print(f"       ./haike {command} j7-03 --class demo7", highlight=False)
    console.print("  3. 回到 xiaohai 的页面，按“看反馈”。", highlight=False)
    console.print(f"\n{SAME_USER}", highlight=False)
    console.print("按 Ctrl-C 结束。\n", highlight=False)


def wait_for_the_end(running: Callable[[], bool]) -> None:
    """Until Ctrl-C, a TERM, or the classroom ends by itself."""
    import time

    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have started us deaf to Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        while running():
            time.sleep(0.5)
        console.print("课堂自己停了，原因在 var/hub/ 里的记录。再运行一次 ./haike up。")
    except KeyboardInterrupt:
        console.print()


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], Tell]]:
    """Steps with their progress: step(title) begins the next one and gives its tell(done, total, what).

    A terminal shows a bar; a file gets a line at each tenth of a step.
    """
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        begun: list[str] = []
        said: set[tuple[int, int]] = set()
        task = bar.add_task("", total=total)

        def step(title: str) -> Tell:
            begun.append(title)
            place = len(begun) - 1
            if place:
                console.print(f"✓ {begun[-2]}", highlight=False)

            def tell(done: int, of: int, what: str) -> None:
                text = f"第 {place + 1} 步，共 {total} 步：{title} {what}"
                bar.update(task, completed=place + done / max(of, 1), description=text)
                tenth = (place, 10 * done // max(of, 1))
                if not console.is_terminal and tenth not in said:
                    said.add(tenth)
                    console.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)

            tell(0, 1, "")
            return tell

        yield step
        console.print(f"✓ {begun[-1]}", highlight=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="连同浏览器和慢的测试。")] = False,
) -> None:
    """运行测试。后面可以接 pytest 的参数。

    例：./haike test --all
    """
    import pytest

    from tests.rooms import pytest_arguments

    raise typer.Exit(int(pytest.main(pytest_arguments(everything, context.args))))


def join_rooms() -> None:
    """Join every room's commands to the door, once."""
    if len(app.registered_commands) + len(app.registered_groups) <= OWN_COMMANDS:
        for room in ROOMS:
            import_module(f"{room}.cli").register(app)


def main() -> None:
    """Run a command; whatever the reader can mend ends in one Chinese line, not in a traceback."""
    # What is imported stays: looking through it for garbage, again and again and at the end, takes half a second.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    if not sys.warnoptions and sys.argv[1:2] != ["test"]:  # what libraries warn of is meant for programmers
        warnings.simplefilter("ignore")
    from fault import Fault, reason

    join_rooms()
    command = typer.main.get_command(app)
    try:
        with command.make_context("./haike", sys.argv[1:]) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        sys.exit(end.exit_code)
    except UsageError as error:
        sys.exit(say_usage(error))
    except KeyboardInterrupt:
        print("停下了。做好的部分都留着，再运行一次就接着做。", file=sys.stderr)
        sys.exit(130)
    except Fault as fault:
        sys.exit(str(fault))
    except BrokenPipeError:
        # `| head` has read enough. Python's own last flush would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        name = f"（{error.filename}）" if error.filename else ""
        sys.exit(f"文件没有读写成功：{reason(error)}{name}。检查权限和磁盘空间，再运行一次。")


def say_usage(error: Exception) -> int:
    """A command that was typed wrongly: what of it was not understood, and where to look. The exit code."""
    kind, context = type(error).__name__, getattr(error, "ctx", None)
    if kind == "NoArgsIsHelpError":  # the help is on the screen already
        return 2
    parameter = getattr(error, "param", None)
    name = getattr(error, "option_name", "") or (parameter.opts[0] if parameter else "")
    given = re.search(r"'([^']*)'|\(((?!s\))[^)]*)\)", str(error))
    word = (given[1] or given[2]) if given else ""
    said = {
        "NoSuchOption": f"没有 {name} 这个选项",
        "MissingParameter": f"少写了 {name}",
        "BadOptionUsage": f"{name} 的写法不对",
        "BadParameter": f"{name} 不能是 {word}" if word else f"{name} 的写法不对",
    }.get(kind, f"没有看懂“{word}”" if word else "没有看懂这条命令")
    print(f"{said}。看看怎么写：{context.command_path if context else './haike'} --help", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
