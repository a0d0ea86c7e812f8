"""Where one submission's time goes: `python tests/bench/grading.py --profile`.

The named steps are those of grading.autograde, each without the named steps that it calls.
"""

from __future__ import annotations

import cProfile
import functools
import os
import pstats
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
from rich.console import Console
from rich.table import Table

from grading import autograde, execute, gradebook, hand_in, saving
from running import box, runner
from tests.bench.grading_courses import copy_of, environment, lesson, make_course

STEPS = (
    (autograde, "find", "find: read, hash, compare"),
    (autograde, "prepare", "prepare: sanitize"),
    (autograde, "run_cells", "prepare: copy in"),
    (hand_in, "read_notebook", "prepare: read the notebook"),
    (box.Box, "open", "fork and walls (and an empty cell)"),
    (runner.Run, "execute", "cells, as waited for"),
    (runner.Run, "close", "end the child"),
    (execute.BoxedExecute, "run_boxed", "outputs: messages into the notebook"),
    (autograde, "bring_out", "bring out"),
    (box.shutil, "rmtree", "remove the stage"),
    (saving.Saver, "save", "save: lock, result"),
    (gradebook.Ledger, "transaction", "save: commit"),
    (saving.Saver, "write_marks", "save: nbgrader's steps, the notebook"),
    (saving, "publish", "save: rename, permissions"),
)


class Clock:
    """Seconds and processor seconds of named steps: each without the named steps that it calls, in its own thread."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self.local = threading.local()

    def around(self, step: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def timed(*args: Any, **more: Any) -> Any:
            outer, inner = getattr(self.local, "inner", [0.0, 0.0]), [0.0, 0.0]
            self.local.inner = inner
            wall, processor = time.perf_counter(), time.thread_time()
            try:
                return original(*args, **more)
            finally:
                whole = (time.perf_counter() - wall, time.thread_time() - processor)
                own = self.spent.setdefault(step, [0.0, 0.0])
                for number in (0, 1):
                    own[number] += whole[number] - inner[number]
                    outer[number] += whole[number]
                self.local.inner = outer

        return timed


def family_seconds() -> float:
    """Processor seconds of all that came from this process, the ended as well."""
    return sum(sum(one.cpu_times()[:4]) for one in psutil.Process().children(recursive=True))


def profile(name: str, submissions: int, jobs: int) -> None:
    """Grade in this process twice: with a clock around the steps, then with cProfile in every thread."""
    clock, profiles, processor = Clock(), [cProfile.Profile()], [0.0, 0.0]  # of the box, before and after
    opened, graded, worked_off = box.Box.open, autograde.Queue.grade, autograde.Queue.work_off

    def open_and_wait(*args: Any) -> Any:
        run = opened(*args)
        run.execute("", 60)
        return run

    def profiled(*args: Any) -> Any:
        profiles.append(cProfile.Profile())
        return profiles[-1].runcall(graded, *args)

    def work_off(*args: Any) -> None:
        found = clock.spent.get("find: read, hash, compare", [0.0, 0.0])
        clock.spent = {"find: read, hash, compare": found}  # without what was done once
        processor[0] = family_seconds()
        started = time.perf_counter(), time.process_time()
        worked_off(*args)
        clock.spent["all: wall clock, the grader's own process"] = [
            time.perf_counter() - started[0] + found[0],
            time.process_time() - started[1] + found[1],
        ]
        processor[1] = family_seconds()

    own = lesson(name)
    with tempfile.TemporaryDirectory(prefix="haike-bench-") as made:
        folder = Path(made)
        os.environ.update(environment(folder))
        make_course(folder / "course", own, submissions)
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(box.Box, "open", open_and_wait))
            stack.enter_context(mock.patch.object(autograde.Queue, "work_off", work_off))
            for owner, attribute, step in STEPS:
                timed = clock.around(step, getattr(owner, attribute))
                stack.enter_context(mock.patch.object(owner, attribute, timed))
            autograde.Queue(own.id, copy_of(folder / "course", folder / "clock", submissions)).run(None, jobs, None)
        with mock.patch.object(autograde.Queue, "grade", profiled):
            queue = autograde.Queue(own.id, copy_of(folder / "course", folder / "calls", submissions))
            profiles[0].runcall(queue.run, None, jobs, None)
    clock.spent["all: the box's processes"] = [0.0, processor[1] - processor[0]]
    Console(width=110).print(table(name, clock, submissions))
    for title, own_profiles in (("main thread", profiles[:1]), ("grading threads", profiles[1:])):
        print(f"\n{name}, {title}, {submissions} submissions")
        found = pstats.Stats(own_profiles[0])
        found.add(*own_profiles[1:])
        found.strip_dirs().sort_stats("tottime").print_stats(25)
        found.sort_stats("cumulative").print_stats(45)


def table(name: str, clock: Clock, submissions: int) -> Table:
    found = Table(f"{name}, milliseconds per submission", "wall", "processor", box=None, header_style="bold")
    for step, seconds in clock.spent.items():
        found.add_row(step, *(f"{each * 1000 / submissions:.1f}" for each in seconds))
    return found
