"""What a grading says of each hand-in: how it stands in the gradebook now, how it stood before, what to look at."""

from __future__ import annotations

from collections.abc import Iterator

from grading.hand_in import HandIn
from grading.opened import OpenAssignment
from grading.result import CellResult, SubmissionResult
from grading.standing import Standing


def result(opened: OpenAssignment, own: HandIn, now: Standing | None) -> SubmissionResult:
    """What became of a hand-in, or why it could not be graded. The scores are the gradebook's."""
    before = opened.before.get(own.student)
    marked = None if own.problem else now
    flags = [*own.flags, *(own.old_flags if own.is_done else ())]
    return SubmissionResult(
        own.student,
        tuple(cells_of(opened, marked)) if marked else (),
        penalty=marked.penalty if marked else 0.0,
        problem=own.problem,
        flags=tuple(dict.fromkeys(flags)),
        before=before.score if before else None,
        skipped=own.is_done and bool(before and marked and before.penalty == marked.penalty),
        seconds=own.seconds,
        slowest=own.slowest,
    )


def cells_of(opened: OpenAssignment, now: Standing) -> Iterator[CellResult]:
    """All that counts in the full marks: tests and written answers, those that were deleted too, and tasks."""
    for name, notebook in opened.source.notebooks.items():
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            mark, full = now.marks.get((name, cell.name)), cell.max_score or 0.0
            if mark is None:
                yield CellResult(cell.name, None, full)
            else:
                score = mark.score if mark.is_given or not mark.waits else None
                extra = mark.extra_credit if mark.is_given else 0.0
                yield CellResult(cell.name, score, full, waits=mark.waits, extra=extra)
