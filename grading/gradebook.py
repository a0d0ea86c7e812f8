"""nbgrader's gradebook for a whole class: the assignment read once, each hand-in written in one transaction.

nbgrader's own preprocessors do the reading and writing. They open the gradebook anew for each step; while `lent(...)`
is in force, the name Gradebook in their modules gives them the one that is already open.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import parse_utc
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import load_only
from sqlalchemy.orm.attributes import set_committed_value

LOCK_SECONDS = 30.0
T = TypeVar("T")


@dataclass(frozen=True)
class SourceCell:
    """A cell as the gradebook keeps it: what a hand-in's cell of this name is overwritten with."""

    id: str
    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str
    max_score: float | None = None


@dataclass
class SourceNotebook:
    """One notebook of an assignment; the cells in the gradebook's order."""

    id: str
    name: str
    kernelspec: str | None
    source_cells: list[SourceCell]
    grade_cells: list[SourceCell] = field(default_factory=list)
    solution_cells: list[SourceCell] = field(default_factory=list)
    task_cells: list[SourceCell] = field(default_factory=list)


class Source:
    """What a class's hand-ins are compared with, read once. Stands in for a Gradebook that is only read from."""

    def __init__(self, db_url: str, assignment: str) -> None:
        """Raises MissingEntry where the gradebook does not know the assignment."""
        self.notebooks: dict[str, SourceNotebook] = {}
        with Gradebook(db_url) as gradebook:
            found = gradebook.find_assignment(assignment)
            self.id = str(found.id)
            for notebook in found.notebooks:
                cells = [(c.id, c.name, c.cell_type, c.locked, c.source, c.checksum) for c in notebook.source_cells]
                own_cells = [SourceCell(*cell) for cell in cells]
                own = SourceNotebook(notebook.id, notebook.name, notebook.kernelspec, own_cells)
                for kind in ("grade_cells", "solution_cells", "task_cells"):
                    for cell in getattr(notebook, kind):
                        full = getattr(cell, "max_score", None)
                        getattr(own, kind).append(SourceCell(cell.id, cell.name, "", False, "", "", full))
                self.notebooks[notebook.name] = own

    def find_notebook(self, notebook: str, assignment: str) -> SourceNotebook:
        if notebook not in self.notebooks:
            raise MissingEntry(f"No such notebook: {assignment}/{notebook}")
        return self.notebooks[notebook]

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        return pick(self.find_notebook(notebook, assignment).source_cells, name)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        own = self.find_notebook(notebook, assignment)
        return pick([*own.grade_cells, *own.task_cells], name)

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def pick(cells: Iterable[SourceCell], name: str) -> SourceCell:
    for cell in cells:
        if cell.name == name:
            return cell
    raise MissingEntry(f"No such cell: {name}")


def plain(table: Any) -> Any:
    """Only a table's own columns: nbgrader's classes otherwise compute their sums with every row that is read."""
    return load_only(*(getattr(table, column.key) for column in table.__table__.columns))


class Held:
    """A session whose commits wait for the end of the transaction."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def commit(self) -> None:
        """Nothing yet: what a query needs to see is flushed before it by itself."""

    def remove(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def patiently(work: Callable[[], T]) -> T:
    """Try again while another program holds the gradebook, up to LOCK_SECONDS. Raises what `work` raises."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.2)


class Ledger(Gradebook):
    """The gradebook as its writer holds it: one hand-in, one transaction. Used by one thread.

    Looking up a row takes nbgrader seven joined tables each time; here a hand-in's rows are read once.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            event.listen(self.engine, "connect", wait_for_others)
            event.listen(self.engine, "begin", begin_at_once)
        self.session: Any = self.db  # type: ignore[has-type]
        self.db = Held(self.session)
        self.rows: dict[tuple[str, str, str], Any] = {}
        self.tries = 0  # how often the running transaction has been begun before

    def transaction(self, work: Callable[[Ledger], T]) -> T:
        """Run work(self) and commit, or leave everything as it was. Raises what `work` raises, OperationalError."""
        self.tries = -1

        def once() -> T:
            self.tries += 1
            try:
                result = work(self)
                self.session.commit()
                return result
            except BaseException:
                self.session.rollback()
                raise
            finally:
                self.rows = {}
                self.session.remove()

        return patiently(once)

    def open_submission(self, source: Source, student: str, timestamp: str | None = None) -> SubmittedAssignment:
        """The hand-in's row, made with all its parts where there is none, and at hand for what follows.

        nbgrader's update_or_create_submission does the same through relations, each of which computes a class's sums.
        """
        found = (
            select(SubmittedAssignment)
            .options(plain(SubmittedAssignment))
            .where(SubmittedAssignment.assignment_id == source.id, SubmittedAssignment.student_id == student)
        )
        submission = self.session.scalar(found)
        if submission is None:
            submission = self.add_empty(source, student)
        else:
            self.read_rows(source, submission)
        if timestamp:
            submission.timestamp = parse_utc(timestamp)
        assignment = self.session.scalar(
            select(Assignment).options(plain(Assignment)).where(Assignment.id == source.id)
        )
        set_committed_value(submission, "assignment", assignment)  # its due date is asked for
        self.rows["submission", "", ""] = submission
        return submission

    def add_empty(self, source: Source, student: str) -> SubmittedAssignment:
        submission = SubmittedAssignment(assignment_id=source.id, student_id=student)
        self.session.add(submission)
        self.session.flush()
        for notebook in source.notebooks.values():
            own = SubmittedNotebook(assignment_id=submission.id, notebook_id=notebook.id)
            self.session.add(own)
            self.session.flush()
            self.rows["notebook", notebook.name, ""] = own
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                self.rows["grade", notebook.name, cell.name] = Grade(cell_id=cell.id, notebook_id=own.id)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                self.rows["comment", notebook.name, cell.name] = Comment(cell_id=cell.id, notebook_id=own.id)
        self.session.add_all(self.rows.values())
        self.session.flush()
        return submission

    def read_rows(self, source: Source, submission: SubmittedAssignment) -> None:
        names = {notebook.id: notebook.name for notebook in source.notebooks.values()}
        cells = {
            cell.id: cell.name
            for notebook in source.notebooks.values()
            for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
        }
        notebooks = self.session.scalars(
            select(SubmittedNotebook)
            .options(plain(SubmittedNotebook))
            .where(SubmittedNotebook.assignment_id == submission.id)
        )
        of = {notebook.id: names.get(notebook.notebook_id, "") for notebook in notebooks.all()}
        for notebook_id, name in of.items():
            self.rows["notebook", name, ""] = self.session.get(SubmittedNotebook, notebook_id)
        for kind, table in (("grade", Grade), ("comment", Comment)):
            for row in self.session.scalars(select(table).options(plain(table)).where(table.notebook_id.in_(of))):
                self.rows[kind, of[row.notebook_id], cells.get(row.cell_id, "")] = row

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return self.rows.get(("grade", notebook, grade_cell)) or super().find_grade(
            grade_cell, notebook, assignment, student
        )

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return self.rows.get(("comment", notebook, solution_cell)) or super().find_comment(
            solution_cell, notebook, assignment, student
        )

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        return self.rows.get(("submission", "", "")) or super().find_submission(assignment, student)

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        return self.rows.get(("notebook", notebook, "")) or super().find_submission_notebook(
            notebook, assignment, student
        )

    def __exit__(self, *_: object) -> None:
        """Lent to a preprocessor: it stays open."""

    def close(self) -> None:
        """The same: only its owner ends it."""

    def end(self) -> None:
        self.session.remove()
        self.engine.dispose()


def wait_for_others(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's advice: begin ourselves, see begin_at_once
    connection.execute(f"PRAGMA busy_timeout = {int(LOCK_SECONDS * 1000)}")


def begin_at_once(connection: Any) -> None:
    """Take the write lock at the start: two graders wait for each other instead of one failing half way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@dataclass(frozen=True)
class Standing:
    """What the gradebook says of a hand-in: its score (None before its first), and whether no test lacks one."""

    score: float | None
    is_whole: bool


def standings(db_url: str, assignment: str) -> dict[str, Standing]:
    """student → how their hand-in of the assignment stands."""
    with Gradebook(db_url) as gradebook:
        query = (
            select(
                SubmittedAssignment.student_id,
                Grade.auto_score,
                Grade.manual_score,
                Grade.needs_manual_grade,
                Grade.score,
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == assignment)
        )
        found: dict[str, Standing] = {}
        for student, auto, by_hand, waits, score in gradebook.db.execute(query):
            old = found.get(student, Standing(None, True))
            whole = old.is_whole and (auto is not None or by_hand is not None or bool(waits))
            known = None if auto is None and not score else float(score or 0)
            total = old.score if known is None else (old.score or 0.0) + known
            found[student] = Standing(total, whole)
        return found


def knows_student(ledger: Ledger, student: str) -> bool:
    return ledger.session.get(Student, student) is not None


_lent = threading.local()


@contextmanager
def lent(modules: Iterable[str], gradebook: Any) -> Iterator[None]:
    """In this thread, whoever of these modules opens the gradebook is given this one."""
    for name in modules:
        module = sys.modules.get(name)
        if getattr(module, "Gradebook", None) is Gradebook:
            module.Gradebook = open_lent  # type: ignore[union-attr]
    before = getattr(_lent, "gradebook", None)
    _lent.gradebook = gradebook
    try:
        yield
    finally:
        _lent.gradebook = before


def open_lent(*args: Any, **kwargs: Any) -> Any:
    return getattr(_lent, "gradebook", None) or Gradebook(*args, **kwargs)
