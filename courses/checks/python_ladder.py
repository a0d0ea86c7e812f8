"""The ladder of Python: a pupil meets only the syntax of his year, in stubs, references and shown code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from courses import python
from courses.checks.prose import is_test
from courses.checks.rule import Seen, lesson_rule
from courses.curriculum import grade_name
from courses.lesson import Cell, Lesson

FREE_FROM = 10
#: Syntax → (the grade from which a pupil meets it, its name in Chinese).
LADDER: dict[type[ast.AST], tuple[int, str]] = {
    ast.For: (5, "for 循环"),
    ast.FunctionDef: (6, "def 定义函数"),
    ast.If: (6, "if 判断"),
    ast.IfExp: (6, "写在一行里的 if"),
    ast.List: (6, "列表"),
    ast.Subscript: (6, "用方括号取第几个"),
    ast.Compare: (6, "比较大小"),
    ast.While: (6, "while 循环"),
    ast.AugAssign: (6, "+= 这样的写法"),
    ast.Slice: (7, "切片"),
    ast.JoinedStr: (7, "f 字符串"),
    ast.Dict: (8, "字典"),
    ast.Set: (8, "集合"),
    ast.ListComp: (8, "列表推导"),
    ast.DictComp: (8, "字典推导"),
    ast.SetComp: (8, "集合推导"),
    ast.GeneratorExp: (8, "写在括号里的循环"),
    ast.Lambda: (8, "lambda"),
    ast.With: (9, "with"),
    ast.Try: (9, "try"),
    ast.ClassDef: (9, "class"),
    ast.Raise: (9, "raise"),
    ast.Yield: (10, "yield"),
    ast.NamedExpr: (10, ":="),
    ast.Match: (10, "match"),
    ast.AsyncFunctionDef: (10, "async"),
    ast.Global: (10, "global"),
    ast.Nonlocal: (10, "nonlocal"),
}
SORTS = {"sort", "sorted", "argsort"}


@lesson_rule(
    "python-ladder",
    what="代码只用本年级学到的写法",
    why="新写法一多，学生就看不见人工智能在哪里了",
    advice="换成学过的写法，或者把这一格藏起来（tags: [hide-input]）",
)
def python_ladder(lesson: Lesson) -> Iterator[Seen]:
    grade = lesson.front.grade if lesson.front else None
    if not isinstance(grade, int) or lesson.stage.free_python or lesson.stage.code_hidden:
        return
    for cell in python.code_cells(lesson):
        if "hide-input" in cell.tags or is_test(cell):
            continue
        told: set[str] = set()
        for line, needs, name in sorted(_steps(cell, python.widget_names(lesson))):
            if needs > grade and name not in told:
                told.add(name)
                gap = " " if name[-1].isascii() else ""
                yield Seen(line, f"{name}{gap}要到{grade_name(needs)}才学")


def _steps(cell: Cell, widgets: set[str]) -> Iterator[tuple[int, int, str]]:
    """(line, grade, name) of each piece of syntax that stands on the ladder."""
    loops = 0
    skip = {id(part) for node in python.nodes(cell) for part in _not_to_learn(node, widgets)}
    for node in python.nodes(cell):
        if id(node) in skip:
            continue
        line = getattr(node, "lineno", cell.line)
        if isinstance(node, ast.ClassDef) and cell.grade_id:
            yield line, FREE_FROM, "自己写 class"
        elif step := LADDER.get(type(node)):
            yield line, *step
        if isinstance(node, ast.For):
            loops += 1
            if loops > 1:
                yield line, 6, "一格里的第二个循环"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            if any(module.split(".")[0] == "numpy" for module in modules):
                yield line, 7, "numpy"
        elif isinstance(node, ast.Call):
            if python.dotted(node.func).rpartition(".")[2] in SORTS:
                yield line, 8, "排序"
            if any(keyword.arg == "axis" for keyword in node.keywords):
                yield line, 9, "axis"
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Compare):
            yield line, 8, "用真假挑数（布尔下标）"
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            yield line, 10, "装饰器"


def _not_to_learn(node: ast.AST, widgets: set[str]) -> Iterator[ast.AST]:
    """What stands in the code without being syntax to learn: the settings of a widget, and `if is_written(f):`."""
    if isinstance(node, ast.Call) and python.dotted(node.func) in widgets:
        yield from ast.walk(node)
    elif isinstance(node, ast.If):
        called = [python.dotted(part.func) for part in ast.walk(node.test) if isinstance(part, ast.Call)]
        if called and all(name == "is_written" for name in called):
            yield node
