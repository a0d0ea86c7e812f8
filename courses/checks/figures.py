"""Pictures and figures: words for those who cannot see them, names on their axes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from courses import markdown, python
from courses.checks.prose import HAN, all_texts
from courses.checks.rule import Seen, lesson_rule, run_rule
from courses.lesson import Cell, Lesson
from courses.regions import has_region

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun

#: Methods of axes (and functions of pyplot) that put data on a pair of axes.
WITH_AXES = {
    "plot", "scatter", "bar", "barh", "hist", "step", "stem", "errorbar", "boxplot", "violinplot", "fill_between",
    "stackplot", "loglog", "semilogx", "semilogy",
}  # fmt: skip
#: Those that draw without axes to be named: pictures, tables of colours, pies.
WITHOUT_AXES = {"imshow", "matshow", "pie", "pcolormesh", "contour", "contourf"}
_FILE_NAME = re.compile(r"^[\w\s.-]*\.(png|jpe?g|svg|gif)$|^(图|图片|image|picture|img)\s*\d*$", re.IGNORECASE)


@lesson_rule(
    "alt-text",
    what="每张图片和每个画图的代码格都有替代文字",
    why="看不见图的孩子听它，图没出来时大家读它",
    advice="图片写成 ![图上画了什么](文件)；画图的格子加一行 :alt: 图上看得出什么",
)
def alt_text(lesson: Lesson) -> Iterator[Seen]:
    for file, line, text in all_texts(lesson):
        for picture in markdown.pictures(text, line):
            if not picture.words.strip() or _FILE_NAME.match(picture.words.strip()):
                address = markdown.parser().normalizeLinkText(picture.address)
                yield Seen(picture.line, f"图片 {address} 没有替代文字", file=file)
    for cell in python.code_cells(lesson):
        if "alt" in cell.options:
            if not re.search(f"[{HAN}]", str(cell.options["alt"])):
                yield Seen(cell.line, "alt 里没有中文的话", "用一句话说图上看得出什么")
        elif line := draws(cell):
            yield Seen(line, "这一格画了图，没有 alt")


def draws(cell: Cell) -> int:
    """The line on which a cell draws, 0 where it does not. A figure drawn inside a function is drawn by its caller."""
    for call, name in _top_calls(cell):
        base, _, function = name.rpartition(".")
        if function in WITH_AXES | WITHOUT_AXES and _is_axes(name):
            return call.lineno
        if base == "plots" or name in ("plt.show", "plt.figure", "plt.subplots"):
            return call.lineno
    return 0


def _is_axes(name: str) -> bool:
    """A method of plt, ax, ax1, axes[0] (which has no dotted name) …: not `df.plot`, not a pupil's own `step()`."""
    base, dot, _ = name.rpartition(".")
    return bool(dot) and (base in ("plt", "") or bool(re.match(r"(?:ax|axes|axs)\w*$", base.split(".")[-1])))


def _top_calls(cell: Cell) -> Iterator[tuple[ast.Call, str]]:
    tree = python.parse(cell.source, cell.line)
    todo: list[ast.AST] = list(tree.body) if isinstance(tree, ast.Module) else []
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node, python.dotted(node.func)
        todo += ast.iter_child_nodes(node)


@lesson_rule(
    "axis-labels",
    what="每张有坐标的图都写明横轴、纵轴是什么",
    why="没有名字的轴，谁也不知道量的是什么",
    advice='加上 ax.set_xlabel("…") 和 ax.set_ylabel("…")；不要坐标的图写 ax.axis("off")',
)
def axis_labels(lesson: Lesson) -> Iterator[Seen]:
    """A heuristic on the code: a cell (or function) that plots on axes also names them, or switches them off.

    The helpers of kits.plots name the axes of what they draw, so a cell that hands its axes to them is not asked.
    """
    for cell in python.code_cells(lesson):
        if has_region(cell, "HIDDEN TESTS"):
            continue
        drawn: ast.Call | None = None
        named: set[str] = set()
        for call, name in python.calls(cell):
            base, _, function = name.rpartition(".")
            if function in WITH_AXES and _is_axes(name):
                drawn = drawn or call
            named |= _names_axes(base, function, call)
        lacking = [word for axis, word in (("x", "横轴"), ("y", "纵轴")) if axis not in named]
        if drawn and lacking:
            yield Seen(drawn.lineno, f"这张图没有写{'、'.join(lacking)}的名字")


def _names_axes(base: str, function: str, call: ast.Call) -> set[str]:
    if base == "plots" or function in ("axis", "set_axis_off") or function in ("supxlabel", "supylabel"):
        off = function != "axis" or any(isinstance(arg, ast.Constant) and arg.value == "off" for arg in call.args)
        return {"x", "y"} if base == "plots" or (off and not function.startswith("sup")) else {function[3:4]}
    if function in ("set_xlabel", "xlabel", "set_xticks") and (function != "set_xticks" or _labelled(call)):
        return {"x"}
    if function in ("set_ylabel", "ylabel", "set_yticks") and (function != "set_yticks" or _labelled(call)):
        return {"y"}
    if function == "set":
        keys = {keyword.arg for keyword in call.keywords}
        return {axis for axis in "xy" if f"{axis}label" in keys}
    return set()


def _labelled(call: ast.Call) -> bool:
    """`set_yticks(places, names)`: named ticks (a list of animals, of towns) say what the axis is."""
    return len(call.args) > 1 or any(keyword.arg == "labels" for keyword in call.keywords)


@run_rule(
    "drawn-alt",
    what="运行出了图的格子都有 alt",
    why="看不见图的孩子听它，图没出来时大家读它",
    advice="在代码格的设置里加一行 :alt: 图上看得出什么",
)
def drawn_alt(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for index in sorted(run.pictures):
        cell = lesson.cells[index]
        if "alt" not in cell.options and not draws(cell):
            yield Seen(cell.line, "这一格运行出了图，没有 alt")
