"""What the gradebook says of one handed-in notebook: the marks of all its cells, and what the teacher wrote.

All its cells are those that were handed out: what a pupil has deleted counts in the full marks, and so does a task.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nbgrader.api import Grade, Gradebook

NO_RESPONSE = "No response."  # what nbgrader writes as a comment where an answer is as it was handed out


@dataclass(frozen=True)
class Mark:
    """One graded cell or task; a None score waits for the teacher."""

    grade_id: str
    score: float | None
    full: float


@dataclass(frozen=True)
class PupilMarks:
    """`comments` are the teacher's own; `blank` are the answers that nbgrader found as they were handed out."""

    marks: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    penalty: float = 0.0


def read_marks(gradebook: Gradebook, notebook: str, assignment: str, student: str) -> PupilMarks:
    """Raises MissingEntry where the gradebook does not know the hand-in."""
    submitted = gradebook.find_submission_notebook(notebook, assignment, student)
    source = submitted.notebook
    grades = {grade.cell_id: grade for grade in submitted.grades}
    written = {comment.cell_id: comment for comment in submitted.comments}
    cells = [*source.grade_cells, *source.task_cells]
    comments, blank = {}, set()
    for cell in [*source.solution_cells, *source.task_cells]:
        comment = written.get(cell.id)
        by_hand = (comment.manual_comment or "").strip() if comment else ""
        if by_hand and by_hand != NO_RESPONSE:
            comments[str(cell.name)] = by_hand
        elif comment and (comment.auto_comment or comment.manual_comment) == NO_RESPONSE:
            blank.add(str(cell.name))
    return PupilMarks(
        {str(cell.name): mark(str(cell.name), cell.max_score, grades.get(cell.id)) for cell in cells},
        comments,
        frozenset(blank),
        float(submitted.late_submission_penalty or 0),
    )


def mark(name: str, full: float, grade: Grade | None) -> Mark:
    """As nbgrader adds it up. What a teacher has marked stands, though a later grading asks to look at it again."""
    if grade is None:
        return Mark(name, 0.0, float(full))
    if grade.needs_manual_grade and grade.manual_score is None:
        return Mark(name, None, float(full))
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return Mark(name, float(given or 0) + float(grade.extra_credit or 0), float(full))
