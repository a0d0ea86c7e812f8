"""What grading found out: the scores of a submission's cells, what its tests saw, and whether a person must look."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CellResult:
    """One graded cell. `seen` is the public message of a test that failed; a None score waits for a person."""

    grade_id: str
    score: float | None
    max_score: float
    ename: str = ""
    seen: str = ""


@dataclass(frozen=True)
class SubmissionResult:
    """One pupil's graded hand-in, or the reason why it could not be graded."""

    pupil: str
    cells: tuple[CellResult, ...] = ()
    problem: str = ""
    maybe: dict[str, str] = field(default_factory=dict)  # exercise id → mistake id

    @property
    def score(self) -> float:
        return sum(cell.score or 0.0 for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    @property
    def waits_for_teacher(self) -> bool:
        return any(cell.score is None for cell in self.cells)
