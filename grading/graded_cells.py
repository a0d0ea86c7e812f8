"""What an autograded notebook says of its graded cells, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator

from nbformat import NotebookNode
from nbformat.v4.nbjson import BytesEncoder
from nbformat.v4.rwbase import strip_transient
from nbgrader.utils import determine_grade, is_grade

from grading.result import CellResult, what_was_seen


def read_cells(notebook: NotebookNode) -> Iterator[CellResult]:
    """The graded cells of an autograded notebook, by nbgrader's own rules."""
    for cell in notebook.cells:
        if not is_grade(cell):
            continue
        score, full = determine_grade(cell)
        yield CellResult(cell.metadata["nbgrader"]["grade_id"], score, full, *what_was_seen(cell))


def as_one_line(notebook: NotebookNode) -> str:
    """A notebook's text as nbformat would write it, but for the line breaks: whoever reads this one is a program.

    nbformat indents, which json does not do in C, and copies the whole notebook first.
    """
    plain = strip_transient(notebook)
    return json.dumps(plain, cls=BytesEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
