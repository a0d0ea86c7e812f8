"""The Python of a lesson's cells as syntax trees, with line numbers of the Markdown file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from courses.lesson import Cell, Lesson

_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


@cache
def parse(source: str, line: int) -> ast.Module | SyntaxError:
    """The tree of a piece of code that stands at `line` of its file, or the error that keeps it from being read."""
    try:
        tree = ast.parse(_MAGIC.sub(lambda found: " " * (len(found[0]) - len(found[0].lstrip())) + "pass", source))
    except SyntaxError as error:
        return error
    return ast.increment_lineno(_NamedByText().visit(tree), line - 1)


class _NamedByText(ast.NodeTransformer):
    """`judge.check("nearest", …)` reads the name nearest, as the rules see it."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if dotted(node.func) in ("judge.check", "judge.returned", "judge.earlier") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                node.args[0] = ast.copy_location(ast.Name(name.value, ast.Load()), name)
        return node


def nodes(cell: Cell, source: str | None = None) -> tuple[ast.AST, ...]:
    """Every node of a code cell (or of `source` in its place); nothing where it cannot be parsed."""
    return _walked(cell.source if source is None else source, cell.line)


@cache
def _walked(source: str, line: int) -> tuple[ast.AST, ...]:
    tree = parse(source, line)
    return tuple(ast.walk(tree)) if isinstance(tree, ast.Module) else ()


def code_cells(lesson: Lesson) -> list[Cell]:
    return [cell for cell in lesson.cells if cell.kind == "code"]


def defined_names(cell: Cell) -> set[str]:
    """Functions and classes a cell defines at its top level."""
    tree = parse(cell.source, cell.line)
    body = tree.body if isinstance(tree, ast.Module) else []
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def top_names(cell: Cell) -> set[str]:
    """What a cell leaves behind for the cells after it: functions, classes and values."""
    tree = parse(cell.source, cell.line)
    body = tree.body if isinstance(tree, ast.Module) else []
    stored = {
        part.id
        for node in body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    return stored | defined_names(cell)


def used_names(cell: Cell) -> dict[str, int]:
    """Names a cell reads, with the first line of each."""
    used: dict[str, int] = {}
    for node in nodes(cell):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used[node.id] = min(node.lineno, used.get(node.id, node.lineno))
    return used


def bound_names(cell: Cell) -> set[str]:
    """Names a cell gives a value itself: functions, assignments, imports, loop variables, judge.using."""
    bound: set[str] = set()
    for node in nodes(cell):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Call) and dotted(node.func) == "judge.using":
            bound |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return bound


def depending_on(cell: Cell, names: set[str]) -> set[str]:
    """`names`, and all names the cell computes from them."""
    reached = set(names)
    while True:
        before = len(reached)
        for node in nodes(cell):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.comprehension):
                value = node.iter if isinstance(node, ast.For | ast.comprehension) else node.value
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if value is not None and reads(value, reached):
                    reached |= {part.id for one in targets for part in ast.walk(one) if isinstance(part, ast.Name)}
            elif isinstance(node, ast.If | ast.FunctionDef) and reads(node, reached):
                # A count raised inside `if answer == truth:`, a helper that calls the pupil's function.
                reached |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and _is_stored(part)}
                reached |= {node.name} if isinstance(node, ast.FunctionDef) else set()
        if len(reached) == before:
            return reached


def reads(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names and not _is_stored(part) for part in ast.walk(node))


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def dotted(node: ast.AST) -> str:
    """`np.random.rand` of a name or attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else f".{node.attr}"
    return ""


def calls(cell: Cell) -> Iterator[tuple[ast.Call, str]]:
    """Each call of a cell with its dotted name."""
    for node in nodes(cell):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def widget_names(lesson: Lesson) -> set[str]:
    """The widgets a lesson imports from kits.widgets, by the names it uses for them."""
    names: set[str] = set()
    for cell in code_cells(lesson):
        for node in nodes(cell):
            if isinstance(node, ast.ImportFrom) and node.module == "kits.widgets":
                names |= {alias.asname or alias.name for alias in node.names}
    return names


def strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of each string in a tree; an f-string is one text with … where a value stands."""
    if isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "\ufffc" for part in node.values]
        yield node.lineno, "".join(parts)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from strings(child)
