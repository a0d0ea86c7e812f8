"""What lies beside a notebook is the teacher's: gone, forged or no file at all, a hand-in gets its marks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from courses.lesson import Lesson
from grading import assignment, autograde
from grading.course import paths
from grading.submission import copy_files
from kits import questions
from tests.grading.conftest import HandIn
from tests.grading.test_assignment import changed
from tests.grading.test_autograde import RIGHT

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
QUESTION = "词放在哪里，别人一打开就看得见？"


def forge(folder: Path) -> None:
    other = [("甲", True, "对"), ("乙", False, "再想想")]
    (folder / questions.FILE).write_bytes(questions.packed([(QUESTION, other)]))


def make_a_folder(folder: Path) -> None:
    (folder / questions.FILE).mkdir()
    (folder / questions.FILE / "x.txt").write_text("x", encoding="utf-8")


@pytest.mark.slow
def test_marks_do_not_depend_on_the_file_in_the_pupils_hands(course: Path, lesson: Lesson, hand_in: HandIn) -> None:
    for pupil, change in (("p1", lambda folder: None), ("p2", forge), ("p3", make_a_folder)):
        change(hand_in(pupil, {"secret": RIGHT, "why": "因为要保密。"}))
    results = {one.pupil: one for one in autograde.autograde(lesson.id, course)}
    assert {(one.score, one.problem) for one in results.values()} == {(3, "")}
    for pupil in results:  # and the teacher's own lies with each
        graded = paths(course, lesson.id, pupil).autograded
        own = paths(course, lesson.id, pupil).release / questions.FILE
        assert (graded / questions.FILE).read_bytes() == own.read_bytes()
        notebook = nbformat.read(graded / f"{lesson.id}.ipynb", as_version=4)
        (cell,) = [cell for cell in notebook.cells if QUESTION in cell.source]
        assert "题目上面那一格里" in cell.outputs[0].data["text/plain"]
        assert "zqreply" not in nbformat.writes(notebook)


def test_source_and_release_have_the_file_of_their_own_questions(course: Path, lesson: Lesson, tmp_path: Path) -> None:
    where = paths(course, lesson.id, "p1")
    assert questions.options_of(QUESTION, where.release)[0] == ["题目上面那一格里", True, "对，zqreply。"]
    assert (where.source / questions.FILE).read_bytes() == (where.release / questions.FILE).read_bytes()

    assignment.generate(changed(lesson, tmp_path, "对，zqreply。", "对，题目在上面。"), course)
    assert questions.options_of(QUESTION, where.release)[0][2] == "对，题目在上面。"

    without = changed(lesson, tmp_path / "without", 'choice("",', 'print("",')
    assignment.generate(without, course)
    assert not (where.release / questions.FILE).exists() and not (where.source / questions.FILE).exists()


def test_what_stands_in_the_place_of_a_teachers_file_makes_way(tmp_path: Path) -> None:
    teachers, pupils = tmp_path / "source", tmp_path / "stage"
    names = [Path("questions.bin"), Path("data/tide/tide.csv"), Path("data/card.yml")]
    for name in names:
        (teachers / name).parent.mkdir(parents=True, exist_ok=True)
        (teachers / name).write_text(str(name), encoding="utf-8")
    (pupils / "questions.bin" / "deep").mkdir(parents=True)
    (pupils / "data").write_text("no folder", encoding="utf-8")
    (pupils / "own.txt").write_text("own", encoding="utf-8")
    stage = tmp_path / "link"
    stage.symlink_to(pupils)
    for _ in range(2):
        copy_files(teachers, names, stage)
        assert [(pupils / name).read_text("utf-8") for name in names] == list(map(str, names))
    assert (pupils / "own.txt").read_text("utf-8") == "own" and stage.is_symlink()
