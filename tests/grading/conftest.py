"""A small class with the canary lesson: quick to run, every kind of exercise in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from courses.lesson import Lesson
from courses.reading import read_lesson
from grading import assignment
from grading.course import class_dir, open_course, paths
from grading.roster import Person, create_class
from tests.grading.corpus import make_course

LESSON = Path(__file__).resolve().parents[1] / "canary" / "grade-07" / "j7-99-canary"
HandIn = Callable[..., Path]


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch) -> Lesson:
    monkeypatch.setenv("HAIKE_ROOTS", str(LESSON.parents[1]))
    return read_lesson(LESSON)


@pytest.fixture
def course(own_data: Path, lesson: Lesson, empty: Path) -> Path:
    people = [Person(f"p{number}", f"学生{number}", "pupil") for number in range(1, 4)]
    create_class("c7", "七年级测试班", 7, people)
    shutil.copy(empty, class_dir("c7") / "gradebook.db")
    assignment.generate(lesson, class_dir("c7"))
    return class_dir("c7")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of plain nbgrader with two assignments, to be copied."""
    return make_course(tmp_path_factory.mktemp("template") / "course")


def plain_course(folder: Path, config: str = "") -> Path:
    """A course of plain nbgrader, empty yet."""
    folder.mkdir(parents=True)
    about = "c = get_config()\nc.CourseDirectory.course_id = 'c1'\n"
    (folder / "nbgrader_config.py").write_text(about + config, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook, to be copied: making one takes a process of alembic's."""
    course = plain_course(tmp_path_factory.mktemp("empty") / "course")
    open_course(course)  # nbgrader runs alembic by name
    Gradebook(f"sqlite:///{course}/gradebook.db", "c1").close()
    return course / "gradebook.db"


@pytest.fixture
def hand_in(course: Path, lesson: Lesson) -> HandIn:
    """hand_in(pupil, {exercise: source}) puts a hand-in into submitted/, as collect would."""

    def put(pupil: str, answers: dict[str, str] | None = None) -> Path:
        where = paths(course, lesson.id, pupil)
        where.submitted.mkdir(parents=True)
        notebook = nbformat.read(where.release / f"{lesson.id}.ipynb", as_version=4)
        for cell in notebook.cells:
            source = (answers or {}).get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if source is not None:
                cell.source = source
        nbformat.write(notebook, where.submitted / f"{lesson.id}.ipynb")
        (where.submitted / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC", encoding="utf-8")
        (where.submitted / "submission_secret.txt").write_text("0" * 128, encoding="utf-8")
        return where.submitted

    return put
