"""Grading through nbgrader's API: right marks, one row for each thing that is wrong, the others graded."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from build_paths import ROOT
from courses.lesson import Lesson
from grading import autograde, scores
from grading.course import CourseFault
from grading.execute import is_own_python
from grading.saving import as_one_line
from grading.submission import BadNotebook, look_through, read_notebook
from kits import answers
from tests.grading.conftest import HandIn

RIGHT = "def secret(word):\n    return len(word)"
WRONG = "def secret(word):\n    return 2"


@pytest.mark.slow
def test_right_wrong_and_broken_in_one_run(course: Path, lesson: Lesson, hand_in: HandIn, tmp_path: Path) -> None:
    folder = hand_in("p1", {"secret": RIGHT, "why": "因为要保密。"})
    (folder / "answers.json").write_text(answers_document("guess", {"index": 2, "text": "丙"}), encoding="utf-8")
    hand_in("p2", {"secret": WRONG})
    (hand_in("p3") / f"{lesson.id}.ipynb").write_text('{"cells": [', encoding="utf-8")

    told: list[tuple[int, int, str]] = []
    results = {r.pupil: r for r in autograde.autograde(lesson.id, course, progress=lambda *step: told.append(step))}

    assert results["p1"].score == 4 and results["p1"].waits_for_teacher
    assert results["p2"].score == 1 and results["p2"].problem == ""
    assert "坏了" in results["p3"].problem and "重新交" in results["p3"].problem
    assert told[-1][:2] == (3, 3)

    assert scores.export_scores(course, tmp_path / "成绩.csv") == 3
    table = (tmp_path / "成绩.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[1] == "p1,学生1,j7-99,4,6,4,0,按时,等老师评,2026-09-01 08:00:00"
    assert table[2] == "p2,学生2,j7-99,1,6,1,0,按时,评好了,2026-09-01 08:00:00"
    assert table[3] == "p3,学生3,j7-99,,6,,,按时,还没评,2026-09-01 08:00:00"


@pytest.mark.slow
def test_what_libraries_warn_programmers_of_does_not_reach_a_teacher(
    course: Path, lesson: Lesson, hand_in: HandIn
) -> None:
    path = hand_in("p1", {"secret": RIGHT}) / f"{lesson.id}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["id"] = "twice"
    path.write_text(json.dumps(notebook | {"nbformat_minor": 5}), encoding="utf-8")
    command = [sys.executable, str(ROOT / "door.py"), "autograde", lesson.id, "--course-dir", str(course)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "p1" in done.stdout


def answers_document(exercise: str, value: object) -> str:
    """answers.json as the widget's writer makes it."""
    import os

    before = Path.cwd()
    folder = Path(os.environ["HAIKE_DATA"]) / "written"
    folder.mkdir(parents=True)
    os.chdir(folder)
    try:
        answers.record(exercise, value)
    finally:
        os.chdir(before)
    text = (folder / "answers.json").read_text(encoding="utf-8")
    assert json.loads(text)["version"] == 1
    return text


BROKEN = {
    "empty": (b"", "空的"),
    "spaces": (b"  \n", "空的"),
    "half-json": (b'{"cells": [', "坏了"),
    "not-text": (b"\x89PNG\r\n\x1a\n\xff\xfe", "不是文字"),
    "a-list": (b"[]", "不是完整的笔记本"),
    "a-number": (b"7", "不是完整的笔记本"),
    "another-json": (b'{"name": "x"}', "不是完整的笔记本"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_hand_in_is_told_in_the_teachers_words(kind: str, tmp_path: Path) -> None:
    content, words = BROKEN[kind]
    (tmp_path / "j7-99.ipynb").write_bytes(content)
    with pytest.raises(BadNotebook, match=words):
        read_notebook(tmp_path / "j7-99.ipynb")


def test_a_missing_or_renamed_notebook_is_named(tmp_path: Path) -> None:
    def words() -> str:
        return look_through(tmp_path, ["j7-99"], lambda _: False).flags[0].words

    assert "没有 j7-99.ipynb" in words()
    (tmp_path / "j7-99-Copy1.ipynb").write_text("{}", encoding="utf-8")
    assert "j7-99-Copy1.ipynb" in words()


def test_a_graded_notebook_is_one_line_and_reads_as_nbformat_would_have_written_it() -> None:
    shown = new_output("display_data", data={"text/plain": "图", "image/png": "iVBORw0KGgo=\n"})
    told = new_output("stream", name="stdout", text="一\n二\u2028三\n")
    cells = [new_code_cell("x = 1\nx", outputs=[told, shown]), new_markdown_cell("海\n\n带 </script>")]
    notebook = new_notebook(cells=cells, metadata={"haike_autograde": {"stamp": "1"}, "signature": "x"})
    notebook.cells[0].metadata.trusted = True
    text = as_one_line(copy.deepcopy(notebook))
    assert text.count("\n") == 1 and text.endswith("\n")
    assert nbformat.reads(text, 4) == nbformat.reads(nbformat.writes(notebook), 4)


#: What is installed besides: where, under which name, and what its kernel.json says otherwise.
KERNELS: dict[str, tuple[str, str, dict[str, object]] | None] = {
    "as it is": None,
    "another one of its name": ("jupyter", "Python3", {"argv": ["/elsewhere/python", "-m", "ipykernel_launcher"]}),
    "its own folder": ("jupyter", "mine", {}),
    "R": ("jupyter", "mine", {"argv": ["R"], "language": "R"}),
    "provisioned": ("jupyter", "mine", {"metadata": {"kernel_provisioner": {"provisioner_name": "far-away"}}}),
    "IPython's": ("ipython", "mine", {}),
}


@pytest.mark.parametrize("case", KERNELS)
def test_the_own_kernel_is_known_as_jupyter_client_knows_it(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    if installed := KERNELS[case]:
        base, name, about = installed
        folder = tmp_path / base / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec | {"display_name": name} | about), encoding="utf-8")
    for name in ("python3", "python", "Mine", "unknown"):
        try:
            found = KernelSpecManager().get_kernel_spec("python3" if name == "python" else name)
            own = found.language == "python" and found.argv[0] in (sys.executable, "python", "python3")
        except NoSuchKernel:
            own = False
        is_own_python.cache_clear()
        assert is_own_python(name) == own, name
    is_own_python.cache_clear()


def test_nothing_handed_in_says_what_to_do_next(course: Path) -> None:
    with pytest.raises(CourseFault, match="class collect"):
        autograde.autograde("j7-99", course)


def test_no_course_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(CourseFault, match="没有课程文件夹"):
        from grading.course import open_course

        open_course(tmp_path / "nowhere")


def test_a_broken_configuration_is_a_fault_not_a_traceback(tmp_path: Path) -> None:
    from grading.course import read_config

    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n", encoding="utf-8")
    with pytest.raises(CourseFault, match="nbgrader_config.py"):
        read_config(tmp_path)


@pytest.mark.slow
def test_any_nbgrader_course_can_be_graded(tmp_path: Path, lesson: Lesson) -> None:
    """A course directory that Haike did not make: no class.yml, its own configuration."""
    import nbformat

    from courses import products
    from grading import assignment
    from grading.course import paths

    course = tmp_path / "some course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "own"\n', encoding="utf-8"
    )
    assignment.generate(lesson, course)
    where = paths(course, lesson.id, "amy")
    where.submitted.mkdir(parents=True)
    notebook = products.release(lesson)
    nbformat.write(notebook, where.submitted / f"{lesson.id}.ipynb")
    (result,) = autograde.autograde(lesson.id, course)
    assert (result.problem, result.score, result.max_score) == ("", 0, 6)
