"""What the reference run shows a pupil: Chinese and numbers, nothing of the machinery."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from courses import python
from courses.checks.rule import Seen, of_the_second_edition, run_rule
from courses.checks.writing import introduced, strange_words
from courses.lesson import Cell, Lesson

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun

#: What has a face of its own, beside which its text is not shown.
_PICTURED = re.compile(r"image/|application/vnd\.")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_OF_NUMPY = re.compile(r"\bnp\.\w+")
_MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^<>]+>|&\w+;", re.DOTALL)
WARNED, MEND_WARNING = "运行时出了警告", "改好引起警告的那一句；学生看到红字，会以为是自己错了"
#: Values of Python that whoever writes code reads.
_VALUES = {"true", "false", "none", "nan", "inf"}


@run_rule(
    "plain-output",
    what="运行出来的只有中文和数：没有 at 0x、np.、警告和英文",
    why="学生看不懂的一行，会当成自己做错了",
    advice="用 print 写一句中文；数先用 int()、float() 或者 .tolist() 换成普通的数；名字写进前言的 terms",
)
def plain_output(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    allowed, level = introduced(lesson) | _names(lesson), of_the_second_edition(lesson)
    for number, outputs in sorted(run.outputs.items()):
        seen = dict.fromkeys(fault for output in outputs for fault in _faults(output, allowed))
        for fault in seen:
            advice = MEND_WARNING if fault.startswith(WARNED) else ""
            yield Seen(_line(lesson.cells[number]), fault, advice, level=level)


def _line(cell: Cell) -> int:
    """The last line of a cell, which shows most of what is shown."""
    return cell.line + cell.source.rstrip().count("\n")


def _names(lesson: Lesson) -> set[str]:
    """Names of the lesson's own code, where a pupil sees it."""
    if lesson.stage.code_hidden:
        return set()
    nodes = [node for cell in python.code_cells(lesson) for node in python.nodes(cell)]
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    named |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    named |= {node.arg for node in nodes if isinstance(node, ast.arg | ast.keyword) and node.arg}
    return _VALUES | {part for name in named for part in name.lower().split("_")}


def _faults(output: Mapping[str, Any], allowed: set[str]) -> Iterator[str]:
    if output.get("name") == "stderr":
        yield f"{WARNED}：{_short(_text(output))}"
        return
    text = _text(output)
    if address := _ADDRESS.search(text):
        yield f"显示了一个对象的地址：…{_short(text[max(0, address.start() - 24) : address.end()])}"
    elif found := _OF_NUMPY.search(text):
        yield f"显示了 numpy 的写法 {found[0]}"
    elif words := strange_words(text, allowed):
        yield f"显示了英文：{'、'.join(words[:4])}"


def _text(output: Mapping[str, Any]) -> str:
    """What is to be read of an output."""
    if output["output_type"] == "stream":
        return str(output["text"])
    data = output.get("data", {})
    if any(map(_PICTURED.match, data)):
        return ""
    plain = str(data.get("text/plain", ""))
    own = data.get("text/markdown") or (data.get("text/html") if plain.startswith("<IPython.") or not plain else "")
    return _MARKUP.sub(" ", str(own)) if own else re.sub(r"\\[nrt]", " ", plain)


def _short(text: str) -> str:
    row = " ".join(text.split())
    return row if len(row) <= 60 else row[:60] + "…"
