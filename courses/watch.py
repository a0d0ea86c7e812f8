"""`haike watch`: save, and see this lesson's findings: what can be said at once first, then the runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watchfiles import Change, DefaultFilter
from watchfiles import watch as watch_files

from courses import report
from courses.checks import check
from courses.curriculum import CURRICULUM, read_curriculum
from courses.finding import Finding
from courses.knowledge import KNOWLEDGE, read_knowledge
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun

#: Milliseconds in which several writes of one save are taken together.
SETTLE = 80
Runner = Callable[[Lesson], "ReferenceRun"]


@dataclass(frozen=True)
class Round:
    """What one save brought: the findings so far, and whether the runs are in them."""

    lesson: Lesson
    findings: tuple[Finding, ...]
    seconds: float
    with_runs: bool


class OwnFiles(DefaultFilter):
    """The files an author writes; not what a trial in the folder leaves behind."""

    ignore_dirs = (*DefaultFilter.ignore_dirs, ".ipynb_checkpoints")
    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"^answers.*\.json", r"\.ipynb$")

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path)


def watch(folder: Path, console: Console) -> None:
    """Report after every save until Ctrl-C."""
    console.print(f"正在看着 {folder.name}，存盘就查。按 Ctrl-C 结束。", soft_wrap=True)
    try:
        for one in rounds(folder):
            show(one, console)
    except KeyboardInterrupt:
        console.print("不看了。")


def show(one: Round, console: Console) -> None:
    stage = "连试做一起查完" if one.with_runs else "先看课文"
    console.rule(f"{one.lesson.id} {time.strftime('%H:%M:%S')} {stage}（{one.seconds:.1f} 秒）")
    report.show(one.findings, count=1, console=console)


def rounds(folder: Path, *, run: Runner | None = None, stop: threading.Event | None = None) -> Iterator[Round]:
    """The findings now and after each save: a round at once, and one more when the runs are done.

    The other lessons are read once: they matter only for order and repetition.
    """
    folder = folder.resolve()
    others = [lesson for lesson in read_all() if lesson.folder != folder]
    yield from one_save(folder, others, run)
    watched = [folder, *(path for path in (CURRICULUM, KNOWLEDGE) if path.exists())]
    for _ in watch_files(*watched, watch_filter=OwnFiles(), debounce=SETTLE * 4, step=SETTLE, stop_event=stop):
        yield from one_save(folder, others, run)


def one_save(folder: Path, others: list[Lesson], run: Runner | None = None) -> Iterator[Round]:
    start = time.monotonic()
    lesson = read_lesson(folder)
    lessons = [*others, lesson]
    curriculum, knowledge = read_curriculum(), read_knowledge()
    found = check(lessons, curriculum, knowledge, only={lesson.id})
    yield Round(lesson, tuple(found), time.monotonic() - start, with_runs=False)
    if lesson.obstacles:
        return
    runs = {lesson.id: (run or _reference_run)(lesson)}
    found = check(lessons, curriculum, knowledge, runs=runs, only={lesson.id})
    yield Round(lesson, tuple(found), time.monotonic() - start, with_runs=True)


def _reference_run(lesson: Lesson) -> ReferenceRun:
    from courses.reference_run import reference_run  # a moment to import: the first findings are shown before

    return reference_run(lesson)
