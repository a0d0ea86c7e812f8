"""A course of one assignment and one notebook, out of cells written in a test."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from grading.course import open_course
from tests.grading.corpus import CONFIG, cell_of, edited, graded

__all__ = ["cell_of", "edited", "given", "graded", "make"]


def given(source: str) -> Any:
    return new_code_cell(source)


def make(course: Path, cells: Sequence[Any], pupils: Mapping[str, Mapping[str, str]]) -> Path:
    """`pupils` hold what each wrote, by grade_id; cells they do not name stay as they were handed out."""
    (course / "source" / "ps1").mkdir(parents=True, exist_ok=True)
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=list(cells), metadata={"kernelspec": spec})
    nbformat.write(notebook, course / "source" / "ps1" / "ps1.ipynb")
    assert open_course(course).generate_assignment("ps1")["success"]
    for pupil, own in pupils.items():
        folder = shutil.copytree(course / "release" / "ps1", course / "submitted" / pupil / "ps1")
        (folder / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC", encoding="utf-8")
        with edited(folder) as handed_in:
            for cell in handed_in.cells:
                cell.source = own.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
    return course
