"""Self-tests: an author writes options, key and hints in the cell; whoever gets the lesson finds the question there.

`choice("", "问题", options=[("文字", True, "提示"), …])` becomes `choice("", "问题")`, and the options go into
questions.bin (kits.questions). The question stays: it is what a reader of the cell needs, on paper and on a screen
without widgets too, and by it the widget finds its options, so that a notebook and a file of two releases still agree
wherever a question is the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from courses import kept, python
from courses.checks.rule import Seen, lesson_rule, of_the_second_edition
from courses.lesson import Cell, Lesson
from courses.regions import region_lines

CHOICE = frozenset({"choice", "widgets.choice", "kits.widgets.choice"})

#: Of each option its text, whether it is right, and its hint.
Options = tuple[tuple[str, bool, str], ...]


@dataclass(frozen=True)
class Ask:
    """A call of `choice`; its lines are those of the cell, from 1. Without `options` nothing can be taken out of it."""

    call: ast.Call
    question: str = ""
    options: Options = ()

    @property
    def place(self) -> tuple[int, int]:
        return self.call.lineno, self.call.col_offset


def released(lesson: Lesson, cell: Cell) -> str:
    """The cell as everybody but the author gets it: without the keys of its self-tests."""
    known = questions(lesson)
    lines = cell.source.encode().split(b"\n")
    for ask in reversed(asked(lesson, cell)):  # the last first: what stands above keeps its place
        if ask.options and known[ask.question] == ask.options:
            call = ask.call
            start, end = call.lineno - 1, (call.end_lineno or call.lineno) - 1
            before, after = lines[start][: call.col_offset], lines[end][call.end_col_offset :]
            lines[start : end + 1] = [before + without_options(cell.source, call).encode() + after]
    return b"\n".join(lines).decode()


def without_options(source: str, call: ast.Call) -> str:
    """The call with all else that the author wrote in it."""

    def written(node: ast.AST) -> str:
        return ast.get_source_segment(source, node) or ast.unparse(node)

    given = [written(one) for one in call.args]
    for one in call.keywords:
        if one.arg != "options":
            given.append(f"{one.arg}={written(one.value)}" if one.arg else f"**{written(one.value)}")
    return f"{written(call.func)}({', '.join(given)})"


def questions(lesson: Lesson) -> dict[str, Options]:
    """Question → its options, as the file keeps them. What is asked twice, with other options, keeps the first."""
    return kept.fact(lesson, "self-tests", lambda: _questions(lesson))  # asked for with each cell


def _questions(lesson: Lesson) -> dict[str, Options]:
    found: dict[str, Options] = {}
    for cell in python.code_cells(lesson):
        for ask in asked(lesson, cell):
            if ask.options:
                found.setdefault(ask.question, ask.options)
    return found


def asked(lesson: Lesson, cell: Cell) -> list[Ask]:
    """The calls of `choice` in a cell, under whatever name the lesson has imported it, in their order."""
    names = names_of(lesson)
    if not any(name in cell.source for name in names):  # most cells: no need to read their code
        return []
    calls = (node for node in ast.walk(tree_of(cell)) if isinstance(node, ast.Call))
    found = [read(call) for call in calls if python.dotted(call.func) in names]
    return sorted(found, key=lambda ask: ask.place)


def names_of(lesson: Lesson) -> frozenset[str]:
    nodes = (node for cell in lesson.cells if "choice as " in cell.source for node in ast.walk(tree_of(cell)))
    names = (one for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names)
    return CHOICE | {one.asname for one in names if one.name == "choice" and one.asname}


def tree_of(cell: Cell) -> ast.AST:
    """With the lines of the cell, from 1; empty where it is no Python."""
    tree = python.parse(cell.source, 1) if cell.kind == "code" else None
    return tree if isinstance(tree, ast.Module) else ast.Module([], [])


def read(call: ast.Call) -> Ask:
    question = literal(call.args[1] if len(call.args) > 1 else keyword(call, "question"))
    options = literal(keyword(call, "options"))
    rows = [tuple(one) if isinstance(one, list | tuple) else () for one in options] if is_listed(options) else []
    if isinstance(question, str) and {tuple(map(type, row)) for row in rows} == {(str, bool, str)}:
        return Ask(call, question, tuple((text, right, hint) for text, right, hint in rows))
    return Ask(call)


def is_listed(options: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(options, list | tuple)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def literal(node: ast.expr | None) -> object:
    """The value that is written out there, if one is."""
    try:
        return ast.literal_eval(node) if node else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


@lesson_rule(
    "self-test-key",
    what="自测的问题、选项、对错和提示，都照字面写在 choice(…, options=[…]) 里",
    why="这样发给学生的时候才能收进旁边的文件；不然学生在题目上面就读到了答案",
    advice='写成 choice("", "问题", options=[("文字", True, "提示"), …])，不用变量，也不用 f"…"',
)
def self_test_key(lesson: Lesson) -> Iterator[Seen]:
    level, known = of_the_second_edition(lesson), questions(lesson)
    cells = [(cell, asked(lesson, cell)) for cell in python.code_cells(lesson)]
    for cell, asks in cells:
        for ask in asks:
            line = cell.line + ask.call.lineno - 1
            if keyword(ask.call, "options") is None and not any(one.arg is None for one in ask.call.keywords):
                yield Seen(line, "这道选择题没有写 options", level=level)
            elif ask.options and known[ask.question] != ask.options:
                seen = f"同一句问题问了两次，选项不一样：{ask.question}"
                yield Seen(line, seen, "换一种问法，或者两处写一样的选项", level=level)
    if any(is_loose(ask) for _, asks in cells for ask in asks):
        for cell, asks in cells:
            yield from (Seen(line, "这里读得到哪一项是对的", level=level) for line in readable(cell, asks))


def is_loose(ask: Ask) -> bool:
    """Whether its options come from elsewhere, or are written so that they cannot be taken out."""
    options = literal(keyword(ask.call, "options"))
    plain = is_listed(options) and all(isinstance(one, str) for one in options)
    return not ask.options and not plain


def readable(cell: Cell, asks: list[Ask]) -> Iterator[int]:
    """The first line of each list in which an option stands with its key, and which nothing takes out of the cell."""
    taken = {id(part) for ask in asks if ask.options for part in ast.walk(ask.call)}
    hidden = {line for line, _ in region_lines(cell)}
    lines = set()
    for node in ast.walk(tree_of(cell)):
        if isinstance(node, ast.List | ast.Tuple) and id(node) not in taken:
            first = next((part.lineno for part in node.elts if is_option(part)), 0)
            lines.add(cell.line + first - 1 if first else 0)
    yield from sorted(lines - hidden - {0})


def is_option(node: ast.expr) -> bool:
    """A text, whether it is right, a hint."""
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != 3:
        return False
    text, right, hint = (part.value if isinstance(part, ast.Constant) else "" for part in node.elts)
    return isinstance(text, str) and isinstance(hint, str) and isinstance(right, bool)
