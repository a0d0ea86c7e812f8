"""The gradebook as one writer holds it: a hand-in whole or not at all, one after another, nothing else touched."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import OperationalError

from grading import gradebook
from grading.gradebook import Ledger, Source, lent
from grading.standing import standings
from tests.grading.corpus import ASSIGNMENTS, edited, right

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
MODULE = "nbgrader.preprocessors.saveautogrades"
#: Every row that grading writes: what it belongs to, then what it says.
ROWS = (
    """SELECT submission.student_id, assignment.name, notebook.name, cell.name, grade.auto_score, grade.manual_score,
        grade.extra_credit, grade.needs_manual_grade, coalesce(grade_cells.max_score, task_cells.max_score)
        {tables} JOIN grade ON grade.notebook_id = own.id JOIN base_cell AS cell ON cell.id = grade.cell_id
        LEFT JOIN grade_cells ON grade_cells.id = cell.id LEFT JOIN task_cells ON task_cells.id = cell.id""",
    """SELECT submission.student_id, assignment.name, notebook.name, cell.name || ' comment', comment.auto_comment,
        comment.manual_comment
        {tables} JOIN comment ON comment.notebook_id = own.id JOIN base_cell AS cell ON cell.id = comment.cell_id""",
    """SELECT submission.student_id, assignment.name, notebook.name, 'submission', submission.timestamp,
        own.late_submission_penalty {tables}""",
)
TABLES = """FROM submitted_assignment AS submission JOIN assignment ON assignment.id = submission.assignment_id
    JOIN submitted_notebook AS own ON own.assignment_id = submission.id
    JOIN notebook ON notebook.id = own.notebook_id"""


def rows(course: Path, db: str = "gradebook.db") -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What a course's gradebook says of its hand-ins."""
    with closing(sqlite3.connect(course / db)) as connection:
        found = [row for query in ROWS for row in connection.execute(query.format(tables=TABLES))]
    assert len({row[:4] for row in found}) == len(found), "a row stands there twice"
    return {row[:4]: row[4:] for row in found}


def graded_files(course: Path) -> dict[str, Any]:
    """What lies in autograded/, the times of cells left out."""
    found: dict[str, Any] = {}
    for path in sorted((course / "autograded").rglob("*")):
        if path.suffix == ".ipynb":
            found[str(path.relative_to(course))] = notebook = json.loads(path.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                cell["metadata"].pop("execution", None)
        elif path.is_file():
            found[str(path.relative_to(course))] = path.read_bytes()
    return found


def hand_in(course: Path, pupil: str, assignment: str, answers: dict[str, str], day: int = 1) -> Path:
    """A hand-in made from the release; cells that `answers` does not name stay as they are."""
    folder = course / "submitted" / pupil / assignment
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(course / "release" / assignment, folder)
    for name in ASSIGNMENTS[assignment]:
        with edited(folder, name) as notebook:
            for cell in notebook.cells:
                grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
                cell.source = answers.get(grade_id, cell.source)
    (folder / "timestamp.txt").write_text(f"2026-09-{day:02} 00:00:00 UTC", encoding="utf-8")
    return folder


def all_right(assignment: str) -> dict[str, str]:
    names = {"ps1": ("add", "mean"), "ps2": ("double", "triple")}[assignment]
    return {name: right(name) for name in names} | {"why": "因为要公平。"}


@contextmanager
def locked(course: Path, seconds: float | None = None, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Another program holds the gradebook, for a while or as long as the block runs."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as connection:
            connection.execute(f"BEGIN {kind}")
            held.set()
            done.wait(seconds)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        yield
    finally:
        if seconds is None:
            done.set()
        thread.join()


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture
def ledger(course: Path) -> Iterator[Ledger]:
    held = Ledger(f"sqlite:///{course}/gradebook.db", "box")
    yield held
    held.end()


def mark(book: Ledger, student: str, score: float = 1) -> None:
    book.update_or_create_student(student)
    book.open_submission(Source(str(book.engine.url), "ps1"), student)
    for cell in ("add-shown", "add-judge", "mean-judge"):
        grade = book.find_grade(cell, "ps1", "ps1", student)
        grade.auto_score, grade.needs_manual_grade = score, False
        book.db.commit()


def test_a_hand_in_is_written_whole(course: Path, ledger: Ledger) -> None:
    ledger.transaction(lambda book: mark(book, "amy"))
    assert rows(course)["amy", "ps1", "ps1", "add-judge"] == (1.0, None, None, 0, 2.0)
    assert rows(course)["amy", "ps1", "ps1", "why"] == (None, None, None, 1, 2.0)


def test_an_error_half_way_leaves_no_row(course: Path, ledger: Ledger) -> None:
    def half(book: Ledger) -> None:
        mark(book, "amy")
        raise ValueError("half way")

    ledger.transaction(lambda book: mark(book, "bob"))
    before = rows(course)
    with pytest.raises(ValueError, match="half way"):
        ledger.transaction(half)
    assert rows(course) == before
    ledger.transaction(lambda book: mark(book, "amy"))
    assert {key[0] for key in rows(course)} == {"amy", "bob"}


def test_no_journal_is_left_beside_the_gradebook(course: Path) -> None:
    ledger = Ledger(f"sqlite:///{course}/gradebook.db", "box")
    ledger.transaction(lambda book: mark(book, "amy"))
    ledger.end()
    assert not list(course.glob("gradebook.db-*"))


def test_one_in_use_for_too_long_is_given_up_and_can_be_used_later(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook, "LOCK_SECONDS", 0.2)
    with closing(Ledger(f"sqlite:///{course}/gradebook.db", "box")) as short:
        with locked(course), pytest.raises(OperationalError, match="locked"):
            short.transaction(lambda book: mark(book, "amy"))
        assert not rows(course)
        short.transaction(lambda book: mark(book, "amy"))
    assert rows(course)["amy", "ps1", "ps1", "add-shown"][0] == 1


def test_two_writers_take_turns(course: Path) -> None:
    def write(names: list[str]) -> None:
        with closing(Ledger(f"sqlite:///{course}/gradebook.db", "box")) as own:
            for name in names:
                own.transaction(lambda book, name=name: mark(book, name))

    names = [f"p{number}" for number in range(8)]
    writers = [threading.Thread(target=write, args=(own,)) for own in (names[:5], names[3:])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {key[0] for key, row in rows(course).items() if key[3] == "add-judge" and row[0] == 1} == set(names)


def test_a_new_hand_in_has_the_rows_that_nbgrader_makes(course: Path, ledger: Ledger) -> None:
    url, when = f"sqlite:///{course}/gradebook.db", "2026-09-01 00:00:00 UTC"
    for assignment in ASSIGNMENTS:
        with Gradebook(url) as plain:
            plain.update_or_create_student("amy")
            plain.update_or_create_submission(assignment, "amy", timestamp=when)
        source = Source(url, assignment)
        ledger.transaction(lambda book: book.update_or_create_student("bob"))
        ledger.transaction(lambda book, source=source: book.open_submission(source, "bob", timestamp=when))
    found = rows(course)
    amy, bob = ({key[1:]: row for key, row in found.items() if key[0] == who} for who in ("amy", "bob"))
    assert len(amy) == 14 and amy == bob


def test_rows_read_again_are_those_nbgrader_finds_and_only_what_changed_is_written(
    course: Path, ledger: Ledger
) -> None:
    ledger.transaction(lambda book: mark(book, "amy"))
    url = f"sqlite:///{course}/gradebook.db"
    with Gradebook(url) as plain:
        plain.find_grade("why", "ps1", "ps1", "amy").manual_score = 1.5
        plain.find_comment("add", "ps1", "ps1", "amy").manual_comment = "真好"
        plain.db.commit()
        expected = {
            "grade": plain.find_grade("why", "ps1", "ps1", "amy").id,
            "comment": plain.find_comment("add", "ps1", "ps1", "amy").id,
            "submission": plain.find_submission("ps1", "amy").id,
            "notebook": plain.find_submission_notebook("ps1", "ps1", "amy").id,
        }

    def compare(book: Ledger) -> None:
        mark(book, "amy", score=0.5)
        assert {
            "grade": book.find_grade("why", "ps1", "ps1", "amy").id,
            "comment": book.find_comment("add", "ps1", "ps1", "amy").id,
            "submission": book.find_submission("ps1", "amy").id,
            "notebook": book.find_submission_notebook("ps1", "ps1", "amy").id,
        } == expected
        assert book.find_submission_notebook("ps1", "ps1", "amy").score == 3  # three tests and the teacher's own
        with pytest.raises(MissingEntry):
            book.find_grade("nonsense", "ps1", "ps1", "amy")

    ledger.transaction(compare)
    found = rows(course)
    assert found["amy", "ps1", "ps1", "why"][1] == 1.5 and found["amy", "ps1", "ps1", "add comment"][1] == "真好"
    assert found["amy", "ps1", "ps1", "add-judge"][0] == 0.5


def test_a_step_that_closes_what_it_was_lent_ends_no_transaction(course: Path, ledger: Ledger) -> None:
    def work(book: Ledger) -> None:
        mark(book, "amy")
        with lent([MODULE], lambda: book):
            from nbgrader.preprocessors import saveautogrades

            saveautogrades.Gradebook("sqlite://").close()

    ledger.transaction(work)
    assert rows(course)["amy", "ps1", "ps1", "add-judge"][0] == 1


def test_only_this_thread_is_lent_the_gradebook_and_only_for_a_while(course: Path) -> None:
    from nbgrader.preprocessors import saveautogrades

    url = f"sqlite:///{course}/gradebook.db"
    source, seen = Source(url, "ps1"), []
    with lent([MODULE], lambda: source):
        assert saveautogrades.Gradebook(url) is source
        other = threading.Thread(target=lambda: seen.append(saveautogrades.Gradebook(url)))
        other.start()
        other.join()
    assert type(seen[0]) is Gradebook and type(saveautogrades.Gradebook(url)) is Gradebook


def test_the_assignment_read_once_is_what_nbgrader_would_read(course: Path) -> None:
    url = f"sqlite:///{course}/gradebook.db"
    source = Source(url, "ps1")
    with Gradebook(url) as plain:
        for cell in plain.find_notebook("ps1", "ps1").source_cells:
            own = source.find_source_cell(cell.name, "ps1", "ps1")
            assert (own.source, own.checksum, own.cell_type, own.locked) == (
                cell.source, cell.checksum, cell.cell_type, cell.locked,
            )  # fmt: skip
        assert source.find_graded_cell("add-judge", "ps1", "ps1").max_score == 2


def test_a_hand_in_that_a_teacher_has_marked_is_whole(course: Path, ledger: Ledger) -> None:
    """The formgrader writes a manual score and takes the mark 'needs manual grade' away."""
    ledger.transaction(lambda book: mark(book, "amy"))
    url = f"sqlite:///{course}/gradebook.db"
    assert standings(url, "ps1")["amy"].is_whole
    with Gradebook(url) as plain:
        grade = plain.find_grade("why", "ps1", "ps1", "amy")
        grade.manual_score, grade.needs_manual_grade = 2, False
        plain.db.commit()
    standing = standings(url, "ps1")["amy"]
    assert (standing.score, standing.is_whole) == (5, True)
