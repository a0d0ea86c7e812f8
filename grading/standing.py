"""How a class's hand-ins stand in nbgrader's gradebook: scores, penalties and what waits for a person, read at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select


@dataclass(frozen=True)
class Mark:
    """A graded or task cell's row. `score` is nbgrader's: the teacher's before the tests', extra credit with it."""

    auto_score: float | None
    manual_score: float | None
    extra_credit: float
    waits: bool
    score: float

    @property
    def is_given(self) -> bool:
        return self.auto_score is not None or self.manual_score is not None


@dataclass
class Standing:
    """A hand-in's: its marks by notebook and cell, when it was handed in and what being late costs it."""

    timestamp: datetime | None
    extension: timedelta | None
    penalty: float = 0.0
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """As nbgrader exports it, the penalty taken off; None before anything is graded."""
        if not any(mark.is_given for mark in self.marks.values()):
            return None
        return max(0.0, sum(mark.score for mark in self.marks.values()) - self.penalty)

    @property
    def is_whole(self) -> bool:
        """Whether every cell has a mark or waits for one."""
        return all(mark.is_given or mark.waits for mark in self.marks.values())


def standings(db_url: str, assignment: str) -> dict[str, Standing]:
    """student → how their hand-in of the assignment stands."""
    own = select(SubmittedAssignment).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    notebooks = own.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    named = notebooks.join(Notebook, Notebook.id == SubmittedNotebook.notebook_id).where(Assignment.name == assignment)
    grades = named.join(Grade, Grade.notebook_id == SubmittedNotebook.id).join(BaseCell, BaseCell.id == Grade.cell_id)
    student = SubmittedAssignment.student_id
    late = (SubmittedAssignment.timestamp, SubmittedAssignment.extension, SubmittedNotebook.late_submission_penalty)
    marks = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade, Grade.score)
    found: dict[str, Standing] = {}
    with Gradebook(db_url) as gradebook:
        for who, timestamp, extension, penalty in gradebook.db.execute(named.with_only_columns(student, *late)):
            standing = found.setdefault(who, Standing(timestamp, extension))
            standing.penalty += penalty or 0.0
        columns = (student, Notebook.name, BaseCell.name, *marks)
        for who, notebook, cell, auto, by_hand, extra, waits, score in gradebook.db.execute(
            grades.with_only_columns(*columns)
        ):
            mark = Mark(auto, by_hand, float(extra or 0), bool(waits), float(score))
            if who in found:  # else another grader has just written it, between the two questions
                found[who].marks[notebook, cell] = mark
    return found
