"""What a grading says of each hand-in: its scores, what stood before, what there is to look at."""

from __future__ import annotations

from collections.abc import Iterator

from grading.execute import METADATA
from grading.graded_cells import read_cells
from grading.hand_in import HandIn
from grading.opened import OpenAssignment
from grading.result import CellResult, Flag, SubmissionResult


def result(opened: OpenAssignment, own: HandIn) -> SubmissionResult:
    """What became of a hand-in that was graded, or why it could not be."""
    cells = () if own.problem else tuple(cells_of(opened, own))
    own.graded, own.resources = {}, {}  # a class's notebooks would fill the memory
    return SubmissionResult(
        own.student,
        cells,
        problem=own.problem,
        flags=tuple(own.flags),
        before=score_before(opened, own),
        seconds=own.seconds,
        slowest=own.slowest,
    )


def unchanged(opened: OpenAssignment, own: HandIn) -> SubmissionResult:
    """What an earlier grading said of a hand-in."""
    own.graded = {name: opened.read_graded(own.student, name) for name in own.found.notebooks}  # type: ignore[misc]
    for notebook in own.graded.values():
        kept = [Flag(*one) for one in notebook.metadata.get(METADATA, {}).get("flags", [])]
        own.flags += [flag for flag in kept if flag not in own.flags]
    cells, before = tuple(cells_of(opened, own)), score_before(opened, own)
    return SubmissionResult(own.student, cells, flags=tuple(own.flags), before=before, skipped=True)


def score_before(opened: OpenAssignment, own: HandIn) -> float | None:
    standing = opened.before.get(own.student)
    return standing.score if standing else None


def cells_of(opened: OpenAssignment, own: HandIn) -> Iterator[CellResult]:
    for name in opened.source.notebooks:
        notebook = own.graded.get(name) or (opened.read_graded(own.student, name) if name in own.kept else None)
        if notebook:
            yield from read_cells(notebook)
        else:
            for cell in opened.source.notebooks[name].grade_cells:
                yield CellResult(cell.name, 0.0, cell.max_score or 0.0)
