"""Feedback for a class: whatever is wrong with one hand-in, everybody else gets a page, and the teacher one line."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades
from nbgrader.utils import notebook_hash
from typer.testing import CliRunner

from courses.lesson import Lesson
from grading import feedback as feedback_module
from grading.course import CourseFault
from grading.feedback import PupilFeedback, feedback
from tests.grading.conftest import plain_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
SECRET = "ZQSECRET"
HIDDEN = f"### BEGIN HIDDEN TESTS\nassert add(-1, 1) == 0  # {SECRET}\n### END HIDDEN TESTS\npass"
TRACE = f"Cell In[3], line 2\n----> 2 assert add(-1, 1) == 0  # {SECRET}\n"
Graded = Callable[..., Path]


def cell_of(make: Any, source: str, grade_id: str, outputs: list[Any] | None = None, **keys: Any) -> Any:
    about = {"grade_id": grade_id, "grade": False, "solution": False, "locked": True, "schema_version": 3} | keys
    more = {"outputs": outputs or []} if make is new_code_cell else {}
    return make(source, metadata={"nbgrader": about}, **more)


def graded_notebook(answer: str = "def add(a, b):\n    return a") -> Any:
    failed = new_output("error", ename="AssertionError", evalue="", traceback=[TRACE])
    return new_notebook(
        cells=[
            cell_of(new_code_cell, answer, "add", solution=True),
            cell_of(new_code_cell, "assert add(1, 0) == 1", "t1", grade=True, points=2),
            cell_of(new_code_cell, HIDDEN, "t2", [failed], grade=True, points=3),
            cell_of(new_markdown_cell, "画一张图。", "draw", task=True, points=4),
        ]
    )


@pytest.fixture
def exchange(tmp_path: Path) -> Path:
    return tmp_path / "exchange"


@pytest.fixture
def course(tmp_path: Path, empty: Path, exchange: Path) -> Path:
    made = plain_course(tmp_path / "course", f"c.Exchange.root = {str(exchange)!r}\n")
    shutil.copy(empty, made / "gradebook.db")
    with Gradebook(f"sqlite:///{made}/gradebook.db", "c1") as book:
        add_assignment(book, "ps1")
    return made


def add_assignment(book: Gradebook, name: str) -> None:
    book.add_assignment(name)
    book.add_notebook("nb", name)
    book.add_solution_cell("add", "nb", name)
    book.add_grade_cell("t1", "nb", name, max_score=2, cell_type="code")
    book.add_grade_cell("t2", "nb", name, max_score=3, cell_type="code")
    book.add_task_cell("draw", "nb", name, max_score=4, cell_type="markdown")


@pytest.fixture
def graded(course: Path) -> Graded:
    """graded(pupil) leaves what autograde leaves: a notebook, its marks, and what the hand-in was filed under."""

    def put(pupil: str, *, from_class: bool = True, notebook: Any = None, assignment: str = "ps1") -> Path:
        folder = course / "autograded" / pupil / assignment
        folder.mkdir(parents=True)
        (course / "submitted" / pupil / assignment).mkdir(parents=True)
        nbformat.write(notebook or graded_notebook(), folder / "nb.ipynb")
        if from_class:
            (folder / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC", encoding="utf-8")
            (folder / "submission_secret.txt").write_text(f"secret of {pupil}", encoding="utf-8")
        with Gradebook(f"sqlite:///{course}/gradebook.db", "c1") as book:
            book.update_or_create_student(pupil)
            book.update_or_create_submission(assignment, pupil)
            for name, score in (("t1", 2), ("t2", 0)):
                grade = book.find_grade(name, "nb", assignment, pupil)
                grade.auto_score, grade.needs_manual_grade = score, False
            comment = book.find_comment("add", "nb", assignment, pupil)
            comment.auto_comment = "No response."
            book.db.commit()
        return folder

    return put


HARMLESS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "p", "h1", "h2", "section", "span", "b", "i"),
    *("svg", "path", "circle", "details", "summary", "pre", "code", "footer"),
}


class Tags(HTMLParser):
    """What a browser would find in a page: its elements, and whatever it would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.addresses += [name for name, _ in attrs if name in ("src", "href", "srcset") or name.startswith("on")]


def released(exchange: Path, pupil: str) -> Path:
    return exchange / "c1" / "feedback" / f"{notebook_hash(secret=f'secret of {pupil}', notebook_id='nb')}.html"


def by_pupil(results: list[PupilFeedback]) -> dict[str, PupilFeedback]:
    return {one.pupil: one for one in results}


def test_one_from_a_usb_stick_gets_a_page_and_holds_nobody_up(course: Path, exchange: Path, graded: Graded) -> None:
    graded("a", from_class=False)
    graded("b")
    graded("d")
    results = by_pupil(feedback("ps1", course))
    assert [page.relative_to(course).as_posix() for page in results["a"].pages] == ["feedback/a/ps1/nb.html"]
    assert results["a"].pages[0].is_file() and "submission_secret.txt" in results["a"].kept_back
    for pupil in ("b", "d"):
        assert not results[pupil].kept_back
        assert released(exchange, pupil).read_bytes() == results[pupil].pages[0].read_bytes()


def test_the_command_says_it_in_one_line_and_ends_with_one(course: Path, graded: Graded) -> None:
    graded("b")
    assert CliRunner().invoke(command(), ["ps1", "--course-dir", str(course)]).exit_code == 0
    for pupil in ("a", "c"):
        graded(pupil, from_class=False)
    done = CliRunner().invoke(command(), ["ps1", "--course-dir", str(course)])
    said = [row for row in done.output.splitlines() if row.strip()]
    assert done.exit_code == 1 and said[0] == "写好 3 份反馈，发好 1 份。"
    assert [row.partition("：")[0] for row in said if "没有发出去" in row] == ["a", "c"]


def command() -> Any:
    import typer

    from grading.cli import feedback as run

    main = typer.Typer()
    main.command()(run)
    return main


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "读不了"), (b'{"cells": [', "读不了"), (b"\x89PNG\xff", "读不了"), (b'{"cells": 3}', "读不了")],
)
def test_a_broken_one_keeps_its_old_page_and_stops_nobody(
    content: bytes, said: str, course: Path, graded: Graded
) -> None:
    notebook = graded("a") / "nb.ipynb"
    graded("b")
    old = by_pupil(feedback("ps1", course))["a"].pages[0]
    before = old.read_bytes()
    notebook.write_bytes(content)
    results = by_pupil(feedback("ps1", course))
    assert said in results["a"].problem and "--force" in results["a"].problem
    assert old.read_bytes() == before and results["b"].pages and not results["b"].problem


def test_who_has_no_notebook_or_no_mark_is_named(course: Path, graded: Graded) -> None:
    graded("a")
    (course / "submitted" / "late" / "ps1").mkdir(parents=True)
    (course / "autograded" / "x" / "ps1").mkdir(parents=True)
    stranger = course / "autograded" / "stranger" / "ps1"
    shutil.copytree(course / "autograded" / "a" / "ps1", stranger)
    results = by_pupil(feedback("ps1", course))
    assert "还没有评分" in results["late"].problem and "成绩簿里没有" in results["stranger"].problem
    assert results["x"].problem and not results["a"].problem and results["a"].pages


def test_twenty_megabytes_of_output_make_a_small_page(course: Path, graded: Graded) -> None:
    notebook = graded_notebook()
    notebook.cells[0].outputs = [new_output("stream", name="stdout", text="很多" * 4_000_000)]
    notebook.cells[1].outputs = [new_output("display_data", data={"text/html": "<script>x</script>" * 500_000})]
    graded("a", notebook=notebook)
    graded("b")
    results = by_pupil(feedback("ps1", course))
    assert results["a"].pages[0].stat().st_size < 50_000 and results["b"].pages


def test_a_disk_that_fills_up_half_way_leaves_every_page_that_was_there(
    course: Path, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pupil in ("a", "b", "c"):
        graded(pupil)
    first = by_pupil(feedback("ps1", course))
    before = {pupil: one.pages[0].read_bytes() for pupil, one in first.items()}
    sync = os.fsync
    calls: list[int] = []

    def fill_up(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 4:  # a's page and its two files, b's page
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fill_up)
    results = by_pupil(feedback("ps1", course))
    monkeypatch.undo()
    assert "磁盘满了" in results["c"].problem and "原来的还在" in results["c"].problem
    assert results["a"].pages and "磁盘满了" in results["a"].kept_back
    assert {pupil: one.pages[0].read_bytes() for pupil, one in first.items()} == before
    assert not list(course.rglob(".*nb.html-*"))


def test_an_exchange_out_of_reach_leaves_all_pages_written(course: Path, graded: Graded) -> None:
    config = (course / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(config + "c.Exchange.root = '/proc/no-such-drive'\n", encoding="utf-8")
    graded("a")
    graded("b")
    results = feedback("ps1", course)
    assert all(one.pages[0].is_file() and "够不着" in one.kept_back for one in results)
    assert len({one.kept_back for one in results}) == 1, "one line for the whole class"


def test_no_page_holds_a_secret_a_script_or_an_address(course: Path, graded: Graded) -> None:
    notebook = graded_notebook('x = "</pre><script src=//evil.example/x.js></script>"')
    notebook.cells[0].outputs = [
        new_output(
            "display_data", data={"text/html": "<script>alert(1)</script>", "image/svg+xml": "<svg onload=x()>"}
        ),
        new_output("error", ename="ValueError", evalue="<img src=//evil.example>请给我正数", traceback=[]),
    ]
    graded("a", notebook=notebook)
    (one,) = feedback("ps1", course)
    text = one.pages[0].read_text(encoding="utf-8")
    assert SECRET not in text and "HIDDEN" not in text and "Traceback" not in text and "No response" not in text
    tags = Tags()
    tags.feed(text)
    assert tags.found <= HARMLESS and not tags.addresses and "mathjax" not in text.lower() and "url(" not in text
    assert "<h1>ps1 · nb</h1>" in text
    assert "2 分，满分 9 分" in text and "等老师来评" in text, "a task counts, as in nbgrader's gradebook"


def test_the_numbers_are_those_of_nbgraders_own_page(course: Path, graded: Graded) -> None:
    """Points by hand, extra credit, a penalty, and a cell that was marked by hand before it was graded again."""
    path = graded("a") / "nb.ipynb"
    url = f"sqlite:///{course}/gradebook.db"
    with Gradebook(url, "c1") as book:
        for name, by_hand, extra in (("t2", 1.5, 0.5), ("draw", 3, None)):
            grade = book.find_grade(name, "nb", "ps1", "a")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = by_hand, extra, True
        book.find_comment("add", "nb", "ps1", "a").manual_comment = "名字起得好。"
        book.find_submission_notebook("nb", "ps1", "a").late_submission_penalty = 0.25
        book.db.commit()
    own = {"notebook": "nb", "assignment": "ps1", "student": "a", "db_url": url}
    notebook, resources = GetGrades().preprocess(nbformat.read(path, as_version=4), {"nbgrader": own})
    text = feedback("ps1", course)[0].pages[0].read_text(encoding="utf-8")
    stock = resources["nbgrader"]
    assert f"现在是 {stock['score']:g} 分，满分 {stock['max_score']:g} 分。" in text and stock["score"] == 6.75
    scores = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("score") for cell in notebook.cells}
    assert f"{scores['t1'] + scores['t2']:g} / 5" in text and f"{scores['draw']:g} / 4" in text
    assert "名字起得好。" in text and "等老师来评" not in text


def test_names_with_signs_and_own_folders(course: Path, exchange: Path, graded: Graded) -> None:
    name, pupil = "第1课 (上) [甲]", "小海?[1]"
    config = (course / "nbgrader_config.py").read_text(encoding="utf-8")
    own = "c.CourseDirectory.autograded_directory = '评好'\nc.CourseDirectory.feedback_directory = '反馈'\n"
    (course / "nbgrader_config.py").write_text(config + own, encoding="utf-8")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "c1") as book:
        add_assignment(book, name)
    for one in (pupil, "小海x1"):
        graded(one, assignment=name)
    (course / "autograded").rename(course / "评好")
    results = feedback(name, course, pupil)
    assert [one.pupil for one in results] == [pupil]
    assert results[0].pages == [course / "反馈" / pupil / name / "nb.html"] and not results[0].kept_back
    assert released(exchange, pupil).is_file() and not released(exchange, "小海x1").exists()


def test_the_lesson_and_the_gradebook_of_a_class_are_opened_once_and_no_variant_is_started(
    course: Path, graded: Graded, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pupil in ("a", "b", "c"):
        graded(pupil)
    asked: list[Any] = []
    monkeypatch.setattr(feedback_module, "find_lesson", lambda name: asked.append(name) or lesson)
    monkeypatch.setattr(feedback_module, "reference_run", lambda found, **how: asked.append(how))
    opened: list[str] = []

    def counted(*address: str) -> Gradebook:
        opened.append(address[0])
        return Gradebook(*address)

    monkeypatch.setattr(feedback_module, "Gradebook", counted)
    assert all(one.pages for one in feedback("ps1", course))
    assert asked == ["ps1", {"variants": False}] and len(opened) == 1


def test_a_lesson_that_cannot_be_run_still_has_pages(
    course: Path, graded: Graded, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise CourseFault("做不出这一课的学生版")

    graded("a")
    monkeypatch.setattr(feedback_module, "find_lesson", lambda name: lesson)
    monkeypatch.setattr(feedback_module, "reference_run", broken)
    assert feedback("ps1", course)[0].pages


def test_what_is_not_graded_says_what_to_do(course: Path) -> None:
    with pytest.raises(CourseFault, match="还没有评过分.*autograde ps1"):
        feedback("ps1", course)
    with pytest.raises(CourseFault, match="ann 的 ps1"):
        feedback("ps1", course, "ann")
