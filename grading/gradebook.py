"""nbgrader's gradebook for a whole class: the assignment read once, each hand-in written whole or not at all.

nbgrader's own preprocessors do the reading and writing. They open the gradebook anew for each step; while `lent(...)`
is in force, the name Gradebook in their modules gives them the one that is already open.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, bindparam, event, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

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
            self.duedate = found.duedate
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


def patiently(work: Callable[[], T]) -> T:
    """Try again while another program holds the gradebook, up to LOCK_SECONDS. Raises what `work` raises."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return work()
        except OperationalError as error:
            if not in_use(error) or time.monotonic() > until:
                raise
            time.sleep(0.2)


def in_use(error: OperationalError) -> bool:
    """Whether another program holds the gradebook."""
    return "locked" in str(error)


class Row:
    """A row as nbgrader's steps read it and set its columns. The ledger writes it when somebody needs it written."""

    def __init__(self, table: Any, values: Mapping[str, Any], *, is_new: bool = False) -> None:
        self.__dict__.update(values)
        self.table = table.__table__
        self.written = {} if is_new else dict(values)

    def unwritten(self) -> dict[str, Any]:
        columns = self.table.columns.keys()
        return {
            name: value
            for name, value in vars(self).items()
            if name in columns and (name not in self.written or self.written[name] != value)
        }


class SubmissionRow(Row):
    """How late it is, is nbgrader's to say."""

    assignment: Source  # its due date is asked for
    timestamp: Any
    duedate = SubmittedAssignment.duedate
    total_seconds_late = SubmittedAssignment.total_seconds_late


class NotebookRow(Row):
    ledger: Ledger

    @property
    def score(self) -> float:
        """As the database computes it for nbgrader."""
        self.ledger.write()
        return float(self.ledger.connection.scalar(SCORE, {"notebook": vars(self)["id"]}) or 0.0)


# A statement takes SQLAlchemy longer to put together than to run: those that every hand-in needs are made once.
STUDENT = select(Student.id).where(Student.id == bindparam("student"))
SCORE = select(SubmittedNotebook.score).where(SubmittedNotebook.id == bindparam("notebook"))
SUBMISSION = select(SubmittedAssignment.__table__).where(
    SubmittedAssignment.assignment_id == bindparam("assignment"), SubmittedAssignment.student_id == bindparam("student")
)
NOTEBOOKS = select(SubmittedNotebook.__table__).where(SubmittedNotebook.assignment_id == bindparam("submission"))
PARTS = {
    kind: (table, select(table.__table__).where(table.notebook_id.in_(bindparam("notebooks", expanding=True))))
    for kind, table in (("grade", Grade), ("comment", Comment))
}
insert_into = cache(insert)

#: What a new row says before it is graded.
NO_TIMES: dict[str, Any] = {"timestamp": None, "extension": None}
NO_PENALTY: dict[str, Any] = {"late_submission_penalty": None, "flagged": False}
NO_GRADE: dict[str, Any] = {"auto_score": None, "manual_score": None, "extra_credit": None, "needs_manual_grade": True}
NO_COMMENT: dict[str, Any] = {"auto_comment": None, "manual_comment": None}


class Ledger:
    """The gradebook as its writer holds it: a hand-in is written whole or not at all. Used by one thread.

    nbgrader's own Gradebook looks a row up through seven joined tables, and its classes compute a class's sums on the
    way; here a hand-in's rows are read once, by their own columns, and written once.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        self.gradebook = Gradebook(db_url, course_id)
        self.engine = self.gradebook.engine
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            event.listen(self.engine, "connect", wait_for_others)
            event.listen(self.engine, "begin", begin_at_once)
        self.connection: Connection
        self.rows: dict[tuple[str, str, str], Row] = {}
        self.tries = 0  # how often the running transaction has been begun before
        self.db = self  # nbgrader's steps commit what they have set

    def commit(self) -> None:
        """Nothing yet: `transaction` does when all is done."""

    def transaction(self, *works: Callable[[Ledger], object]) -> None:
        """Run each work(self), of one hand-in, and commit, or leave everything as it was.

        Raises what one of them raises, OperationalError.
        """
        self.tries = -1

        def once() -> None:
            self.tries += 1
            try:
                with self.engine.begin() as self.connection:
                    for work in works:
                        work(self)
                        self.write()
                        self.rows = {}
            finally:
                self.rows = {}

        patiently(once)

    def write(self) -> None:
        """Send what has been set since to the database: new rows of a table together, in the order of the tables."""
        new: dict[Any, list[dict[str, Any]]] = {}
        for row in self.rows.values():
            values = row.unwritten()
            if not values:
                continue
            if not row.written:
                new.setdefault(row.table, []).append(values)
            else:
                own = update(row.table).where(row.table.c.id == row.written["id"])
                self.connection.execute(own.values(values))
            row.written |= values
        for table, rows in new.items():
            self.connection.execute(insert_into(table), rows)

    def knows_student(self, student: str) -> bool:
        return self.connection.scalar(STUDENT, {"student": student}) is not None

    def update_or_create_student(self, student: str) -> None:
        """As nbgrader does it: whoever hands in is in the course."""
        if self.gradebook.authenticator:
            self.gradebook.authenticator.add_student_to_course(student, self.gradebook.course_id)
        if not self.knows_student(student):
            self.connection.execute(insert_into(Student.__table__), {"id": student})

    def open_submission(self, source: Source, student: str, timestamp: datetime | str | None = None) -> SubmissionRow:
        """The hand-in's row, made with all its parts where there is none, and at hand for what follows."""
        asked = {"assignment": source.id, "student": student}
        old = self.connection.execute(SUBMISSION, asked).mappings().first()
        new = {"id": new_uuid(), "assignment_id": source.id, "student_id": student, **NO_TIMES}
        values = dict(old) if old else new
        submission = SubmissionRow(SubmittedAssignment, values, is_new=old is None)
        submission.assignment = source
        if timestamp:
            submission.timestamp = parse_utc(timestamp)
        self.rows["submission", "", ""] = submission
        self.read_parts(source, values["id"]) if old else self.add_parts(source, values["id"])
        return submission

    def add_parts(self, source: Source, submission: str) -> None:
        for name, notebook in source.notebooks.items():
            own = {"id": new_uuid(), "assignment_id": submission, "notebook_id": notebook.id}
            self.rows["notebook", name, ""] = NotebookRow(SubmittedNotebook, {**own, **NO_PENALTY}, is_new=True)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                values = {"id": new_uuid(), "cell_id": cell.id, "notebook_id": own["id"], **NO_GRADE}
                self.rows["grade", name, cell.name] = Row(Grade, values, is_new=True)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                values = {"id": new_uuid(), "cell_id": cell.id, "notebook_id": own["id"], **NO_COMMENT}
                self.rows["comment", name, cell.name] = Row(Comment, values, is_new=True)

    def read_parts(self, source: Source, submission: str) -> None:
        names = {notebook.id: notebook.name for notebook in source.notebooks.values()}
        cells = {
            cell.id: cell.name
            for notebook in source.notebooks.values()
            for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
        }
        notebooks = self.connection.execute(NOTEBOOKS, {"submission": submission}).mappings().all()
        of = {values["id"]: names.get(values["notebook_id"], "") for values in notebooks}
        for values in notebooks:
            self.rows["notebook", of[values["id"]], ""] = NotebookRow(SubmittedNotebook, dict(values))
        for kind, (table, parts) in PARTS.items():
            for values in self.connection.execute(parts, {"notebooks": list(of)}).mappings():
                key = (kind, of[values["notebook_id"]], cells.get(values["cell_id"], ""))
                self.rows[key] = Row(table, dict(values))

    # ---- what nbgrader's steps ask a Gradebook for ----

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        return self.find("grade", notebook, grade_cell)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        return self.find("comment", notebook, solution_cell)

    def find_submission(self, assignment: str, student: str) -> Any:
        return self.find("submission", "", "")

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any:
        found = self.find("notebook", notebook, "")
        found.ledger = self
        return found

    def find(self, kind: str, notebook: str, cell: str) -> Any:
        if (kind, notebook, cell) not in self.rows:
            raise MissingEntry(f"No such {kind}: {notebook}/{cell}")
        return self.rows[kind, notebook, cell]

    def whole(self) -> Gradebook:
        """For a course's own plugin, which may ask for anything: nbgrader's Gradebook, inside this transaction."""
        self.write()
        session = Session(self.connection, join_transaction_mode="rollback_only")
        book = copy(self.gradebook)
        book.db, book.close = session, session.close
        return book

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        """Lent to a preprocessor: it stays open."""

    def close(self) -> None:
        """The same: only its owner ends it."""

    def end(self) -> None:
        if self.engine.dialect.name == "sqlite":
            raw = self.engine.raw_connection()
            with suppress(sqlite3.OperationalError):
                raw.cursor().execute("PRAGMA journal_mode = DELETE")  # takes the empty journal away
        self.gradebook.close()
        self.engine.dispose()


def wait_for_others(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's advice: begin ourselves, see begin_at_once
    connection.execute(f"PRAGMA busy_timeout = {int(LOCK_SECONDS * 1000)}")
    connection.execute("PRAGMA journal_mode = TRUNCATE")  # as safe as DELETE, without a new file each time


def begin_at_once(connection: Any) -> None:
    """Take the write lock at the start: two graders wait for each other instead of one failing half way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_lent = threading.local()


@contextmanager
def lent(modules: Iterable[str], opened: Callable[[], Any]) -> Iterator[None]:
    """In this thread, whoever of these modules opens the gradebook is given `opened()`."""
    modules = list(modules)
    for name in modules:
        module = sys.modules.get(name)
        if getattr(module, "Gradebook", None) is Gradebook:
            module.Gradebook = partial(open_lent, name)  # type: ignore[union-attr]
    before = getattr(_lent, "opened", {})
    _lent.opened = before | dict.fromkeys(modules, opened)
    try:
        yield
    finally:
        _lent.opened = before


def open_lent(module: str, *args: Any, **kwargs: Any) -> Any:
    opened = getattr(_lent, "opened", {}).get(module)
    return opened() if opened else Gradebook(*args, **kwargs)
