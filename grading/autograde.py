"""Grade a class's hand-ins of one lesson, one after another, by nbgrader's own API.

One bad submission never stops the rest: each is graded by itself and what went wrong is one row of the result. The
marks stand in nbgrader's gradebook and nowhere else.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import determine_grade, is_grade

from grading.assignment import pupils_with
from grading.course import CourseFault, last_line, open_course, paths
from grading.result import CellResult, SubmissionResult

Progress = Callable[[int, int, str], None]


def autograde(
    lesson_id: str, course_dir: Path, pupil: str | None = None, *, force: bool = True, progress: Progress | None = None
) -> list[SubmissionResult]:
    """Grade the collected hand-ins of a lesson (of one pupil, or of all). Raises CourseFault if there are none."""
    if not course_dir.is_dir():
        raise CourseFault(f"没有课程文件夹 {course_dir}。用 ./haike class list 看有哪些班，或者检查 --course-dir。")
    pupils = [name for name in pupils_with(lesson_id, course_dir) if pupil in (None, name)]
    if not pupils:
        whose = f"{pupil} 的" if pupil else ""
        advice = f"先用 ./haike class collect {lesson_id} 收作业。"
        raise CourseFault(f"{course_dir} 里还没有{whose} {lesson_id} 的作业。{advice}")
    api = open_course(course_dir)
    results = []
    with pupil_startup():
        for done, name in enumerate(pupils):
            if progress:
                progress(done, len(pupils), name)
            results.append(grade_one(api, lesson_id, course_dir, name, force=force))
        if progress:
            progress(len(pupils), len(pupils), "")
    return results


def grade_one(api: Any, lesson_id: str, course_dir: Path, pupil: str, *, force: bool) -> SubmissionResult:
    """One hand-in; whatever is wrong with it becomes its `problem`."""
    where = paths(course_dir, lesson_id, pupil)
    problem = submission_problem(where.submitted, lesson_id)
    if problem:
        return SubmissionResult(pupil, problem=problem)
    result = api.autograde(lesson_id, pupil, force=force)
    if not result["success"]:
        return SubmissionResult(pupil, problem=f"没能评分：{last_line(result)}")
    return SubmissionResult(pupil, cells=tuple(read_cells(where.autograded / f"{lesson_id}.ipynb")))


def submission_problem(folder: Path, lesson_id: str) -> str:
    """What a teacher has to know before a hand-in can be graded; empty if nothing."""
    notebook = folder / f"{lesson_id}.ipynb"
    if not notebook.is_file():
        others = sorted(path.name for path in folder.glob("*.ipynb"))
        if others:
            return f"没有 {lesson_id}.ipynb，只有 {'、'.join(others)}。请孩子改回原来的名字再交。"
        return f"没有 {lesson_id}.ipynb。请孩子打开课文重新交一次。"
    try:
        text = notebook.read_text(encoding="utf-8")
        if not text.strip():
            return "交上来的文件是空的。请孩子打开课文重新交一次。"
        json.loads(text)
        nbformat.reads(text, as_version=4)
    except UnicodeDecodeError:
        return "交上来的文件不是文字。请孩子重新交一次。"
    except json.JSONDecodeError as error:
        return f"交上来的文件坏了（第 {error.lineno} 行）。请孩子重新交一次。"
    except Exception:  # nbformat names its faults in many ways; the teacher's next step is the same
        return "交上来的文件不是完整的笔记本。请孩子重新交一次。"
    return ""


def read_cells(notebook: Path) -> Iterator[CellResult]:
    """The graded cells of an autograded notebook, by nbgrader's own rules."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if not is_grade(cell):
            continue
        score, full = determine_grade(cell)
        failed = next((out for out in cell.get("outputs", []) if out.output_type == "error"), None)
        seen = (failed.ename, failed.evalue) if failed else ("", "")
        yield CellResult(cell.metadata.nbgrader.grade_id, score, full, *seen)


@contextmanager
def pupil_startup() -> Iterator[None]:
    """The pupil's IPython start-up for the kernels nbgrader starts, so that errors read the same as in class."""
    from kits import startup

    with tempfile.TemporaryDirectory(prefix="haike-") as folder:
        before = os.environ.get("IPYTHONDIR")
        os.environ["IPYTHONDIR"] = str(startup.ipython_dir(Path(folder)))
        try:
            yield
        finally:
            os.environ.pop("IPYTHONDIR")
            if before is not None:
                os.environ["IPYTHONDIR"] = before
