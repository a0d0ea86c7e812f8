"""Lesson → its products: nbgrader source, nbgrader release, page, what lies beside them. Each is a short list of steps.

Every product is a pure function of the lesson and the version of kits, cell ids included.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from courses.own_files import CARD_PICTURE, picture_at

if TYPE_CHECKING:
    from courses.lesson import Cell, Exercise, Lesson

CODE_STUB = '# 在这里写你的代码，写好后删掉下一行\nraise NotImplementedError("还没有写")'
TEXT_STUB = "在这里写你的回答。"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_SPEC = "application/vnd.haike.widget+json"

#: What a release is made of, in nbgrader's own order (GenerateAssignment.preprocessors) without its database step.
#: Hidden tests go after the first checksums, which nbgrader keeps of the teacher's version; the last two steps make
#: the checksums true again for what a pupil gets.
RELEASE_STEPS = (
    "LockCells",
    "ClearSolutions",
    "ClearOutput",
    "CheckCellMetadata",
    "ComputeChecksums",
    "ClearHiddenTests",
    "ClearMarkScheme",
    "ComputeChecksums",
    "CheckCellMetadata",
)


def nbgrader_settings() -> Config:
    """nbgrader's settings for every Haike course: what a pupil finds where the solution stood, in Chinese."""
    config = Config()
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    return config


def source(lesson: Lesson) -> NotebookNode:
    """The teacher's notebook: solutions, hidden tests and mark schemes in it, nbgrader's metadata filled in."""
    cells = [notebook_cell(lesson, number, cell) for number, cell in enumerate(lesson.cells)]
    return new_notebook(cells=cells, metadata=notebook_metadata(lesson))


def release(lesson: Lesson) -> NotebookNode:
    """What a pupil fetches: the source through nbgrader's own preprocessors."""
    from nbgrader import preprocessors  # takes a second to import: not for whoever only asks what a lesson consists of

    notebook = copy.deepcopy(source(lesson))
    resources: dict[str, Any] = {"unique_key": lesson.id, "output_files_dir": "", "nbgrader": {"notebook": lesson.id}}
    config = nbgrader_settings()
    for step in RELEASE_STEPS:
        notebook, resources = getattr(preprocessors, step)(config=config).preprocess(notebook, resources)
    for cell in notebook.cells:
        cell.pop("outputs", None) if cell.cell_type == "markdown" else None
    return notebook


def made_files(lesson: Lesson) -> list[tuple[str, bytes]]:
    """(name, content) of what is made of the lesson and lies beside each of its notebooks: its self-tests' options.

    Beside the source too: nbgrader takes it from there into the release, and over what a pupil has handed in.
    """
    if not any("options" in cell.source for cell in lesson.cells):
        return []
    from courses.checks import self_tests
    from kits import questions

    kept = self_tests.questions(lesson)
    return [(questions.FILE, questions.packed(kept.items()))] if kept else []


def page(lesson: Lesson, outputs: Mapping[int, list[dict[str, Any]]]) -> NotebookNode:
    """The release with the public outputs of the reference run; `outputs` maps cell numbers to nbformat outputs.

    Public are the outputs of cells before a section's first graded cell, and of cells tagged `public`; besides, a
    graded widget is shown as it starts, for its key stands in a hidden test only.
    """
    notebook = release(lesson)
    for number, (cell, shown) in enumerate(zip(lesson.cells, notebook.cells, strict=True)):
        section = lesson.section_of(number)
        exercise = exercise_at(lesson, cell)
        shown.metadata["haike"] = {
            "section": section.name if section else "",
            "role": role(cell, exercise),
            "exercise": exercise.id if exercise else "",
            "alt": str(cell.options.get("alt", "")),
            "public": is_public(lesson, number),
            "hide_input": "hide-input" in cell.tags,
        }
        if cell.kind == "code":
            kept = [public_output(output) for output in outputs.get(number, [])]
            if not is_public(lesson, number):
                is_widget = bool(exercise and exercise.form == "widget" and exercise.answer is cell)
                kept = [output for output in kept if is_widget and WIDGET_SPEC in output.get("data", {})]
            shown.outputs = [nbformat.from_dict(output) for output in kept if output["output_type"] != "error"]
    return notebook


def public_output(output: dict[str, Any]) -> dict[str, Any]:
    """An output without the kernel's view of a widget: a page has no kernel. A widget of others is nothing without."""
    if "data" not in output:
        return output
    if WIDGET_VIEW in output["data"] and WIDGET_SPEC not in output["data"]:
        return {**output, "data": {}}
    return {**output, "data": {key: value for key, value in output["data"].items() if key != WIDGET_VIEW}}


def is_public(lesson: Lesson, number: int) -> bool:
    """Whether the reference run's outputs of this cell may be shown."""
    cell = lesson.cells[number]
    if exercise_at(lesson, cell):
        return False
    if "public" in cell.tags:
        return True
    section = lesson.section_of(number)
    before = section.cells[: section.cells.index(number)] if section else range(number)
    return not any(exercise_at(lesson, lesson.cells[earlier]) for earlier in before)


def exercise_at(lesson: Lesson, cell: Cell) -> Exercise | None:
    """The exercise whose answer or test this cell is."""
    return next((one for one in lesson.exercises if cell is one.answer or cell in one.tests), None)


def role(cell: Cell, exercise: Exercise | None) -> str:
    """answer, test, widget, written or plain: what a cell is to its exercise."""
    if not exercise:
        return "plain"
    if cell is not exercise.answer:
        return "test"
    return {"function": "answer"}.get(exercise.form, exercise.form)


def notebook_metadata(lesson: Lesson) -> dict[str, Any]:
    front = lesson.front
    haike: dict[str, Any] = {}
    if front:
        haike = {"id": lesson.id, "title": lesson.title, "grade": front.grade, "hours": front.hours}
        haike |= lesson.stage.travelling
        if picture_at(lesson.folder, CARD_PICTURE):
            haike["picture"] = CARD_PICTURE
    return {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "haike": haike,
    }


def notebook_cell(lesson: Lesson, number: int, cell: Cell) -> NotebookNode:
    name = cell.grade_id or f"#{number}"
    cell_id = hashlib.sha256(f"{lesson.id}/{name}".encode()).hexdigest()[:12]
    metadata: dict[str, Any] = {}
    if cell.kind == "text":
        if cell.grade_id:
            metadata["nbgrader"] = nbgrader_metadata(cell, grade=True, solution=True)
        return new_markdown_cell(text_for(lesson, cell), id=cell_id, metadata=metadata)
    if cell.grade_id:
        is_answer = lesson.exercise(cell.grade_id) is not None
        metadata["nbgrader"] = nbgrader_metadata(cell, grade=not is_answer, solution=is_answer)
    if cell.tags:
        metadata["tags"] = cell.tags
    if "hide-input" in cell.tags or (lesson.stage.code_hidden and not cell.grade_id):
        metadata["jupyter"] = {"source_hidden": True}
    return new_code_cell(code_for(lesson, cell), id=cell_id, metadata=metadata)


def nbgrader_metadata(cell: Cell, *, grade: bool, solution: bool) -> dict[str, Any]:
    """nbgrader's keys, schema 3; the author writes grade_id and points, the rest follows from the kind of cell."""
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": cell.grade_id,
        "grade": grade,
        "solution": solution,
        "locked": grade and not solution,
        "task": False,
        "cell_type": "markdown" if cell.kind == "text" else "code",
    }
    if grade:
        metadata["points"] = cell.points
    return metadata


def code_for(lesson: Lesson, cell: Cell) -> str:
    """A code cell without the keys of its self-tests; the check runs the cell as it is written."""
    if "options" not in cell.source:
        return cell.source
    from courses.checks import self_tests  # with all rules: not for whoever only asks for a name of this module

    return self_tests.released(lesson, cell)


def text_for(lesson: Lesson, cell: Cell) -> str:
    """A text cell as its pupil reads it: with pinyin where children learn to read by it."""
    if not lesson.stage.pinyin:
        return cell.source
    from kits import pinyin

    return pinyin.ruby(cell.source)


@cache
def kits_hash() -> str:
    """A hash of what a lesson can import: the Python and data files of kits and the locked libraries."""
    root = Path(__file__).parents[1]
    files = [
        path
        for path in (root / "kits").rglob("*")
        if path.suffix in {".py", ".yml", ".csv", ".mplstyle", ".otf", ".npz"}
    ]
    return hash_files([*sorted(files), root / "requirements.lock"])


def hash_files(paths: Iterable[Path]) -> str:
    """sha256 over names and bytes."""
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
