"""Grade a class's hand-ins of one assignment: a queue of boxed runs in front of nbgrader's gradebook.

    submitted/ ─ prepare (nbgrader's sanitizers) ─ run (grading.execute, in a box) ─┐   side by side, in threads
    autograded/ + gradebook.db ─ save (nbgrader's savers, a few a transaction) ─────┘   one after another

One bad hand-in never stops the rest. A hand-in is either graded whole or as it was before: the gradebook is committed
first, then the folder takes its place; whatever ends in between is graded again by the next call, to the same marks.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from pathlib import Path

from grading.course import last_line
from grading.hand_in import HandIn, prepare, run_cells
from grading.opened import OpenAssignment
from grading.problems import explained
from grading.result import SubmissionResult
from grading.saving import Saver, new_part, sweep
from grading.steps import are_usual, steps_of
from grading.submission import bring_out
from grading.to_do import find, is_done, may_cost_something_else, students
from grading.warming import warm_box
from grading.what_changed import result
from running.box import Box

Progress = Callable[[int, int, str], None]
AHEAD = 100  # hand-ins at most that wait in memory, ready, for the box
TOGETHER, SOON = 8, 1.0  # so many are saved at once, or those that are there after so many seconds


def autograde(
    assignment: str,
    course_dir: Path,
    pupil: str | None = None,
    *,
    force: bool = False,
    jobs: int | None = None,
    level: str | None = None,
    keep_earned: bool | None = None,
    progress: Progress | None = None,
) -> list[SubmissionResult]:
    """Grade the collected hand-ins of an assignment (of one pupil, or of all).

    Without `force` only what is new or has changed since: a hand-in, its files, or a test that touches it. Raises
    CourseFault if there is nothing to grade or the course cannot be read, NoWalls where no sandbox is strong enough.
    """
    queue = Queue(assignment, course_dir, force=force, level=level, keep_earned=keep_earned)
    return queue.run(pupil, jobs, progress)


class Queue:
    """One call's course, assignment and settings. `level` is the sandbox that was used, once something has run."""

    box: Box

    def __init__(
        self,
        assignment: str,
        course_dir: Path,
        *,
        force: bool = False,
        level: str | None = None,
        keep_earned: bool | None = None,
        opening: Future[Box] | None = None,
    ) -> None:
        """`opening` is a box that is being made already for the usual settings, while this module was imported."""
        self.opened = OpenAssignment(assignment, course_dir, level=level, keep_earned=keep_earned)
        self.force, self.opening = force, opening
        self.level = ""

    def run(self, pupil: str | None, jobs: int | None, progress: Progress | None) -> list[SubmissionResult]:
        """Grade what there is to grade; a result for each who handed in, by name."""
        opened, tell = self.opened, progress or (lambda *_: None)
        names = students(opened, pupil)
        opened.read_gradebook()
        sweep(opened)
        tell(0, len(names), "")
        hand_ins = [find(opened, name, force=self.force) for name in names]
        if are_usual(opened.converter):
            self.grade_all(hand_ins, jobs or os.cpu_count() or 1, tell)
        else:
            self.grade_by_nbgrader(hand_ins, tell)
        tell(len(names), len(names), "")
        now = opened.standings()
        return [result(opened, own, now.get(own.student)) for own in hand_ins]

    def grade_all(self, hand_ins: list[HandIn], jobs: int, tell: Progress) -> None:
        """What has changed is run and saved; of the rest, what being late costs is put right."""
        for own in hand_ins:
            own.is_done = not self.force and not own.problem and is_done(self.opened, own)
        to_run = [own for own in hand_ins if not own.is_done and not own.problem]
        no_run = [own for own in hand_ins if own.problem or own.is_done and may_cost_something_else(self.opened, own)]
        if not (to_run or no_run):
            return
        with self.ready_for(to_run), closing(Saver(self.opened)) as saver:
            for own in no_run:
                saver.save_lateness(own) if own.is_done else saver.save(own)
            self.work_off(to_run, jobs, saver, lambda left, who: tell(len(hand_ins) - left, len(hand_ins), who))

    @contextmanager
    def ready_for(self, to_run: list[HandIn]) -> Iterator[None]:
        """With a box, where there is something to run."""
        if not to_run:
            yield
            return
        self.box = self.get_ready(to_run)
        self.level = self.box.level
        try:
            yield
        finally:
            self.box.close()

    def get_ready(self, to_run: list[HandIn]) -> Box:
        """The box; while it is being opened, the first hand-ins are made ready."""
        with ThreadPoolExecutor(1) as aside:
            opening = aside.submit(warm_box, self.opened, self.opening, len(to_run))
            for own in to_run[:AHEAD]:
                if opening.done():
                    break
                with explained(own):
                    prepare(self.opened, own)
            return opening.result()

    def work_off(self, to_run: list[HandIn], jobs: int, saver: Saver, tell: Callable[[int, str], None]) -> None:
        """Run side by side, save a few at a time. Whatever ends this early, what is saved is saved."""
        if not to_run:
            return
        self.box.turns = threading.Semaphore(jobs)
        # Twice as many threads as runs: one's files are made ready and cleared away while another's cells run.
        with at_its_quickest(), ThreadPoolExecutor(2 * jobs) as pool:
            waiting, left = iter(to_run), len(to_run)
            running: dict[Future[HandIn], HandIn] = {}
            graded: list[HandIn] = []
            saved = time.monotonic()

            def more() -> None:
                for own in itertools.islice(waiting, 4 * jobs - len(running)):
                    running[pool.submit(self.grade, own)] = own

            try:
                more()
                while running or graded:
                    tell(left, "、".join(list(dict.fromkeys(one.student for one in running.values()))[:2]))
                    done, _ = wait(running, timeout=SOON if graded else None, return_when=FIRST_COMPLETED)
                    for future in done:
                        running.pop(future)
                        graded.append(future.result())
                    more()
                    if len(graded) >= TOGETHER or not running or time.monotonic() - saved >= SOON:
                        saver.save(*graded)
                        left -= len(graded)
                        graded, saved = [], time.monotonic()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                if running:  # interrupted: the runs end with their box
                    self.box.parent.control.close()

    def grade(self, own: HandIn) -> HandIn:
        """Prepare and run one hand-in, in a thread of its own. Whatever is wrong with it becomes its problem."""
        if not own.problem:
            with explained(own), self.box.folder() as stage:
                if not own.graded:
                    prepare(self.opened, own)
                run_cells(self.opened, own, self.box, stage)
                own.part = new_part(self.opened, own.student)
                bring_out(stage, own.part, but={f"{name}.ipynb" for name in self.opened.source.notebooks})
        return own

    def grade_by_nbgrader(self, hand_ins: list[HandIn], tell: Progress) -> None:
        """For settings that only nbgrader's converter honours: its own run, our execution in it."""
        opened = self.opened
        opened.api.config.Autograde.autograde_preprocessors = steps_of(opened.converter.autograde_preprocessors)
        for number, own in enumerate(hand_ins):
            tell(number, len(hand_ins), own.student)
            if not own.problem:
                moved = own.student in opened.before and may_cost_something_else(opened, own)
                said = opened.api.autograde(opened.name, own.student, force=self.force or moved)
                if not said["success"]:
                    own.fail("stock", f"没能评分：{last_line(said)}")


@contextmanager
def at_its_quickest() -> Iterator[None]:
    """Set Python up for many short tasks in threads.

    A thread with a message for the box waits for Python's lock, by default up to 5 ms each time; and the collector
    looks through all that nbgrader has imported again and again.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)
