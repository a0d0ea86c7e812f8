"""A hand-in's marks into the gradebook, then its folder into autograded/: the whole of it, or all as it was before."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat

from grading.execute import METADATA
from grading.gradebook import Ledger, lent, patiently
from grading.graded_cells import as_one_line
from grading.hand_in import HandIn
from grading.opened import OpenAssignment
from grading.problems import StopGrading, explained
from grading.submission import bring_out


class Saver:
    """The only writer of a grading. Used by one thread; `steps` are that thread's."""

    def __init__(self, opened: OpenAssignment) -> None:
        self.opened, self.steps = opened, opened.own_steps()
        coursedir = opened.coursedir
        self.ledger = patiently(lambda: Ledger(coursedir.db_url, coursedir.course_id))

    def save(self, own: HandIn) -> None:
        """Marks into the gradebook, then the folder into its place. What goes wrong becomes the hand-in's problem."""
        if own.part is None or own.problem:
            with suppress(Exception):  # that it was handed in, as nbgrader notes it; no mark
                self.ledger.transaction(lambda book: self.note_submission(book, own))
        else:
            book, steps = self.ledger, self.steps
            lending = lent(steps.modules, lambda: book), lent(steps.plugins, book.whole)
            with explained(own), lock_of(self.opened.root / ".haike-autograde.lock"), lending[0], lending[1]:
                book.transaction(lambda _: self.write_marks(book, own))
                publish(self.opened, own)
        if own.part:
            shutil.rmtree(own.part, ignore_errors=True)

    def note_submission(self, ledger: Ledger, own: HandIn) -> Any:
        opened = self.opened
        if not opened.converter.create_student and not ledger.knows_student(own.student):
            raise StopGrading("成绩簿里没有这名学生")
        ledger.update_or_create_student(own.student)
        when = opened.timestamp(opened.path("submitted", own.student))
        return ledger.open_submission(opened.source, own.student, when)

    def write_marks(self, ledger: Ledger, own: HandIn) -> None:
        self.note_submission(ledger, own)
        for name, source in self.opened.source.notebooks.items():
            if name not in own.found.notebooks:  # nbgrader's rule: a notebook that is not there scores 0
                for cell in [*source.grade_cells, *source.task_cells]:
                    grade = ledger.find_grade(cell.name, name, self.opened.name, own.student)
                    grade.auto_score, grade.needs_manual_grade = 0, False
        assert own.part is not None
        for name, notebook in own.graded.items():
            resources = own.resources[name]
            graded = notebook if ledger.tries == 0 else nbformat.from_dict(json.loads(json.dumps(notebook)))
            for step in self.steps.after:
                graded, resources = step(graded, resources)
            about = graded.metadata.setdefault(METADATA, {})
            about["stamp"] = own.stamps.get(name, "")
            about["flags"] = [[one.reason, one.words] for one in own.flags]
            (own.part / f"{name}.ipynb").write_text(as_one_line(graded), encoding="utf-8")
            own.graded[name] = graded
        if own.kept:
            old = self.opened.path("autograded", own.student)
            bring_out(old, own.part, but={str(path.relative_to(own.part)) for path in own.part.rglob("*")})

    def end(self) -> None:
        self.ledger.end()


_numbers = itertools.count(1)


def new_part(opened: OpenAssignment, student: str) -> Path:
    """A folder beside a pupil's graded one, to be put in its place."""
    target = opened.path("autograded", student)
    part = target.with_name(f".{opened.name}.{os.getpid()}-{next(_numbers)}.part")
    part.mkdir(parents=True)
    return part


def publish(opened: OpenAssignment, own: HandIn) -> None:
    """Put the graded folder where the old one stood; a reader sees the one or the other."""
    assert own.part is not None
    target = opened.path("autograded", own.student)
    aside = own.part.with_name(own.part.name + ".old")
    if target.exists():
        target.rename(aside)
    try:
        own.part.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    opened.converter.set_permissions(opened.name, own.student)


def sweep(opened: OpenAssignment) -> None:
    """Take away what earlier gradings left behind when they were killed."""
    for path in opened.path("autograded", "*").parent.parent.glob(f"*/.{opened.name}.*.part*"):
        owner = re.search(r"\.(\d+)-\d+\.part", path.name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def lock_of(path: Path) -> Iterator[None]:
    """One writer of autograded/ at a time, in this process or another."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
