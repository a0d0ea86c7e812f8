"""What grading found out: the scores of a submission's cells, what its tests saw, and whether a person must look."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


@dataclass(frozen=True)
class CellResult:
    """One graded cell. `seen` is the public message of a test that failed; a None score waits for a person.

    What a teacher has given may wait again, since another hand-in came: it `waits` and counts. `extra` is in the score.
    """

    grade_id: str
    score: float | None
    max_score: float
    ename: str = ""
    seen: str = ""
    waits: bool = False
    extra: float = 0.0


@dataclass(frozen=True)
class Flag:
    """Why a teacher should look at a hand-in: the reason's id and a sentence."""

    reason: str
    words: str


@dataclass(frozen=True)
class SubmissionResult:
    """One pupil's graded hand-in, or the reason why it could not be graded."""

    pupil: str
    cells: tuple[CellResult, ...] = ()
    penalty: float = 0.0  # for being late
    problem: str = ""  # why there is no mark
    flags: tuple[Flag, ...] = ()  # the problem's reasons among them
    before: float | None = None  # the score that stood in the gradebook, the penalty taken off
    skipped: bool = False  # nothing had changed since it was graded
    seconds: float = 0.0  # wall time in the box
    slowest: tuple[str, float] = ("", 0.0)  # a cell's first line or grade_id, its seconds

    @property
    def score(self) -> float:
        """As nbgrader exports it: no penalty takes more than there is."""
        return max(0.0, sum(cell.score or 0.0 for cell in self.cells) - self.penalty)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    @property
    def extra(self) -> float:
        return sum(cell.extra for cell in self.cells)

    @property
    def waits_for_teacher(self) -> bool:
        return any(cell.waits or cell.score is None for cell in self.cells)

    @property
    def changed(self) -> bool:
        return not self.problem and self.before is not None and rounded(self.before) != rounded(self.score)


def rounded(points: float) -> Decimal:
    """At most two places, as a teacher rounds: 0.6333333333333333 → 0.63, 2.675 → 2.68, 5.0 → 5."""
    plain = Decimal(repr(float(points))).quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral() else plain


def what_was_seen(cell: Any) -> tuple[str, str]:
    """Of an executed test cell: its exception and message, or, where it ended well, what it printed."""
    outputs = cell.get("outputs", [])
    failed = next((out for out in outputs if out.output_type == "error"), None)
    if failed:
        return failed.ename, failed.evalue
    return "", "".join(out.text for out in outputs if out.output_type == "stream")
