"""A pupil's function beside the reference's, and the register of what is looked for in it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from courses.slips.shapes import Function, Loop, found, returned


@dataclass(frozen=True)
class Written:
    """A pupil's function beside the reference's.

    `outside` are the names that the lesson's cells give values to, `seen` what the tests said of it.
    """

    own: Function
    model: Function
    outside: frozenset[str] = frozenset()
    seen: str = ""

    @cached_property
    def parameters(self) -> list[str]:
        return [one.arg for one in self.own.args.args]

    @cached_property
    def loops(self) -> list[Any]:
        return found(self.own, *Loop)

    @cached_property
    def returned(self) -> list[ast.expr]:
        return returned(self.own)

    @cached_property
    def model_returned(self) -> list[ast.expr]:
        return returned(self.model)


Look = Callable[[Written], str]
SLIPS: dict[str, Look] = {}


def slip(name: str) -> Callable[[Look], Look]:
    """A function that says what was seen, or nothing."""

    def add(look: Look) -> Look:
        SLIPS[name] = look
        return look

    return add
