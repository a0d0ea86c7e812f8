"""A hand-in's marks into the gradebook, then its folder into autograded/: the whole of it, or all as it was before."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from glob import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4.nbjson import BytesEncoder
from nbformat.v4.rwbase import strip_transient
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import is_grade

from grading.execute import METADATA
from grading.folders import folders
from grading.gradebook import Ledger, SourceNotebook, lent, patiently
from grading.hand_in import HandIn, resources_of
from grading.opened import OpenAssignment
from grading.problems import StopGrading, explain, explained
from grading.submission import bring_out


class Saver:
    """The only writer of a grading. Used by one thread; `steps` are that thread's."""

    def __init__(self, opened: OpenAssignment) -> None:
        self.opened, self.steps = opened, opened.own_steps()
        coursedir = opened.coursedir
        self.ledger = patiently(lambda: Ledger(coursedir.db_url, coursedir.course_id))

    def save(self, *hand_ins: HandIn) -> None:
        """Marks into the gradebook, then the folders into their places. What goes wrong becomes a hand-in's problem."""
        sound = [own for own in hand_ins if own.part and not own.problem]
        for own in hand_ins:
            if own not in sound:
                with suppress(Exception):  # that it was handed in, as nbgrader notes it; no mark
                    self.ledger.transaction(partial(self.note_submission, own=own))
        try:
            self.write(sound)
        except Exception as error:
            if len(sound) == 1:
                sound[0].fail(*explain(error))
            else:  # one of them, or the gradebook: each for itself
                for own in sound:
                    self.save(own)
        for own in hand_ins:
            if own.part:
                shutil.rmtree(own.part, ignore_errors=True)
            own.graded, own.resources = {}, {}  # a class's notebooks would fill the memory

    def write(self, sound: list[HandIn]) -> None:
        """All in one transaction: each of those waits three times for the disk."""
        if sound:
            with self.writing():
                self.ledger.transaction(*(partial(self.write_marks, own=own) for own in sound))
                for own in sound:
                    with explained(own):
                        publish(self.opened, own)

    def save_lateness(self, own: HandIn) -> None:
        """What being late costs a hand-in now; its marks stay."""
        with explained(own), self.writing():
            self.ledger.transaction(lambda book: self.write_penalties(book, own))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, in this process or another, its gradebook lent to nbgrader's steps."""
        steps, book = self.steps, self.ledger
        lending = lent(steps.modules, lambda: book), lent(steps.plugins, book.whole)
        with lock_of(self.opened.root / ".haike-autograde.lock"), lending[0], lending[1]:
            yield

    def note_submission(self, book: Ledger, own: HandIn) -> None:
        opened = self.opened
        if not opened.converter.create_student and not book.knows_student(own.student):
            raise StopGrading("成绩簿里没有这名学生")
        book.update_or_create_student(own.student)
        book.open_submission(opened.source, own.student, own.handed_in)

    def write_marks(self, book: Ledger, own: HandIn) -> None:
        self.note_submission(book, own)
        for name, source in self.opened.source.notebooks.items():
            if name not in own.found.notebooks:  # nbgrader's rule: a notebook that is not there scores 0
                for cell in [*source.grade_cells, *source.task_cells]:
                    grade = book.find_grade(cell.name, name, self.opened.name, own.student)
                    grade.auto_score, grade.needs_manual_grade = 0, False
                late = book.find_submission_notebook(name, self.opened.name, own.student)
                late.late_submission_penalty = None
        assert own.part is not None
        for name, notebook in own.graded.items():
            resources = own.resources[name]
            graded = notebook if book.tries == 0 else nbformat.from_dict(json.loads(json.dumps(notebook)))
            self.forget_missing_cells(book, graded, self.opened.source.notebooks[name], own.student)
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

    def forget_missing_cells(self, book: Ledger, graded: NotebookNode, source: SourceNotebook, student: str) -> None:
        """A test that is gone has no score but waits for a person, as nbgrader has it.

        There it would keep the score of an earlier hand-in in which it was.
        """
        there = {cell.metadata["nbgrader"]["grade_id"] for cell in graded.cells if is_grade(cell)}
        for cell in source.grade_cells:
            if cell.name not in there:
                grade = book.find_grade(cell.name, source.name, self.opened.name, student)
                if grade.auto_score is not None:
                    grade.auto_score, grade.needs_manual_grade = None, True

    def write_penalties(self, book: Ledger, own: HandIn) -> None:
        self.note_submission(book, own)
        late = [step for step in self.steps.after if isinstance(step, AssignLatePenalties)]
        for name in own.found.notebooks:
            notebook = self.opened.read_graded(own.student, name)
            resources = resources_of(self.opened, own.student, name)
            for step in late:
                notebook, resources = step(notebook, resources)

    def close(self) -> None:
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
    for beside in {
        opened.path("autograded", who).parent for who in folders(opened.coursedir, "submitted", opened.name)
    }:
        for path in beside.glob(f".{escape(opened.name)}.*.part*"):
            owner = re.search(r"\.(\d+)-\d+\.part", path.name)
            if owner and not Path(f"/proc/{owner[1]}").exists():
                shutil.rmtree(path, ignore_errors=True)


def as_one_line(notebook: NotebookNode) -> str:
    """A notebook's text as nbformat would write it, but for the line breaks: whoever reads this one is a program.

    nbformat indents, which json does not do in C, and copies the whole notebook first.
    """
    plain = strip_transient(notebook)
    return json.dumps(plain, cls=BytesEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


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
