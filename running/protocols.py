"""What a warm parent asks of the walls around a run, and of the guard over the tools that tests rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Walls(Protocol):
    """One a parent. `running.sandbox.Walls` are Haike's."""

    def enter_parent(self) -> None:
        """Before anything is imported. Raises OSError where the walls cannot be had."""

    def before_branch(self) -> None:
        """In the parent, before it forks a branch."""

    def furnish_branch(self, request: dict[str, Any]) -> str:
        """In a branch: the folder to work in."""

    def before_fork(self) -> int:
        """In the parent: the process whose end ends all of the next run, or 0 where that is the run's first."""

    def shut_in(self, request: dict[str, Any]) -> str:
        """In the child, before any of its code: the folder to work in. Raises OSError if a wall fails."""

    def kill_all(self, pid: int, root: int, others: set[int]) -> None:
        """End a run with all that came from it; `others` belong to other runs."""

    def excess(self, pid: int, root: int, folder: str, limits: dict[str, Any]) -> str:
        """Which limit a run is over, or nothing."""


class Guard(Protocol):
    """One a parent, made when the shell is ready; each fork has its own copy. `running.integrity.Guard` is Haike's."""

    allowed: set[str]  # remarks that are not a hand-in's doing
    folder: str  # where the code works, as it sees it
    keep_judges: Callable[[], bool]  # puts back what runs and judges a cell; whether it had to

    def before(self, trusted: bool) -> None:
        """Before a cell; a `trusted` one finds everything as it was."""

    def put_back(self) -> None:
        """Make everything as it was."""

    def look_at(self, value: Any) -> None:
        """The value a trusted cell ended with."""

    def after(self) -> list[str]:
        """After a cell: what there is to remark."""
