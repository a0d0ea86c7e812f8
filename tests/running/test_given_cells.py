"""The cells at the head of a lesson: only those are shared that every hand-in would run to the same end."""

from __future__ import annotations

import pytest

from running.given_cells import is_repeatable, leading

REPEATABLE = (
    "import numpy as np\nimport matplotlib.pyplot as plt",
    "%matplotlib inline\nfrom sklearn.datasets import load_digits\ndigits = load_digits()",
    "learn, exam = train_test_split(digits, random_state=7)",
    "dice = np.random.default_rng(7)\nsea = np.random.RandomState(3)",
    "rows = open('tides.csv').read()",
    "def twice(x):\n    return 2 * x\nprint(twice(4))",
)
TIED = (
    "import time",
    "from datetime import datetime",
    "from os.path import join",
    "import concurrent.futures as cf",
    "import random",
    "x = np.random.rand(3)",
    "np.random.seed(7)",
    "dice = np.random.default_rng()",
    "dice = np.random.default_rng(seed)",
    "from numpy.random import default_rng",
    "name = input()",
    "from kits.answers import read",
    "import ipywidgets as w",
    "m = __import__('ti' + 'me')",
    "exec('import ti' + 'me')",
    "await f()",
    "async def f():\n    async with a: pass",
    "%timeit 1",
    "!ls",
    "%%bash\nls",
    "def f(:",
    "(" * 5000 + ")" * 5000,
)


@pytest.mark.parametrize("source", REPEATABLE)
def test_what_asks_nobody_may_be_shared(source: str) -> None:
    assert is_repeatable(source)


@pytest.mark.parametrize("source", TIED, ids=range(len(TIED)))
def test_what_asks_for_time_chance_or_an_answer_may_not(source: str) -> None:
    assert not is_repeatable(source)


def test_the_first_cell_that_may_not_be_shared_ends_it() -> None:
    assert leading(["a = 1", "b = 2", "import time", "c = 3"]) == ["a = 1", "b = 2"]
