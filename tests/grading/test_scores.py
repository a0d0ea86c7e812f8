"""The table of a class's scores: everybody in it, in a teacher's time, with the sums of nbgrader's own export."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from grading.course import CourseFault, class_dir
from grading.roster import Person, create_class
from grading.scores import export_scores, full_name, rounded
from tests.grading.conftest import plain_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own


def make_gradebook(
    empty: Path, course: Path, points: dict[str, float], db: str = "gradebook.db", **assignment: Any
) -> Gradebook:
    shutil.copy(empty, course / db)
    book = Gradebook(f"sqlite:///{course / db}", "c1")
    book.add_assignment("ps1", **assignment)
    book.add_notebook("nb", "ps1")
    for name, full in points.items():
        book.add_grade_cell(name, "nb", "ps1", max_score=full, cell_type="code")
    return book


def hand_in(
    book: Gradebook, course: Path, pupil: str, scores: dict[str, float], when: str = "", late: float = 0, **who: str
) -> None:
    book.update_or_create_student(pupil, **who)
    book.update_or_create_submission("ps1", pupil, timestamp=when or None)
    for name, score in scores.items():
        grade = book.find_grade(name, "nb", "ps1", pupil)
        grade.auto_score, grade.needs_manual_grade = score, False
    book.find_submission_notebook("nb", "ps1", pupil).late_submission_penalty = late
    book.db.commit()
    for step in ("submitted", "autograded"):
        (course / step / pupil / "ps1").mkdir(parents=True)


def table(course: Path, tmp_path: Path) -> dict[str, dict[str, str]]:
    to = tmp_path / "成绩.csv"
    count = export_scores(course, to)
    assert to.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets take it for UTF-8"
    rows = list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == count
    return {row["账号"]: row for row in rows}


def stock_table(book: Gradebook, tmp_path: Path) -> dict[str, dict[str, str]]:
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "stock.csv")
    plugin.export(book)
    return {row["student_id"]: row for row in csv.DictReader((tmp_path / "stock.csv").read_text().splitlines())}


def test_everybody_has_a_row_with_the_sums_of_nbgraders_export(empty: Path, tmp_path: Path) -> None:
    course = plain_course(tmp_path / "course")
    with make_gradebook(empty, course, {"t1": 2, "t2": 3}, duedate=datetime(2026, 3, 1, 4)) as book:
        hand_in(book, course, "ok", {"t1": 2, "t2": 3}, "2026-03-01 03:59:59 UTC", last_name="王", first_name="小海")
        hand_in(book, course, "late", {"t1": 2, "t2": 3}, "2026-03-01 16:30:00 UTC", late=5)
        hand_in(book, course, "over", {"t1": 1, "t2": 0}, "2026-03-02 00:00:00 UTC", late=4)
        book.add_student("zz", last_name="张", first_name="红")
        stock = stock_table(book, tmp_path)
    own = table(course, tmp_path)
    assert own.keys() == stock.keys() == {"ok", "late", "over", "zz"}
    for pupil, row in own.items():
        assert float(row["得分"]) == float(stock[pupil]["score"]), pupil
        assert float(row["满分"]) == float(stock[pupil]["max_score"])
        assert float(row["扣分前"]) == float(stock[pupil]["raw_score"])
        assert float(row["得分"]) + float(row["晚交扣分"]) == float(row["扣分前"])
    assert [own[pupil]["交作业"] for pupil in ("ok", "late", "over", "zz")] == ["按时", "晚交", "晚交", "没交"]
    assert own["ok"]["姓名"] == "王小海" and own["zz"]["姓名"] == "张红"
    assert own["ok"]["交作业时间"] == "2026-03-01 11:59:59", "a Shanghai clock"
    assert own["late"]["交作业时间"] == "2026-03-02 00:30:00"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1 / 3 + 0.1 + 0.2, "0.63"),
        (0.1 + 0.2, "0.3"),
        (5.0, "5"),
        (0, "0"),
        (2.675, "2.68"),
        (100.0, "100"),
        (1e-17, "0"),
    ],
)
def test_a_score_has_at_most_two_places(value: float, shown: str) -> None:
    assert str(rounded(value)) == shown


def test_thirds_are_rounded_once_not_cell_by_cell(empty: Path, tmp_path: Path) -> None:
    course = plain_course(tmp_path / "course")
    thirds = dict.fromkeys("abc", 1 / 3)
    with make_gradebook(empty, course, thirds) as book:
        hand_in(book, course, "p1", thirds, late=1 / 3)
        hand_in(book, course, "p2", dict.fromkeys("abc", 0.21))
    rows = table(course, tmp_path)
    assert (rows["p2"]["得分"], rows["p2"]["晚交扣分"], rows["p2"]["交作业"]) == ("0.63", "0", "交了")
    row = rows["p1"]
    assert (row["扣分前"], row["晚交扣分"], row["得分"], row["满分"]) == ("1", "0.33", "0.67", "1")


def test_a_class_of_haike_lists_its_pupils_by_name_before_anybody_has_handed_in(
    empty: Path, own_data: Path, tmp_path: Path
) -> None:
    people = [Person("t1", "王老师", "teacher"), Person("p1", "学生一", "pupil"), Person("p2", "=学生二", "pupil")]
    create_class("c7", "七年级一班", 7, people)
    with make_gradebook(empty, class_dir("c7"), {"t1": 2}) as book:
        hand_in(book, class_dir("c7"), "p1", {"t1": 1})
    rows = table(class_dir("c7"), tmp_path)
    assert rows["p1"]["姓名"] == "学生一" and "t1" not in rows
    assert (rows["p2"]["交作业"], rows["p2"]["得分"]) == ("没交", "0")
    assert rows["p2"]["姓名"] == "'=学生二", "no spreadsheet takes a name for a formula"


def test_what_is_handed_in_and_not_graded_yet_says_so(empty: Path, tmp_path: Path) -> None:
    course = plain_course(tmp_path / "course")
    with make_gradebook(empty, course, {"t1": 2}) as book:
        book.add_student("new")
        book.add_student("broken")
        book.add_submission("ps1", "broken", timestamp="2026-03-01 00:00:00 UTC")
        hand_in(book, course, "waits", {})
    for pupil in ("new", "broken"):
        (course / "submitted" / pupil / "ps1").mkdir(parents=True)
    (course / "submitted" / "new" / "ps1" / "timestamp.txt").write_text("三月一日", encoding="utf-8")
    rows = table(course, tmp_path)
    assert [rows[pupil]["评分"] for pupil in ("new", "broken", "waits")] == ["还没评", "还没评", "等老师评"]
    assert rows["new"]["得分"] == rows["broken"]["得分"] == ""
    assert rows["broken"]["交作业时间"] == "2026-03-01 08:00:00" and rows["new"]["交作业时间"] == ""


def test_a_course_with_folders_and_a_gradebook_of_its_own(empty: Path, tmp_path: Path) -> None:
    db = f"c.CourseDirectory.db_url = 'sqlite:///{tmp_path}/course/own.db'\n"
    course = plain_course(tmp_path / "course", db + "c.CourseDirectory.autograded_directory = '评好'\n")
    with make_gradebook(empty, course, {"t1": 2}, "own.db") as book:
        hand_in(book, course, "p1", {"t1": 0})
    (course / "autograded").rename(course / "评好")
    assert table(course, tmp_path)["p1"]["评分"] == "评好了"


def test_without_a_gradebook_none_is_made(tmp_path: Path) -> None:
    course = plain_course(tmp_path / "course")
    with pytest.raises(CourseFault, match="还没有成绩簿"):
        export_scores(course, tmp_path / "成绩.csv")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["nbgrader_config.py"]


def test_a_name_is_written_as_its_people_write_it() -> None:
    from nbgrader.api import Student

    assert full_name(Student(id="a", last_name="张", first_name="红")) == "张红"
    assert full_name(Student(id="a", last_name="Li", first_name="Ann")) == "Ann Li"
    assert full_name(Student(id="a")) == full_name(None) == ""
