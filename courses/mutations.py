"""Small changes of a reference answer, each of which the tests of its exercise should notice.

Mutation testing as mutmut and cosmic-ray do it; these change files and run pytest, while here one cell of a notebook is
run through the lesson's own test cells. A change that no test notices is a hole in the tests, unless it changes nothing
(then the lesson names it `equivalent`). A pupil's answer that fails as a mutation does, and holds the changed piece, is
told where to look in it.
"""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from courses import python
from courses.lesson import Cell, Exercise
from courses.regions import has_region, region_lines
from courses.slips import function_of
from courses.slips.shapes import Function, text_of

MOST = 24  # for one function
LONGEST = 300  # characters of a piece of code in a sentence
SECONDS = 10.0  # of wall time for a cell: a loop without end counts as noticed
Kind = Literal["comparison", "index", "parameter", "bound", "operator", "step", "order"]
#: A kind whose survivors are holes in the tests; of the others a survivor is shown to whoever asks.
HOLES: frozenset[Kind] = frozenset({"comparison", "index", "parameter"})
KINDS: tuple[Kind, ...] = ("comparison", "index", "parameter", "bound", "operator", "step", "order")

EDGE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
TURNED = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
OPERATOR = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip

LOOK = {
    "edge": "`{}`：两边刚好相等的时候，要不要算进去？",
    "turned": "`{}`：大于和小于，是不是反了？",
    "equal": "`{}`：相等和不相等，是不是反了？",
    "index": "`{}`：要的是第几个？从 0 数起。",
    "bound": "`{}`：从第几个起，到第几个为止？会不会多一个，或者少一个？",
    "operator": "`{}`：是加还是减，是乘还是除？",
    "both": "`{}`：两个条件都要成立，还是有一个就行？",
    "step": "`{}`：它已经是要的数了吗？会不会还差一步？",
    "order": "`{}`：先写谁，后写谁？换一换，想想有什么不同。",
}


@dataclass(frozen=True)
class Mutation:
    """One change of a reference. `line` is that of the file, `before` and `after` are the piece in which it differs.

    `look` says where to look, with the pupil's own piece in the place of {}; where it is empty, nothing can be said.
    """

    of: str
    id: str
    kind: Kind
    line: int
    before: str
    after: str
    source: str
    look: str = ""

    @property
    def name(self) -> str:
        """As no other mutation of the lesson is called."""
        return f"{self.of}/{self.id}"


@dataclass(frozen=True)
class Change:
    """A node of the tree, and what a copy of it becomes; the pieces before and after, where they are not the node."""

    kind: Kind
    node: ast.AST
    make: Callable[[ast.AST], ast.AST | None]
    look: str = ""
    pieces: tuple[str, str] | None = None


def mutations(exercise: Exercise) -> tuple[Mutation, ...]:
    """At most 24 of a function's reference, fair to all kinds; none of any other exercise."""
    return _mutations(exercise.id, exercise.answer.source, exercise.answer.line) if exercise.form == "function" else ()


@cache
def _mutations(of: str, source: str, line: int) -> tuple[Mutation, ...]:
    cell = Cell("code", source, line)
    tree = python.parse(source, line)
    if not isinstance(tree, ast.Module):
        return ()
    inside = {number for number, _ in region_lines(cell, "SOLUTION")} if has_region(cell, "SOLUTION") else None
    seen = {ast.dump(tree)}
    made: dict[Kind, list[Mutation]] = defaultdict(list)
    for change in _changes(tree):
        number = getattr(change.node, "lineno", line)
        if inside is not None and number not in inside:
            continue  # a line that is given to the pupil
        mutant, before, after = _changed(tree, change)
        if (dump := ast.dump(mutant)) not in seen:
            seen.add(dump)
            own = made[change.kind]
            name = f"{change.kind}-{len(own) + 1}"
            own.append(Mutation(of, name, change.kind, number, before, after, ast.unparse(mutant), change.look))
    rounds = max((len(own) for own in made.values()), default=0)
    in_turn = [made[kind][turn] for turn in range(rounds) for kind in KINDS if turn < len(made[kind])]
    return tuple(in_turn[:MOST])


def _changed(tree: ast.Module, change: Change) -> tuple[ast.Module, str, str]:
    """The whole with the change, and the piece before and after it."""
    place = next(number for number, node in enumerate(ast.walk(tree)) if node is change.node)
    mutant = copy.deepcopy(tree)
    old = next(node for number, node in enumerate(ast.walk(mutant)) if number == place)
    new = change.make(copy.deepcopy(old))
    before, after = change.pieces or (text_of(old, LONGEST), text_of(new, LONGEST) if new is not None else "")
    _Put(old, new).visit(mutant)
    return ast.fix_missing_locations(mutant), before, after


class _Put(ast.NodeTransformer):
    """Another node in the place of one; a statement may go, and leaves its place empty."""

    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self.old, self.new = old, new or ast.Pass()

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _changes(tree: ast.Module) -> Iterator[Change]:
    for function in (node for node in tree.body if isinstance(node, Function)):
        for node in ast.walk(function):
            if not isinstance(node, ast.arguments | ast.arg):
                for changes in (_compared, _indexed, _counted, _reckoned, _stepped):
                    yield from changes(node)
        yield from _parameters(function)
        yield from _swapped(function)


def _compared(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        operator = type(node.ops[0])
        equal = operator in (ast.Eq, ast.NotEq)
        for table, look in ((EDGE, LOOK["equal" if equal else "edge"]), (TURNED, LOOK["turned"])):
            if operator in table:
                yield Change("comparison", node, _with(ops=[table[operator]()]), look)


def _with(**parts: object) -> Callable[[ast.AST], ast.AST]:
    """A node with other parts."""

    def make(node: ast.AST) -> ast.AST:
        for name, value in parts.items():
            setattr(node, name, value)
        return node

    return make


def _indexed(node: ast.AST) -> Iterator[Change]:
    """One place further; the last for the first."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    at = node.slice
    if (number := _whole(at)) is not None:
        other = 0 if number < 0 else number + 1
        yield Change("index", node, _with(slice=ast.Constant(other)), LOOK["index"])
    elif isinstance(at, ast.Tuple) and len(at.elts) == 2:
        for place, part in enumerate(at.elts):
            if (number := _whole(part)) is not None:
                elts = [ast.Constant(number + 1) if one == place else old for one, old in enumerate(at.elts)]
                yield Change("index", node, _with(slice=ast.Tuple(elts, ast.Load())), LOOK["index"])
        if not any(isinstance(part, ast.Constant) for part in at.elts):
            yield Change("index", node, _with(slice=ast.Tuple(at.elts[::-1], ast.Load())), LOOK["index"])
    elif isinstance(at, ast.Name):
        yield Change("index", node, _with(slice=ast.BinOp(at, ast.Sub(), ast.Constant(1))), LOOK["index"])


def _whole(node: ast.AST) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _whole(node.operand)
        return -inner if inner is not None else None
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _counted(node: ast.AST) -> Iterator[Change]:
    """Where a range or a slice begins and ends; a number by one."""
    if isinstance(node, ast.Call) and python.dotted(node.func) == "range" and 1 <= len(node.args) <= 2:
        start, end = node.args if len(node.args) == 2 else (ast.Constant(0), node.args[0])
        later = ast.BinOp(start, ast.Add(), ast.Constant(1)) if len(node.args) == 2 else ast.Constant(1)
        yield Change("bound", node, _with(args=[later, end]), LOOK["bound"])
        for operator in (ast.Sub(), ast.Add()):
            args = [*node.args[:-1], ast.BinOp(end, operator, ast.Constant(1))]
            yield Change("bound", node, _with(args=args), LOOK["bound"])
    elif isinstance(node, ast.Slice):
        for name in ("lower", "upper"):
            if (edge := getattr(node, name)) is not None:
                further = ast.BinOp(edge, ast.Add(), ast.Constant(1))
                yield Change("bound", node, _with(**{name: further}), LOOK["bound"])
    elif isinstance(node, ast.Assign) and (number := _whole(node.value)) is not None:
        yield Change("bound", node, _with(value=ast.Constant(number + 1)), LOOK["bound"])


def _reckoned(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp) and (other := OPERATOR.get(type(node.op))):
        both = isinstance(node.op, ast.BitAnd | ast.BitOr)
        yield Change("operator", node, _with(op=other()), LOOK["both" if both else "operator"])
        if isinstance(node.op, ast.Sub | ast.Div):
            yield Change("operator", node, _with(left=node.right, right=node.left), LOOK["order"])
    elif isinstance(node, ast.AugAssign) and (other := OPERATOR.get(type(node.op))):
        yield Change("operator", node, _with(op=other()), LOOK["operator"])
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Change("operator", node, _with(op=swapped), LOOK["both"])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield Change("operator", node, lambda one: one.operand, LOOK["both"])  # type: ignore[attr-defined]


def _stepped(node: ast.AST) -> Iterator[Change]:
    """A step left out: what a call does to its first argument, a statement, a condition."""
    if isinstance(node, ast.Call) and python.dotted(node.func) != "range":
        inner = node.func.value if _is_step(node) else node.args[0] if len(node.args) == 1 else None  # type: ignore[attr-defined]
        if inner is not None and not isinstance(inner, ast.Starred | ast.GeneratorExp):
            bare = isinstance(inner, ast.Name | ast.Subscript)  # too little to say that a step is missing
            yield Change("step", node, lambda _: copy.deepcopy(inner), "" if bare else LOOK["step"])
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield Change("step", node, lambda _: None)
    elif isinstance(node, ast.If) and not node.orelse:
        yield Change("step", node, _with(test=ast.Constant(True)))


def _is_step(call: ast.Call) -> bool:
    """`values.mean(axis=0)`: a method that makes something of what stands before the dot."""
    return isinstance(call.func, ast.Attribute) and not call.args and not python.dotted(call.func).startswith("np.")


def _parameters(function: ast.FunctionDef) -> Iterator[Change]:
    """Each use of a parameter that has a default value: the default in its place."""
    given = function.args.args[len(function.args.args) - len(function.args.defaults) :]
    for parameter, value in zip(given, function.args.defaults, strict=True):
        for node in (node for one in function.body for node in ast.walk(one)):
            if isinstance(node, ast.Name) and node.id == parameter.arg and isinstance(node.ctx, ast.Load):
                yield Change("parameter", node, lambda _, value=value: copy.deepcopy(value))  # type: ignore[misc]


def _swapped(function: ast.FunctionDef) -> Iterator[Change]:
    """Two arguments, and two returned values, in the other order; two neighbouring lines."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and len(node.args) == 2 and python.dotted(node.func) != "range":
            yield Change("order", node, _with(args=node.args[::-1]), LOOK["order"])
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            swapped = ast.Tuple(node.value.elts[::-1], ast.Load())
            yield Change("order", node, _with(value=swapped), LOOK["order"])
    for holder in ast.walk(function):
        for first, second in pairwise(getattr(holder, "body", []) if isinstance(holder, ast.For | Function) else []):
            if isinstance(second, ast.Assign | ast.AugAssign | ast.If) and not isinstance(first, ast.Expr):
                order = [first, second]
                body = [order[1] if one is first else order[0] if one is second else one for one in holder.body]  # type: ignore[attr-defined]
                lines = text_of(first), text_of(second)
                yield Change("order", holder, _with(body=body), pieces=("; ".join(lines), "; ".join(lines[::-1])))


# ---- what of a mutation is to be seen in an answer


def told_by(mutation: Mutation, exercise: Exercise, answer: str) -> str:
    """Where to look in an answer that fails as the mutation does; empty where the changed piece is not in it.

    Names of its own do not count, so `best` may be called `small`. The piece must stand there oftener than in the
    reference: what both hold is no slip.
    """
    name = next(iter(python.defined_names(exercise.answer)), "")
    own, model, piece = function_of(answer, name), function_of(exercise.answer.source, name), _piece(mutation.after)
    if not (mutation.look and own and model and piece):
        return ""
    wanted = _plain(piece, _kept(model))
    held = sum(_plain(node, _kept(model)) == wanted for node in ast.walk(model) if isinstance(node, type(piece)))
    found = [node for node in ast.walk(own) if isinstance(node, type(piece)) and _plain(node, _kept(own)) == wanted]
    return f"看看 {mutation.look.format(text_of(found[-1]))}" if len(found) > held else ""


def _piece(code: str) -> ast.AST | None:
    try:
        body = ast.parse(code).body
    except SyntaxError:  # a slice, or a text that was cut off
        return None
    if len(body) != 1:
        return None
    return body[0].value if isinstance(body[0], ast.Expr) else body[0]


def _kept(function: ast.FunctionDef) -> dict[str, str]:
    """The names that mean the same in every answer: parameters, by their places."""
    return {one.arg: f"parameter {place}" for place, one in enumerate(function.args.args)}


def _plain(node: ast.AST, kept: dict[str, str]) -> str:
    """A piece of code in which own names are all alike, and a comparison is written with the smaller side first."""
    plain = copy.deepcopy(node)
    for one in ast.walk(plain):
        if isinstance(one, ast.Name):
            one.id = kept.get(one.id, "np" if one.id == "np" else "_")
    for one in ast.walk(plain):
        if isinstance(one, ast.Compare) and len(one.ops) == 1 and isinstance(one.ops[0], ast.Gt | ast.GtE):
            turned = TURNED[type(one.ops[0])]()
            one.left, one.comparators, one.ops = one.comparators[0], [one.left], [turned]
    return ast.dump(plain)
