"""What stands in a function: its loops, what it returns, which names it reads and sets."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

Function = ast.FunctionDef
Loop = (ast.For, ast.While)
INNER = (ast.FunctionDef, ast.Lambda, ast.ClassDef)


def found(where: ast.AST | Iterable[ast.AST], *kinds: type) -> list[Any]:
    """All nodes of these kinds in order, those of inner functions left out."""
    todo = list(ast.iter_child_nodes(where)) if isinstance(where, ast.AST) else list(where)
    seen = []
    while todo:
        one = todo.pop(0)
        if isinstance(one, kinds):
            seen.append(one)
        if not isinstance(one, INNER):
            todo[:0] = list(ast.iter_child_nodes(one))
    return seen


def text_of(node: ast.AST, longest: int = 60) -> str:
    """Code as a sentence can hold it."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= longest else text[:longest] + "…"


def blocks(where: ast.AST) -> Iterator[list[ast.stmt]]:
    """Each list of statements that stand below one another."""
    for node in (where, *found(where, ast.stmt, ast.excepthandler)):
        for part in ("body", "orelse", "finalbody"):
            if (own := getattr(node, part, None)) and isinstance(own, list):
                yield own


def neighbours(where: ast.AST) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """Each statement with the one right below it."""
    return (pair for block in blocks(where) for pair in itertools.pairwise(block))


def compared(where: ast.AST) -> list[tuple[ast.expr, ...]]:
    """What stands on the sides of each comparison."""
    return [(one.left, *one.comparators) for one in found(where, ast.Compare)]


def returned(function: Function) -> list[ast.expr]:
    return [one.value for one in found(function, ast.Return) if one.value is not None]


def may_fall_off(body: list[ast.stmt]) -> bool:
    """Whether the end of a block can be reached without a return."""
    return all(map(may_go_on, body))


def may_go_on(one: ast.stmt) -> bool:
    """Whether what stands below a statement can be reached."""
    if isinstance(one, ast.If):
        return not one.orelse or may_fall_off(one.body) or may_fall_off(one.orelse)
    if isinstance(one, ast.While):
        return not (isinstance(one.test, ast.Constant) and one.test.value)
    if isinstance(one, ast.With):
        return may_fall_off(one.body)
    return not isinstance(one, ast.Return | ast.Raise | ast.Try | ast.Match)


def reads(where: ast.AST | Iterable[ast.AST]) -> Counter[str]:
    """How often each name is read, in inner functions too."""
    whole = [where] if isinstance(where, ast.AST) else where
    names = [part for one in whole for part in ast.walk(one) if isinstance(part, ast.Name)]
    return Counter(one.id for one in names if isinstance(one.ctx, ast.Load))


def assigned(where: ast.AST | Iterable[ast.AST]) -> Iterator[tuple[str, ast.Assign]]:
    """Names that are given a value by `=`."""
    for one in found(where, ast.Assign):
        for target in one.targets:
            if isinstance(target, ast.Name):
                yield target.id, one


def augmented(where: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Names that are added to, or the like: `n += 1` and `n = n + 1`."""
    whole = list(where) if not isinstance(where, ast.AST) else where
    short = {one.target.id for one in found(whole, ast.AugAssign) if isinstance(one.target, ast.Name)}
    return short | {
        name for name, one in assigned(whole) if isinstance(one.value, ast.BinOp) and reads(one.value)[name]
    }


def appended(where: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Lists that are appended to."""
    calls = [one.func for one in found(where, ast.Call) if isinstance(one.func, ast.Attribute)]
    return {func.value.id for func in calls if func.attr == "append" and isinstance(func.value, ast.Name)}


def lists(where: ast.AST) -> set[str]:
    """Names that are given a list written out, `[]` most of all."""
    return {name for name, one in assigned(where) if isinstance(one.value, ast.List)}


def stored(where: ast.AST) -> set[str]:
    """All names that are given a value, loop variables too."""
    return {one.id for one in ast.walk(where) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def own_names(where: ast.AST) -> set[str]:
    """All names that are set in a function or its inner ones, and what these are called and given."""
    nodes = list(ast.walk(where))
    names = stored(where) | {one.arg for one in nodes if isinstance(one, ast.arg)}
    return names | {one.name for one in nodes if isinstance(one, ast.FunctionDef | ast.ClassDef)}


def differences(own: ast.AST, other: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """The smallest parts in which two pieces of code differ, as pairs."""
    if ast.dump(own) == ast.dump(other):
        return []
    if type(own) is not type(other):
        return [(own, other)]
    pairs: list[tuple[ast.AST, ast.AST]] = []
    for (_, mine), (_, theirs) in zip(ast.iter_fields(own), ast.iter_fields(other), strict=True):
        if isinstance(mine, ast.AST) and isinstance(theirs, ast.AST):
            pairs += differences(mine, theirs)
        elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
            for one, another in zip(mine, theirs, strict=True):
                pairs += differences(one, another) if isinstance(one, ast.AST) else [(own, other)] * (one != another)
        elif mine != theirs:
            return [(own, other)]
    return pairs


def lines(function: ast.FunctionDef) -> list[ast.AST]:
    """What can be looked at by itself: simple statements, and what `if`, `while` and `for` ask."""
    simple = (ast.Assign, ast.AugAssign, ast.Return, ast.Expr, ast.Delete, ast.Assert)
    return [one for statement in found(function, ast.stmt) for one in _parts(statement, simple)]


def _parts(one: ast.stmt, simple: tuple[type, ...]) -> Iterator[ast.AST]:
    if isinstance(one, simple):
        yield one
    elif isinstance(one, ast.If | ast.While):
        yield one.test
    elif isinstance(one, ast.For):
        yield one.iter


def is_start(node: ast.AST) -> bool:
    """A value from which one counts or collects: 0, 0.0, an empty list."""
    return is_zero(node) or (isinstance(node, ast.List) and not node.elts)


def is_zero(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 0


def called(where: ast.AST | Iterable[ast.AST]) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of what is called: mean of np.mean and of row.mean; in inner functions too."""
    whole = [where] if isinstance(where, ast.AST) else where
    for one in (part for root in whole for part in ast.walk(root) if isinstance(part, ast.Call)):
        if isinstance(one.func, ast.Attribute):
            yield one.func.attr, one
        elif isinstance(one.func, ast.Name):
            yield one.func.id, one
