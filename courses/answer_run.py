"""What the runs of a lesson came to: scores, ways of failing, errors, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Scores = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Way:
    """How a test cell failed: the line of the assertion (from 1), the message with the value seen, the exception."""

    line: int
    seen: str
    ename: str


@dataclass(frozen=True)
class AnswerRun:
    """One answer run through its tests: (score, full marks) and the way of failing of each autograded test cell.

    The blank release goes through the whole lesson, any other answer through the tests of its own exercise. `seconds`
    is what a whole run takes with this answer, `own_seconds` what the cells took that were run for it; `errors` are
    (cell number, what happened).
    """

    scores: Scores = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    seconds: float = 0.0
    errors: tuple[tuple[int, str], ...] = ()
    own_seconds: float = 0.0

    @property
    def is_full(self) -> bool:
        return all(score == full for score, full in self.scores.values())


@dataclass(frozen=True)
class ReferenceRun:
    """All runs of a lesson that have been made. `outputs` holds the reference's outputs by cell number, in nbformat's
    shape, `pictures` the numbers of the cells whose outputs hold one.
    """

    scores: Scores = field(default_factory=dict)
    seconds: float = 0.0
    outputs: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)
    pictures: frozenset[int] = frozenset()
    errors: tuple[tuple[int, str], ...] = ()
    blank: AnswerRun = field(default_factory=AnswerRun)
    also_right: dict[int, AnswerRun] = field(default_factory=dict)
    mistakes: dict[str, AnswerRun] = field(default_factory=dict)
    mutations: dict[str, AnswerRun] = field(default_factory=dict)
    claims: dict[int, AnswerRun] = field(default_factory=dict)
