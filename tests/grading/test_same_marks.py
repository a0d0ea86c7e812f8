"""The marks that nbgrader itself gives: its example course, Haike's lessons, and the settings of a course.

HAIKE_SAME_MARKS=all compares six hand-ins of every lesson; the default is two lessons with three each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from build_paths import ROOT
from courses.lesson import Lesson
from courses.reading import find_lesson, read_all
from grading import assignment
from grading.autograde import autograde
from grading.course import open_course
from kits import answers, startup
from tests.grading.corpus import cell_of, edited, right
from tests.grading.test_ledger import all_right, hand_in, rows

ALL = os.environ.get("HAIKE_SAME_MARKS") == "all"
LESSONS = [lesson.id for lesson in read_all()] if ALL else ["j7-03", "p4-01"]
HAND_INS = 6 if ALL else 3
EXAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

#: A course's own steps: they open the gradebook as nbgrader's documentation shows.
STEPS = """
from nbgrader.api import Gradebook
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor

class Reads(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        own = resources["nbgrader"]
        gradebook = Gradebook(own["db_url"])
        gradebook.find_student(own["student"])
        gradebook.find_submission_notebook(own["notebook"], own["assignment"], own["student"])
        gradebook.close()
        return nb, resources

class Rewards(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        own = resources["nbgrader"]
        with Gradebook(own["db_url"]) as gradebook:
            grade = gradebook.find_grade("add-judge", own["notebook"], own["assignment"], own["student"])
            grade.extra_credit = 0.5 if grade.auto_score == 2 else None
            gradebook.db.commit()
        return nb, resources

class Breaks(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        return {"amy": nb}[resources["nbgrader"]["student"]], resources

class Halves(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2 if total_seconds_late < 3 * 86400 else score + 1

class Asks(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        with Gradebook(self.parent.db_url) as gradebook:
            return gradebook.find_submission(self.parent.assignment_id, student_id).score / 4
"""
HEADER = """\
c = get_config()
import pathlib, sys
from nbgrader.converters import Autograde
here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here))
first, then = Autograde().sanitize_preprocessors, Autograde().autograde_preprocessors
"""


def configure(course: Path, text: str) -> None:
    """Lines of the course's own in its configuration; `here` is its folder, whatever copy it is."""
    (course / "course_steps.py").write_text(STEPS)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(f"{HEADER}{text}\n")


def stock(course: Path, name: str, **environment: str) -> int:
    """nbgrader's own command in a process of its own. Its exit status."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("HAIKE_", "JUPYTER", "IPYTHON"))}
    keep["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), keep["PATH"]])
    command = [sys.executable, "-m", "nbgrader", "autograde", name]
    done = subprocess.run(command, cwd=course, env=keep | environment, capture_output=True, stdin=subprocess.DEVNULL)
    return done.returncode


def due(course: Path, name: str, day: int) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_assignment(name, duedate=f"2026-09-{day:02} 00:00:00 UTC")


def compare(course: Path, name: str, *, fails: bool = False, db: str = "gradebook.db", **environment: str) -> Path:
    """Grade a copy with nbgrader, the course with Haike: every row is the same. Returns nbgrader's copy."""
    theirs = shutil.copytree(course, course.with_name("stock"))
    assert (stock(theirs, name, **environment) != 0) == fails
    results = autograde(name, course)
    assert any(result.problem for result in results) == fails, results
    assert rows(course, db) == rows(theirs, db)
    return theirs


SQUARES = "def squares(n):\n    if n < 1: raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]"
EXAMPLE_ANSWERS: dict[str, dict[str, str]] = {
    "right": {
        "squares": SQUARES,
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
        "part-a": "数列",
    },
    "wrong": {"squares": "def squares(n):\n    return []", "sum_of_squares": "def sum_of_squares(n):\n    return 385"},
    "broken": {"squares": "def squares(n:", "sum_of_squares": "import sys\nprint('!', file=sys.stderr)"},
    "blank": {},
    "odd": {"squares": "def squares(n):\n    return [1, 4]", "sum_of_squares_application": "sum_of_squares(3)"},
}


def test_nbgraders_example_course(tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(EXAMPLE, course / "source", ignore=shutil.ignore_patterns("*.html", "ps1_autotest"))
    configure(course, "c.AssignLatePenalties.plugin_class = 'course_steps.Halves'")
    assert open_course(course).generate_assignment("ps1")["success"]
    for number, (pupil, own) in enumerate(EXAMPLE_ANSWERS.items()):
        folder = shutil.copytree(course / "release" / "ps1", course / "submitted" / pupil / "ps1")
        for name in ("problem1", "problem2"):
            with edited(folder, name) as notebook:
                for cell in notebook.cells:
                    cell.source = own.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
                if pupil == "odd" and name == "problem1":
                    notebook.cells.remove(cell_of(notebook, "squares_invalid_input"))
        (folder / "timestamp.txt").write_text(f"2026-09-0{number + 2} 00:00:00 UTC")
    (course / "submitted" / "wrong" / "ps1" / "problem2.ipynb").unlink()
    due(course, "ps1", 1)
    compare(course, "ps1")
    penalties = {key[0]: row[1] for key, row in rows(course).items() if key[2:] == ("problem1", "submission")}
    assert penalties["right"] and not penalties["blank"]
    assert "stock" not in {flag.reason for result in autograde("ps1", course) for flag in result.flags}


Mix = dict[str, str | None]


def mixes(lesson: Lesson) -> st.SearchStrategy[Mix]:
    """For each exercise its right answer, another right one, a known mistake, or nothing."""
    options: dict[str, list[str | None]] = {}
    for exercise in lesson.exercises:
        reference = lesson.reference(exercise.id)
        answer = reference.source if reference else re.sub(r"### (BEGIN|END) SOLUTION\n?", "", exercise.answer.source)
        others = [one.source for one in (*lesson.also_right, *lesson.mistakes) if one.of == exercise.id]
        options[exercise.id] = ["我这样想。" if exercise.form == "written" else answer, *others, None]
    return st.fixed_dictionaries({name: st.sampled_from(own) for name, own in options.items()})


def draw(lesson: Lesson, count: int) -> list[Mix]:
    drawn: list[Mix] = []

    @settings(max_examples=3 * count, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(mixes(lesson))
    def collect(mix: Mix) -> None:
        drawn.extend([mix] if mix not in drawn else [])

    collect()
    return drawn[-count:]


@pytest.mark.parametrize("lesson_id", LESSONS)
def test_haikes_lessons(lesson_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = find_lesson(lesson_id)
    assert lesson
    course = tmp_path / "course"
    assignment.generate(lesson, course)
    monkeypatch.setenv("HAIKE_LESSON", lesson.id)
    for number, mix in enumerate(draw(lesson, HAND_INS)):
        folder = shutil.copytree(course / "release" / lesson.id, course / "submitted" / f"p{number}" / lesson.id)
        notebook = nbformat.read(folder / f"{lesson.id}.ipynb", as_version=4)
        monkeypatch.chdir(folder)
        for exercise in lesson.exercises:
            source = mix[exercise.id]
            if source is None:
                continue
            if exercise.form == "widget":
                exec(source, {"answers": answers})
            else:
                cell_of(notebook, exercise.id).source = source
        nbformat.write(notebook, folder / f"{lesson.id}.ipynb")
    monkeypatch.chdir(tmp_path)
    home = startup.ipython_dir(tmp_path / "ipython")
    compare(course, lesson.id, IPYTHONDIR=str(home), PYTHONPATH=str(ROOT))
    assert len({row[0] for key, row in rows(course).items() if key[3] != "submission"}) > 1


@dataclass(frozen=True)
class Setting:
    config: str
    answers: dict[str, dict[str, str]] = field(default_factory=lambda: {"amy": all_right("ps1")})
    prepare: Callable[[Path], Any] = lambda course: None
    name: str = "ps1"
    fails: bool = False
    db: str = "gradebook.db"


def drop_test(course: Path) -> None:
    with edited(course / "submitted" / "amy" / "ps1") as notebook:
        notebook.cells.remove(cell_of(notebook, "add-judge"))


def put_files(course: Path) -> None:
    for folder, text in (("source", "who = 'teacher'"), ("submitted/amy", "who = 'pupil'")):
        for name in ("kept.py", "replaced.py"):
            (course / folder / "ps1" / name).write_text(text)


def know_amy(course: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_student("amy")


def is_due(course: Path) -> None:
    due(course, "ps1", 1)


BOTH = {"amy": all_right("ps1"), "bob": {"add": right("add")}}
WHO = "import kept, replaced\nassert (kept.who, replaced.who) == ('pupil', 'teacher')\n" + right("add")
SLOW = {"add": "import time\ntime.sleep(4)", "mean": right("mean")}
STEPS_AFTER = "c.Autograde.autograde_preprocessors = [*then[:5], 'course_steps.{}', *then[5:]]"
SETTINGS = {
    "reads-first": Setting("c.Autograde.sanitize_preprocessors = [first[0], 'course_steps.Reads', *first[1:]]"),
    "reads-before": Setting("c.Autograde.autograde_preprocessors = ['course_steps.Reads', *then]"),
    "reads-after": Setting(STEPS_AFTER.format("Reads")),
    "writes-after": Setting(STEPS_AFTER.format("Rewards"), BOTH),
    "late": Setting("c.AssignLatePenalties.plugin_class = 'course_steps.Halves'", BOTH, is_due),
    "late-asks": Setting("c.AssignLatePenalties.plugin_class = 'course_steps.Asks'", BOTH, is_due),
    "fewer": Setting("c.Autograde.autograde_preprocessors = then[:5]", BOTH, is_due),
    "timeout": Setting("c.ExecutePreprocessor.timeout = 1", {"amy": SLOW}),
    "exclude": Setting("c.Autograde.exclude_overwriting = {'ps1': ['kept.py']}", {"amy": {"add": WHO}}, put_files),
    "missing": Setting("c.OverwriteCells.add_missing_cells = True", prepare=drop_test),
    "unknown": Setting("c.Autograde.create_student = False", BOTH, know_amy, fails=True),
    "notebook": Setting("c.CourseDirectory.notebook_id = 'a'", {"amy": all_right("ps2")}, name="ps2"),
    "excluded": Setting("c.CourseDirectory.student_id_exclude = 'bob,eve'", BOTH),
    "elsewhere": Setting(
        "c.CourseDirectory.db_url = f'sqlite:///{here}/other.db'",
        prepare=lambda course: (course / "gradebook.db").rename(course / "other.db"),
        db="other.db",
    ),
}


@pytest.fixture
def course(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "course_steps", raising=False)
    return shutil.copytree(template, tmp_path / "course")


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_mean_what_they_mean_to_nbgrader(case: str, course: Path) -> None:
    setting = SETTINGS[case]
    configure(course, setting.config)
    for pupil, own in setting.answers.items():
        hand_in(course, pupil, setting.name, own, day=3)
    setting.prepare(course)
    compare(course, setting.name, fails=setting.fails, db=setting.db)


def test_an_unknown_pupils_broken_hand_in_stops_nobody(course: Path) -> None:
    configure(course, "c.Autograde.create_student = False")
    know_amy(course)
    hand_in(course, "amy", "ps1", all_right("ps1"))
    (hand_in(course, "eve", "ps1", {}) / "ps1.ipynb").write_text("{")
    amy, eve = autograde("ps1", course)
    assert (amy.problem, amy.score) == ("", 5) and eve.problem


def test_a_step_of_the_courses_own_that_fails_costs_one_hand_in(course: Path) -> None:
    configure(course, STEPS_AFTER.format("Breaks"))
    for pupil in ("amy", "bob"):
        hand_in(course, pupil, "ps1", all_right("ps1"))
    amy, bob = autograde("ps1", course)
    assert (amy.problem, amy.score) == ("", 5) and bob.problem


def test_a_shared_course_gets_nbgraders_permissions(course: Path) -> None:
    configure(course, "c.CourseDirectory.groupshared = True")
    hand_in(course, "amy", "ps1", all_right("ps1"))
    theirs = compare(course, "ps1")
    modes = [{p.relative_to(c): p.stat().st_mode for p in (c / "autograded").rglob("*")} for c in (course, theirs)]
    assert modes[0] == modes[1]
