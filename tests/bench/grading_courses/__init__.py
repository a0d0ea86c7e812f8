"""Courses for the grading bench: three lessons, and as many mixed hand-ins of them as are asked for.

*light* and *plain* are ordinary nbgrader courses; *heavy* is Haike's lesson j7-03, made as a teacher makes it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kits import answers

#: What a course's pupils hand in, over and over: four of ten are right.
KINDS = ("right", "partly", "syntax", "exception", "wrong", "blank", "right", "right", "partly", "right")
DUE = "2026-09-01 08:00:00"
SPEC = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
CONFIG = """\
from nbgrader.plugins import BasePlugin

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 60


class HalfAPointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return min(score, total_seconds_late // 3600 * 0.5)


c.AssignLatePenalties.plugin_class = HalfAPointAnHour
"""


@dataclass(frozen=True)
class BenchLesson:
    """What pupils write into which answer cell: right ways and wrong ones, by grade_id. No cells: a Haike lesson."""

    id: str
    right: Mapping[str, Sequence[str]]
    wrong: Mapping[str, Sequence[str]]
    cells: tuple[NotebookNode, ...] = ()
    played: dict[str, Any] = field(default_factory=dict)  # what the widgets have recorded


def lesson(name: str) -> BenchLesson:
    from tests.bench.grading_courses import light, plain

    return {"light": light.lesson, "plain": plain.lesson, "heavy": heavy}[name]()


def heavy() -> BenchLesson:
    """j7-03 with the answers that its authors have written down."""
    found = haike_lesson()
    cells = {one.id: one.answer.source for one in found.exercises if one.form == "function"}
    right = {key: [source, *(v.source for v in found.also_right if v.of == key)] for key, source in cells.items()}
    wrong = {key: [m.source for m in found.mistakes if m.of == key] for key in cells}
    return BenchLesson("j7-03", right, wrong, played={"first-lost": {"index": 4, "text": "9"}})


def haike_lesson() -> Any:
    from courses.reading import find_lesson

    found = find_lesson("j7-03")
    assert found, "the lesson j7-03 has gone"
    return found


# ---- the cells of a plain lesson ----


def given(source: str) -> NotebookNode:
    return new_code_cell(source.strip("\n"))


def text(source: str) -> NotebookNode:
    return new_markdown_cell(source)


def graded(grade_id: str, source: str, points: int = 0, *, written: bool = False) -> NotebookNode:
    """An answer (no points), a test (points), or an answer in words that a teacher marks."""
    about = {"schema_version": 3, "grade_id": grade_id, "grade": points > 0, "solution": written or not points}
    about |= {"locked": points > 0 and not written, "task": False} | ({"points": points} if points else {})
    made = (new_markdown_cell if written else new_code_cell)(source.strip("\n"))
    made.metadata["nbgrader"] = about
    return made


def solution(source: str) -> str:
    return f"### BEGIN SOLUTION\n{source.strip()}\n### END SOLUTION"


def hidden(source: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{source.strip()}\n### END HIDDEN TESTS"


# ---- a course ----


def make_course(course: Path, own: BenchLesson, submissions: int, kinds: Sequence[str] = KINDS) -> None:
    """An nbgrader course with the lesson generated, a due date, and hand-ins s0001, s0002 … of these kinds in turn."""
    from grading import assignment
    from grading.course import open_course

    course.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    if own.cells:
        (course / "source" / own.id).mkdir(parents=True)
        cells = [nbformat.from_dict(cell | {"id": f"c{number}"}) for number, cell in enumerate(own.cells)]
        nbformat.write(new_notebook(cells=cells, metadata=SPEC), course / "source" / own.id / f"{own.id}.ipynb")
        result = open_course(course).generate_assignment(own.id)
        assert result["success"], result
    else:
        assignment.generate(haike_lesson(), course)
    with open_course(course).gradebook as gradebook:
        gradebook.update_or_create_assignment(own.id, duedate=DUE)
    dice = random.Random(own.id)
    for number in range(submissions):
        hand_in(course, own, number, kinds[number % len(kinds)], dice)


def hand_in(course: Path, own: BenchLesson, number: int, kind: str, dice: random.Random) -> None:
    """The release as a pupil saved it after running it: with answers and outputs; every fifth comes too late."""
    pupil = f"s{number + 1:04}"
    release, folder = course / "release" / own.id, course / "submitted" / pupil / own.id
    notebook = nbformat.read(release / f"{own.id}.ipynb", as_version=4)
    written = answers_of(own, kind, pupil, dice)
    for count, cell in enumerate(notebook.cells, 1):
        about = cell.metadata.get("nbgrader", {})
        cell.source = written.get(about.get("grade_id"), cell.source)
        if about.get("solution") and about.get("grade") and kind != "blank":
            cell.source = f"{pupil}：因为离得近的，多半是同一种。"
        if cell.cell_type == "code":
            cell.execution_count = count
            cell.outputs = [new_output("stream", name="stdout", text=f"{pupil} {dice.random()}\n")]
    for path in release.rglob("*"):
        if path.is_file() and path.suffix != ".ipynb":
            target = folder / path.relative_to(release)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{own.id}.ipynb").write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
    if kind in ("right", "partly"):
        play(own, folder)
    hour = 8 + dice.choice((1, 3, 5)) if number % 5 == 1 else 7
    (folder / "timestamp.txt").write_text(f"2026-09-01 {hour:02}:{dice.randrange(60):02}:00 UTC", encoding="utf-8")


def play(own: BenchLesson, folder: Path) -> None:
    """Record what the lesson's widgets would."""
    for exercise, value in own.played.items():
        answers.append({"exercise": exercise, "value": value}, folder)


def answers_of(own: BenchLesson, kind: str, pupil: str, dice: random.Random) -> dict[str, str]:
    """grade_id → what the pupil wrote; a blank hand-in has nothing."""
    found = {}
    for number, (grade_id, ways) in enumerate(own.right.items()):
        right, wrong = dice.choice(list(ways)), dice.choice(list(own.wrong[grade_id]))
        head = next(line for line in right.splitlines() if line.startswith("def "))
        written = {
            "right": right,
            "partly": wrong if number else right,
            "wrong": wrong,
            "exception": f"{head}\n    return unknown_{pupil} + 1",
            "syntax": right.replace(head, head.rstrip(":"), 1),
        }.get(kind)
        if written is not None:
            found[grade_id] = f"# {pupil}，第 {dice.randrange(1, 9)} 次试\n{without_markers(written)}"
    return found


def without_markers(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.strip().startswith("### "))


def copy_of(course: Path, to: Path, first: int) -> Path:
    """The course with the first so many hand-ins.

    Nothing is made and removed again: for minutes afterwards ext4 would search longer for a place for each new file.
    """
    left_out = {path.name for path in sorted((course / "submitted").iterdir())[first:]}
    shutil.copytree(course, to, ignore=lambda base, _: left_out if Path(base).name == "submitted" else ())
    return to


def environment(folder: Path) -> dict[str, str]:
    """What a command is run with: a user's own, with products and data in `folder`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "HAIKE_BUILD": str(folder / "build"), "HAIKE_DATA": str(folder / "var")}
    # As for any user: Python keeps what it has compiled.
    usual = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**usual, **own, "HAIKE_ENV": sys.prefix}
