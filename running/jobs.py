"""Notebooks to be run, and other ends of them: each is run once, an other end from the state it begins in.

    cells ──┬────────────┬───────> the notebook's own end
            └─ branch    └─ branch      a fork that stands where the run stood, with a copy of its folder;
                ├─ fork 1    └─ fork 3   each other end is run in a fork of its own
                └─ fork 2

What a branch cannot carry (a thread, an open file) it refuses: then the other ends are run from the first cell.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from running.messages import outputs_of
from running.places import Open, Place
from running.runner import Branch, Dead, ParentFailed, Run, Unresponsive, modules_of, shared_parent
from running.workers import FIRST, Workers

MANY = 40  # forks from which on some work to make each cheaper pays

Files = tuple[tuple[str, Path], ...]


@dataclass(frozen=True)
class CellError:
    """An exception that left a cell: its name, its text, and the line of the cell (from 1) where it passed."""

    ename: str
    evalue: str
    line: int


@dataclass(frozen=True)
class CellRun:
    """One executed cell: outputs in nbformat's shape, seconds of processor time, and the error if it ended in one.

    Processor time, because a lesson's "ten seconds on one core" must not depend on who else uses the machine.
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    error: CellError | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Fork:
    """Another end of a job: `cells` come in the place of those from number `at` on; `timeout` is its own, if any."""

    key: str
    at: int
    cells: tuple[str, ...]
    timeout: float | None = None


@dataclass(frozen=True)
class Job:
    """Code cells to run one after another in a folder called `name`, holding copies of `files`.

    `timeout` is the wall time in seconds a single cell may take; a cell that errs does not stop the next. A job without
    a key is run for its forks alone, and no further than they need. `weight` says roughly how long it takes.
    """

    key: str
    cells: tuple[str, ...]
    name: str
    files: Files = ()
    timeout: float = 60.0
    forks: tuple[Fork, ...] = ()
    weight: float = 1.0


def run_jobs(
    jobs: Sequence[Job], place: Place | None = None, *, workers: int | None = None
) -> Iterator[tuple[str, list[CellRun]]]:
    """Run all jobs and their forks, some at a time, the longest first; key and cells' runs of each as it ends.

    The first call in a process decides what the parent has imported; modules that later jobs name are imported by
    their own child, which is slower and gives the same result.
    """
    if not jobs:
        return
    if place is None:
        place = Open()
        parent = shared_parent(modules_of(cell for job in jobs for cell in job.cells))
        if sum(1 + len(job.forks) for job in jobs) >= MANY:
            parent.preload((), many=True)
    with ExitStack() as left, Workers(workers) as work:
        for job in jobs:
            one = Pass(job, place, work)
            left.callback(one.close)
            work.add(-job.weight, one.run)
        try:
            yield from work.results()
        except BaseException:
            work.end()
            place.stop()
            raise


def run_job(job: Job) -> list[CellRun]:
    """Run one job and wait for it. A child that dies leaves an error in its next cell."""
    return next(runs for key, runs in run_jobs([job]) if key == job.key)


class Pass:
    """One run of a job's cells, and the branches on its way."""

    def __init__(self, job: Job, place: Place, work: Workers) -> None:
        self.job, self.place, self.work = job, place, work
        in_order = sorted(job.forks, key=lambda fork: fork.at)
        self.forks = {at: list(own) for at, own in groupby(in_order, lambda fork: fork.at)}
        self.things = ExitStack()  # folder and run, which the branches need
        self.lock = threading.Lock()
        self.users = 1  # the run itself, and each fork that is not done

    def run(self) -> None:
        job, last = self.job, max(self.forks, default=0)
        if not job.key and len(job.forks) == 1:  # nobody else would use the branch
            return self.run_alone(job.forks[0])
        folder = self.things.enter_context(self.place.folder(job.name))
        put_files(job.files, folder)
        run = self.place.open(folder, job.name)
        self.things.callback(run.close, patient=True)
        runs: list[CellRun] = []
        cells = job.cells if job.key else job.cells[:last]
        try:
            for number, source in enumerate(cells):
                self.branch(run, number)
                runs.append(run_cell(run, source, job.timeout))
            self.branch(run, len(cells))
        except (Dead, Unresponsive) as error:
            runs += owed(error, len(cells) - len(runs), job.timeout)
        for fork in [fork for own in self.forks.values() for fork in own]:  # of a run that did not get so far
            self.work.add(FIRST, partial(self.run_alone, fork))
        if job.key:
            self.work.tell((job.key, runs))
        self.leave()
        return None

    def branch(self, run: Run, number: int) -> None:
        """Where other ends begin at this cell, have them run from here."""
        own = self.forks.pop(number, [])
        branch = run.branch(self.job.cells[:number]) if own else None
        shared = Shared(branch, len(own)) if branch else None
        for fork in own:
            if shared:
                with self.lock:
                    self.users += 1
                self.work.add(FIRST, partial(self.run_fork, shared, fork))
            else:
                self.work.add(FIRST, partial(self.run_alone, fork))

    def run_fork(self, shared: Shared, fork: Fork) -> None:
        try:
            run = shared.branch.open("", {})
            try:
                runs = run_cells(run, fork.cells, fork.timeout or self.job.timeout)
            finally:
                run.close()
        except ParentFailed:
            runs = [DEAD_RUN]
        finally:
            shared.leave()
            self.leave()
        if DEAD_RUN in runs:  # by its own doing or because the branch was ended: alone it will show
            return self.run_alone(fork)
        self.work.tell((fork.key, runs))
        return None

    def run_alone(self, fork: Fork) -> None:
        """From the first cell."""
        if self.work.has_ended:
            return
        job = self.job
        with self.place.folder(job.name) as folder:
            put_files(job.files, folder)
            run = self.place.open(folder, job.name)
            try:
                run_cells(run, job.cells[: fork.at], job.timeout)
                runs = run_cells(run, fork.cells, fork.timeout or job.timeout)
            finally:
                run.close()
        self.work.tell((fork.key, runs))

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            is_last = not self.users
        if is_last:
            self.close()

    def close(self) -> None:
        """May be called again: whoever ends early closes all."""
        with suppress(OSError):  # the place itself may be gone
            self.things.close()


class Shared:
    """A branch, and how many forks still need it."""

    def __init__(self, branch: Branch, users: int) -> None:
        self.branch, self.users, self.lock = branch, users, threading.Lock()

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                self.branch.close()


def put_files(files: Files, folder: Path) -> None:
    for name, path in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def run_cells(run: Run, cells: Iterable[str], timeout: float) -> list[CellRun]:
    """What each cell gave; where the child has ended, an error in each that it owed."""
    cells, runs = list(cells), list[CellRun]()
    try:
        for source in cells:
            runs.append(run_cell(run, source, timeout))
    except (Dead, Unresponsive) as error:
        runs += owed(error, len(cells) - len(runs), timeout)
    return runs


def run_cell(run: Run, source: str, timeout: float) -> CellRun:
    """Raises Dead, Unresponsive."""
    reply, interrupted = run.execute(source, timeout)
    if interrupted:
        return failed(TOO_LONG, timeout)
    error = CellError(reply["ename"], reply["evalue"], reply["line"]) if reply["status"] == "error" else None
    return CellRun(outputs_of(reply), reply["seconds"], error)


def owed(error: Exception, count: int, timeout: float) -> list[CellRun]:
    return [failed(TOO_LONG, timeout) if isinstance(error, Unresponsive) else DEAD_RUN] * count


def failed(error: CellError, seconds: float = 0.0) -> CellRun:
    output = {"output_type": "error", "ename": error.ename, "evalue": error.evalue, "traceback": [error.evalue]}
    return CellRun([output], seconds, error)


TOO_LONG = CellError("CellTimeout", "这一格运行太久，被停下了", 1)
DEAD_RUN = failed(CellError("DeadKernel", "运行这一格的程序中途退出了", 1))
