"""Whatever ends or disturbs a grading, the next call completes it, and nothing that anybody wrote goes lost.

HAIKE_KILLS=50 kills that many gradings of a hundred hand-ins each; the default is small.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from build_paths import ROOT
from grading import gradebook
from grading.autograde import Queue, autograde
from grading.course import open_course
from grading.gradebook import Ledger
from grading.hand_in import HandIn
from grading.saving import Saver
from grading.standing import standings
from tests.grading.corpus import edited, right
from tests.grading.test_ledger import all_right, graded_files, hand_in, locked, rows

KILLS = int(os.environ.get("HAIKE_KILLS", "10"))
PUPILS = 100 if KILLS >= 50 else 12
WHOM = ("everything", "the command", "one process of the box")
DRAWN = [all_right("ps1"), {"add": right("add")}, {"mean": "1 / 0"}, {}, {"add": "def add(a, b):\n    return 3"}]
State = tuple[dict[Any, Any], dict[str, Any]]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture(scope="module")
def class_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = shutil.copytree(template, tmp_path_factory.mktemp("class") / "course")
    for number in range(PUPILS):
        hand_in(course, f"p{number:03}", "ps1", DRAWN[number % len(DRAWN)])
    return course


@pytest.fixture(scope="module")
def undisturbed(class_template: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    course = shutil.copytree(class_template, tmp_path_factory.mktemp("undisturbed") / "course")
    assert all(not result.problem for result in autograde("ps1", course))
    return state(course)


@pytest.fixture
def whole_class(class_template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(class_template, tmp_path / "class")


def state(course: Path) -> State:
    return rows(course), graded_files(course)


def start(course: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from door import main; main()", "autograde", "ps1", "--course-dir", str(course)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True, preexec_fn=listen_to_ctrl_c
    )


def listen_to_ctrl_c() -> None:
    """Whoever runs the tests in the background of a script has them ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(course: Path) -> None:
    process = start(course)
    said = process.communicate(timeout=300)
    assert process.returncode == 0, said


def wait_until_graded(course: Path, process: subprocess.Popen[str], count: int) -> None:
    while process.poll() is None and len(list(course.glob("autograded/*/ps1"))) < count:
        time.sleep(0.002)


def left_over(course: Path) -> list[Path]:
    return [path for path in course.rglob("*") if ".part" in path.name or path.suffix == ".old"]


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment_it_is_completed_by_the_same_command(
    number: int, whole_class: Path, undisturbed: State
) -> None:
    draw = random.Random(number)
    process = start(whole_class)
    if draw.random() < 0.8:
        wait_until_graded(whole_class, process, draw.randrange(PUPILS))
        time.sleep(draw.uniform(0, 0.05))
    else:
        time.sleep(draw.uniform(0, 3))
    family = []
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    kill(WHOM[number % len(WHOM)], process, family, draw)
    process.communicate(timeout=120)
    assert psutil.wait_procs(family, timeout=10)[1] == [], "these go on without the command"
    finish(whole_class)
    assert state(whole_class) == undisturbed
    assert not left_over(whole_class)


def kill(whom: str, process: subprocess.Popen[str], family: list[psutil.Process], draw: random.Random) -> None:
    boxes = []
    for one in family:
        with suppress(psutil.Error):
            if "running.warm_parent" in " ".join(one.cmdline()):
                boxes.append(one)
    if whom == "one process of the box":
        with suppress(psutil.NoSuchProcess, IndexError):
            draw.choice(boxes).kill()
        return
    for one in family if whom == "everything" else []:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.kill()


def test_two_graders_at_once_end_as_one(whole_class: Path, undisturbed: State) -> None:
    graders = [start(whole_class) for _ in range(2)]
    said = [grader.communicate(timeout=300) for grader in graders]
    assert [grader.returncode for grader in graders] == [0, 0], said
    assert state(whole_class) == undisturbed
    assert not left_over(whole_class)


def test_a_hand_in_that_another_grader_writes_meanwhile_is_not_known_yet(course: Path, tmp_path: Path) -> None:
    book, later = course / "gradebook.db", tmp_path / "later.db"
    for pupil, copy in (("amy", tmp_path / "now.db"), ("ben", later)):
        hand_in(course, pupil, "ps1", all_right("ps1"))
        autograde("ps1", course)
        shutil.copyfile(book, copy)
    shutil.copyfile(tmp_path / "now.db", book)

    def commit(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "grade.auto_score" in statement:
            shutil.copyfile(later, book)

    event.listen(Engine, "before_cursor_execute", commit)
    try:
        assert standings(f"sqlite:///{book}", "ps1").keys() == {"amy"}
    finally:
        event.remove(Engine, "before_cursor_execute", commit)
    assert standings(f"sqlite:///{book}", "ps1").keys() == {"amy", "ben"}


def test_ctrl_c_says_one_line_and_the_next_call_goes_on(whole_class: Path, undisturbed: State) -> None:
    process = start(whole_class)
    wait_until_graded(whole_class, process, 3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.count("\n")) == (130, 1), said
    assert "再运行一次" in said
    finish(whole_class)
    assert state(whole_class) == undisturbed
    assert not left_over(whole_class)


def test_a_gradebook_in_use_for_two_seconds_is_waited_for(course: Path) -> None:
    hand_in(course, "amy", "ps1", all_right("ps1"))
    with locked(course, 2):
        (result,) = autograde("ps1", course)
    assert (result.problem, rows(course)["amy", "ps1", "ps1", "add-judge"][0]) == ("", 2)


def test_even_if_nobody_may_read_it_meanwhile(course: Path) -> None:
    """Longer than the five seconds that sqlite waits by itself."""
    hand_in(course, "amy", "ps1", all_right("ps1"))
    with locked(course, 7, "EXCLUSIVE"):
        (result,) = autograde("ps1", course)
    assert (result.problem, rows(course)["amy", "ps1", "ps1", "add-judge"][0]) == ("", 2)


def test_one_in_use_for_too_long_is_a_row_of_the_table(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(course, "amy", "ps1", all_right("ps1"))
    with locked(course), monkeypatch.context() as patch:
        patch.setattr(gradebook, "LOCK_SECONDS", 0.3)
        (result,) = autograde("ps1", course)
    assert [flag.reason for flag in result.flags] == ["gradebook"] and "成绩簿" in result.problem
    assert not rows(course) and not graded_files(course)
    (result,) = autograde("ps1", course)
    assert (result.problem, result.score) == ("", 5)


def test_of_those_that_are_saved_together_one_that_cannot_be_stops_no_other(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, together = Saver.write_marks, []

    def write_but_bobs(saver: Saver, book: Any, own: HandIn) -> None:
        write(saver, book, own)
        if own.student == "bob":
            raise OSError(28, "No space left on device")

    def noted(ledger: Ledger, *works: Any, usual: Any = Ledger.transaction) -> None:
        together.append(len(works))
        usual(ledger, *works)

    for pupil in ("amy", "bob", "cat"):
        hand_in(course, pupil, "ps1", all_right("ps1"))
    with monkeypatch.context() as patch:
        patch.setattr(Saver, "write_marks", write_but_bobs)
        patch.setattr(Ledger, "transaction", noted)
        patch.setattr("grading.autograde.SOON", 60.0)
        results = {result.pupil: result for result in autograde("ps1", course)}
    assert together == [3, 1, 1, 1]
    assert "腾出地方" in results["bob"].problem
    assert {pupil: (one.problem, one.score) for pupil, one in results.items() if pupil != "bob"} == {
        "amy": ("", 5), "cat": ("", 5),
    }  # fmt: skip
    assert {row[0] for row in rows(course)} == {"amy", "cat"} and not left_over(course)
    assert [result.score for result in autograde("ps1", course)] == [5, 5, 5]


def test_a_hand_in_replaced_while_it_is_graded_is_graded_anew(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Queue.grade

    def replace_meanwhile(queue: Queue, own: HandIn) -> HandIn:
        if own.student == "early":
            hand_in(course, "early", "ps1", all_right("ps1"), day=2)
        done = run(queue, own)
        if own.student == "late":
            hand_in(course, "late", "ps1", all_right("ps1"), day=2)
        return done

    for pupil in ("early", "late", "quiet"):
        hand_in(course, pupil, "ps1", {})
    with monkeypatch.context() as patch:
        patch.setattr(Queue, "grade", replace_meanwhile)
        autograde("ps1", course)
    results = {result.pupil: result for result in autograde("ps1", course)}
    assert {pupil: (one.score, one.skipped) for pupil, one in results.items()} == {
        "early": (5, False), "late": (5, False), "quiet": (0, True),
    }  # fmt: skip
    assert rows(course)["late", "ps1", "ps1", "submission"][0].startswith("2026-09-02")


def test_what_a_teacher_wrote_survives_and_is_no_reason_to_grade_again(course: Path) -> None:
    hand_in(course, "amy", "ps1", all_right("ps1"))
    autograde("ps1", course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        grade = book.find_grade("why", "ps1", "ps1", "amy")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
        book.find_grade("add-judge", "ps1", "ps1", "amy").manual_score = 1
        book.find_comment("why", "ps1", "ps1", "amy").manual_comment = "说得好。"
        book.db.commit()
    before = rows(course)
    (result,) = autograde("ps1", course)
    assert (rows(course), result.skipped) == (before, True)
    hand_in(course, "amy", "ps1", all_right("ps1") | {"add": "1 / 0"}, day=2)
    autograde("ps1", course)
    after = rows(course)
    assert after["amy", "ps1", "ps1", "why"][1:3] == (1.5, 0.5)
    assert after["amy", "ps1", "ps1", "add-judge"] == (0, 1, None, 1, 2)  # a person looks again, as nbgrader has it
    assert after["amy", "ps1", "ps1", "why comment"][1] == "说得好。"


def test_without_changes_no_byte_changes_and_force_grades_all(course: Path) -> None:
    for pupil in ("amy", "bob"):
        hand_in(course, pupil, "ps1", {"add": f"print({random.random()})"} | all_right("ps1"))
    autograde("ps1", course)
    files = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    assert all(result.skipped for result in autograde("ps1", course))
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == files
    assert not any(result.skipped for result in autograde("ps1", course, force=True))


def test_a_mended_test_grades_again_only_what_it_touches(course: Path) -> None:
    told = "import random\nprint(random.random())\n"
    for pupil in ("amy", "bob"):
        hand_in(course, pupil, "ps2", {name: told + right(name) for name in ("double", "triple")})
    autograde("ps2", course)
    before = graded_files(course)
    with edited(course / "source" / "ps2", "a") as notebook:
        notebook.cells[1].source = 'assert double(4) == 9, "不对"'
    assert open_course(course).generate_assignment("ps2", force=True)["success"]
    results = autograde("ps2", course)
    assert [(result.score, result.before, result.skipped) for result in results] == [(1, 2, False)] * 2
    after = graded_files(course)
    for pupil in ("amy", "bob"):
        one, other = (f"autograded/{pupil}/ps2/{name}.ipynb" for name in "ab")
        assert after[one] != before[one] and after[other] == before[other]
    assert all(result.skipped for result in autograde("ps2", course))
