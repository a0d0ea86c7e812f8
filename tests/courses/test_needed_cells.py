"""Which cells between an answer and its tests are run with a mistake."""

from __future__ import annotations

import pytest

from courses.needed_cells import needed_cells

ANSWER, TEST = "def f(x):\n    return x", "assert f(n) == 2\nassert helper(3)"


@pytest.mark.parametrize(
    "between",
    [
        "n = 2",
        "n.append(2)",
        "n[0] = 2",
        "def helper(x):\n    return f(x)",
        "import numpy as n",
        "fill(n)",
        "for n in range(3):\n    pass",
        "np.random.seed(1)",
        "open('a').write('b')",
        "%run other.py",
        "global_change()",
        "x = (",
    ],
)
def test_needed(between: str) -> None:
    cells = ["def global_change():\n    global n\n    n = 3", ANSWER, between, TEST]
    assert needed_cells(cells, range(2, 4), {3}) == [2, 3]


@pytest.mark.parametrize("between", ["print(n, f(1))", "plt.plot([1, 2])\nplt.show()", "m = len(n)", "f(1)", "'text'"])
def test_not_needed(between: str) -> None:
    assert needed_cells(["", ANSWER, between, TEST], range(2, 4), {3}) == [3]


def test_what_a_needed_cell_needs_is_needed() -> None:
    cells = [ANSWER, "a = 1", "b = 7", "n = a + 1", TEST]
    assert needed_cells(cells, range(1, 5), {4}) == [1, 3, 4]
