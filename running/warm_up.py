"""What nearly every run uses, used once before the first fork: what it fills and warms, no child has to.

Python's own caches, a library's first look at its fonts or its processor, tables that are read once. Nothing of a
course is run here: what the parent has once held, every child could find.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

#: Module → cells for those who have imported it.
CELLS = {
    "builtins": (
        "1 / 0\n",
        "def f(:\n",
        "{'a': [1, 2.5]}",
        "def f(x):\n    return x + 1\nassert f(1) == 2; print(f(1))",
    ),
    "numpy": (
        """\
import numpy as np
a = np.random.default_rng(0).random((20, 4))
print(a.mean(axis=0), a @ a.T, np.argsort(a[:, 0]), (a > 0.5).sum(), np.unique(a.round(1)), np.linalg.norm(a))
np.testing.assert_allclose(a, a)
""",
    ),
    "matplotlib.pyplot": (
        """\
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1.5))
axes.plot([0, 1], [0, 1], label="a")
axes.bar([0], [1]); axes.imshow([[0, 1]]); axes.set_title("-1"); axes.set_xlabel("x"); axes.legend()
plt.show()
""",
    ),
    "pandas": (
        """\
import pandas as pd
d = pd.DataFrame({"a": [1, 2, 2], "b": [0.5, 1.5, None]})
print(d.groupby("a").mean(), d.describe(), d[d.a > 1].sort_values("b"))
""",
    ),
    "sklearn.datasets": ("from sklearn.datasets import load_digits, load_iris\nload_digits(); load_iris()",),
    "sklearn.neighbors": (
        """\
from sklearn.neighbors import KNeighborsClassifier
for width in (2, 20):  # by the number of columns it searches in one way or the other
    points = [[n % 5 + 0.5 * m for m in range(width)] for n in range(40)]
    k = KNeighborsClassifier(n_neighbors=3).fit(points, [n % 5 > 2 for n in range(40)])
    k.predict(points); k.score(points[:5], [False] * 5); k.kneighbors(points[:2]); k
""",
    ),
    "sklearn.tree": (
        """\
from sklearn.tree import DecisionTreeClassifier
t = DecisionTreeClassifier(max_depth=2, random_state=0).fit([[0, 0], [0, 1], [5, 5], [5, 6.0]], [0, 0, 1, 1])
t.predict([[0, 0.5]]); t.score([[5, 5.5]], [1]); t
""",
    ),
    "sklearn.model_selection": (
        """\
from sklearn.model_selection import train_test_split
train_test_split([[0], [1], [2], [3]], [0, 1, 0, 1], test_size=0.5, random_state=0)
""",
    ),
}


def exercise(shell: Any) -> None:
    """Run the cells for what is imported, then leave the shell as new."""
    names, hidden = dict(shell.user_ns), dict(shell.user_ns_hidden)
    for module, cells in CELLS.items():
        if module in sys.modules:
            for cell in cells:
                shell.run_cell(cell, store_history=True)
    shell.reset(new_session=True)
    new = dict(shell.user_ns)
    shell.user_ns.clear()
    shell.user_ns.update({name: new.get(name, value) for name, value in names.items()})
    shell.user_ns_hidden.update({name: shell.user_ns_hidden.get(name, value) for name, value in hidden.items()})
    shell.execution_count = 1
    shell._last_traceback = None
    for name in ("last_type", "last_value", "last_traceback"):
        with suppress(AttributeError):
            delattr(sys, name)
    shell.displayhook.session.recorder.take()
