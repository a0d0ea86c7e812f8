"""Slips that any function can hold: what is to be seen in its code alone, whatever the exercise is.

A slip is looked for only where an answer has lost marks and no declared mistake fails like it. It is told as "maybe":
each looks for a shape that right code seldom has, names what stands there and where to look, and blames nobody. Code is
read, never run. The first that is found is told; what is surely a slip comes before what may be one.
"""

from __future__ import annotations

import ast
from functools import cache

from courses import python
from courses.lesson import Cell, Exercise, Lesson
from courses.slips import counting, handed_back, looked_at, of_the_pen
from courses.slips.shapes import Function, found
from courses.slips.written import SLIPS, Written

__all__ = ["MILD", "SLIPS", "find_slip"]

LONGEST = 20_000  # characters of an answer that are read
GROUPS = [one.__name__ for one in (of_the_pen, counting, handed_back, looked_at)]
IN_ORDER = sorted(SLIPS.items(), key=lambda one: GROUPS.index(one[1].__module__))
#: What says where to look more than why; two answers that differ in it alone may well be wrong for one reason.
MILD = frozenset({"one-place", "never-used", "from-outside", "one-step-off", "same-each-round", "whole-list-compared"})


def find_slip(lesson: Lesson, exercise: Exercise, source: str, seen: str = "") -> tuple[str, str]:
    """(name, what to tell) of the first slip in an answer; ("", "") where there is none or it cannot be read.

    `seen` is what its tests said.
    """
    if exercise.form != "function":
        return "", ""
    name = next(iter(python.defined_names(exercise.answer)), "")
    own, model = function_of(source[:LONGEST], name), function_of(exercise.answer.source, name)
    if own is None or model is None or is_unfinished(own):
        return "", ""
    outside = frozenset().union(*(values_of(cell.source) for cell in python.code_cells(lesson)))
    written = Written(own, model, outside, seen)
    try:
        return next(((name, told) for name, look in IN_ORDER if (told := look(written))), ("", ""))
    except RecursionError:  # an expression of a thousand terms
        return "", ""


@cache
def values_of(source: str) -> frozenset[str]:
    """The names that a cell gives values to, functions and classes left out."""
    cell = Cell("code", source, 1)
    return frozenset(python.top_names(cell) - python.defined_names(cell))


def function_of(source: str, name: str) -> Function | None:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return next((one for one in reversed(body) if isinstance(one, Function) and one.name == name), None)


def is_unfinished(own: Function) -> bool:
    """The line that was handed out still stops it, or there is nothing in it: the page says so."""
    return bool(found(own, ast.Raise)) or all(isinstance(one, ast.Pass | ast.Expr) for one in own.body)
