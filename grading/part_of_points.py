"""Part of the points: what a test shows in the end, read as a number.

nbgrader reads the text of a test's result as its score and takes whatever is no plain number for all the points. So
numpy's `np.float64(0.0)` would be full marks, and so would a word. Here a number is a number however it is written, and
what is none is told to the teacher, unless the teacher's own reference ends the test the same way (a figure, a list).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading.result import Flag

NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)"
#: How libraries write one number: numpy 2, Decimal, arrays without dimensions, tensors, mpmath.
WRITTEN = re.compile(
    r"(?:(?:np|numpy|decimal|torch|jnp)\.)?(?:u?int\d*|float\d*|longlong|longdouble|Decimal|array|tensor|Array|mpf)"
    rf"\((?P<quote>['\"]?)(?P<number>{NUMBER})(?P=quote)(?:, [a-z_]+=[\w.':<]+)*\)"
)
FRACTION = re.compile(r"(?:fractions\.)?(?:Fraction\((-?\d+), (\d+)\)|(-?\d+)/(\d+))")
YES, NO = {"True", "np.True_", "numpy.True_"}, {"False", "np.False_", "numpy.False_"}
ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
NOTHING, UNREADABLE = "", "（看不出几分）"
LONG = 200  # characters; a longer result is remembered by its fingerprint


def settle(notebook: NotebookNode, reference: Mapping[str, str]) -> list[Flag]:
    """Put the number where nbgrader will read it, and tell of results that are none.

    `reference` holds what the teacher's own tests showed, by their source; a test it does not know is judged alone.
    """
    flags = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            words = settle_cell(cell, reference.get(cell.source))
            flags += [Flag("score", f"{cell.metadata['nbgrader']['grade_id']} {words}，要看一看")] if words else []
    return flags


def settle_cell(cell: NotebookNode, expected: str | None) -> str:
    """One test. What a teacher reads of its result, or nothing."""
    result = counting_result(cell.outputs)
    if result is None:
        lost = expected and not any(is_failure(one) for one in cell.outputs)
        return "没有显示结果，参考答案显示了，按满分算了" if lost else ""
    text = result.data.get("text/plain") or ""
    same, full = as_known(text) == expected, float(cell.metadata["nbgrader"]["points"])
    if not text:
        result.data["text/plain"] = UNREADABLE
        return "的结果看不出几分，按满分算了"
    number, shown = number_in(text), text if len(text) <= 40 else f"{text[:39]}…"
    counts = number_in(expected) == full if expected else number is not None and number <= full
    if number is not None and number >= 0 and (counts or is_plain(text)):
        result.data["text/plain"] = text if is_plain(text) else repr(number)
        return ""
    if same or (text in YES and (expected is None or expected in YES)):
        return ""
    if text in NO or (number is not None and number < 0):
        result.data["text/plain"] = "0"
        return f"的结果是 {shown}，算了 0 分"
    return f"的结果是 {shown}，不是几分，按满分算了"


def counting_result(outputs: Iterable[NotebookNode]) -> NotebookNode | None:
    """The output that nbgrader reads as the score; none where an error comes first."""
    for output in outputs:
        if is_failure(output):
            return None
        if output.output_type == "execute_result":
            return output
    return None


def is_failure(output: NotebookNode) -> bool:
    return output.output_type == "error" or (output.output_type == "stream" and output.name == "stderr")


def number_in(text: str) -> float | None:
    """The number a result says, in whatever way it is written."""
    with suppress(ValueError):
        return float(text)
    if found := WRITTEN.fullmatch(text):
        return float(found["number"])
    if found := FRACTION.fullmatch(text):
        above, below = (int(part) for part in found.groups() if part)
        return above / below if below else None
    return None


def is_plain(text: str) -> bool:
    """Whether nbgrader reads the number itself."""
    with suppress(ValueError):
        return float(text) >= 0
    return False


def results_of(replies: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """(source, what it showed in the end) of the reference's cells that ended well."""
    for source, reply in replies:
        if reply["status"] == "ok":
            shown = [one["content"]["data"] for one in reply["messages"] if one["type"] == "execute_result"]
            yield source, as_known(shown[-1].get("text/plain") or "") if shown else NOTHING


def as_known(text: str) -> str:
    """A result as it is remembered and compared: without addresses in memory."""
    plain = ADDRESS.sub("0x", text)
    return plain if len(plain) <= LONG else hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
