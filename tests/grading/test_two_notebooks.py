"""Notebooks of one assignment share a warm parent and see nothing of one another: every score is nbgrader's own."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from grading import warming
from grading.course import open_course
from tests.bench.grading_courses import CONFIG, SPEC, given, graded, solution
from tests.grading.test_ledger import rows
from tests.grading.test_same_marks import compare

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]
CELLS = {
    "plain": (
        given("import math"),
        graded("plain-way", solution("def way(n):\n    return n * 2")),
        graded("plain-alone", "import sys\nassert 'sklearn' not in sys.modules and 'numpy' not in sys.modules", 1),
        graded("plain-part", "int(way(2) == 4) + (not {'running', 'scipy'} & {*sys.modules})", 2),
        graded(
            "plain-names",
            "assert [one for one in dir() if one[0] != '_' and one[0].islower()][:2] == ['exit', 'get_ipython']",
            1,
        ),
        graded("plain-filters", "import warnings\nassert len(warnings.filters) < 9 and not warnings.onceregistry", 1),
        graded(
            "plain-said",
            "with warnings.catch_warnings(record=True) as said:\n    warnings.warn('once', UserWarning)\n"
            "assert len(said) == 1 and not hasattr(math, '__warningregistry__')",
            1,
        ),
        graded("plain-package", "import xml\nassert xml.parsers and not hasattr(xml, 'sax')", 1),
        graded(
            "plain-kernel",
            "assert {'sqlite3', 'pdb', 'psutil'} <= {*sys.modules} and 'fractions' not in sys.modules",
            1,
        ),
        graded("plain-environment", "import os\nassert 'KMP_INIT_AT_FORK' not in os.environ", 1),
    ),
    "forest": (
        given(
            "from sklearn.datasets import load_iris\nfrom sklearn.tree import DecisionTreeClassifier\n"
            "iris = load_iris()"
        ),
        graded(
            "forest-way",
            solution("def way(n):\n    return DecisionTreeClassifier(max_depth=n).fit(iris.data, iris.target)"),
        ),
        graded(
            "forest-alone",
            "import sys\nassert 'sklearn.tree' in sys.modules and 'matplotlib.pyplot' not in sys.modules",
            1,
        ),
        graded(
            "forest-part", "int(way(2).score(iris.data, iris.target) > 0.9) + ('sklearn.svm' not in sys.modules)", 2
        ),
        graded(
            "forest-package",
            "import sklearn\nassert 'neighbors' not in vars(sklearn) and sklearn.neighbors.KNeighborsClassifier",
            1,
        ),
        graded(
            "forest-filters",
            "import warnings\nassert any('SpecialFunction' in repr(one) for one in warnings.filters)",
            1,
        ),
        graded("forest-chance", "import numpy as np\nassert np.random.get_state()[2] == 623", 1),
        graded("forest-environment", "import os\nassert os.environ['KMP_INIT_AT_FORK'] == 'FALSE'", 1),
    ),
    "waves": (
        given("import numpy as np\nimport matplotlib.pyplot as plt\nplt.plot(np.sin(np.arange(9)))\nplt.show()"),
        graded("waves-way", solution("def way(n):\n    return np.arange(n) / 2")),
        graded(
            "waves-alone",
            "import sys\nassert not [one for one in sys.modules if one.startswith(('sklearn', 'scipy', 'joblib'))]",
            1,
        ),
        graded("waves-part", "float(way(3).sum()) - 0.5 * ('numpy.testing' in sys.modules)", 2),
        graded("waves-tests", "import numpy.testing as npt\nnpt.assert_allclose(way(3), [0, 0.5, 1])", 1),
        graded("waves-figures", "assert plt.get_fignums() == [] and plt.rcParams['figure.dpi'] == 100", 1),
        graded(
            "waves-divides",
            "import warnings\nfor _ in 'ab':\n    with warnings.catch_warnings(record=True) as said:\n"
            "        np.array([1]) / 0\n    assert len(said) == 1",
            1,
        ),
    ),
}
ANSWERS = {
    "right": {},
    "wrong": dict.fromkeys(CELLS, "def way(n):\n    return [n]"),
    "looks": dict.fromkeys(("plain", "waves"), "import sys\nif 'sklearn' in sys.modules:\n    raise ImportError\n{}"),
    "curious": {"plain": "import sklearn.tree, statistics\n{}", "waves": "import scipy.stats\n{}"},
    "own-file": {"forest": "from sklearn.tree import whose\n{}"},
}


def make(course: Path) -> Path:
    (course / "source" / "bay").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for name, cells in CELLS.items():
        own = [nbformat.from_dict(cell | {"id": f"c{number}"}) for number, cell in enumerate(cells)]
        nbformat.write(new_notebook(cells=own, metadata=SPEC), course / "source" / "bay" / f"{name}.ipynb")
    assert open_course(course).generate_assignment("bay")["success"]
    for pupil, answers in ANSWERS.items():
        folder = course / "submitted" / pupil / "bay"
        folder.mkdir(parents=True)
        for name, cells in CELLS.items():
            right = cells[1].source.replace("### BEGIN SOLUTION\n", "").replace("\n### END SOLUTION", "")
            notebook = nbformat.read(course / "release" / "bay" / f"{name}.ipynb", as_version=4)
            notebook.cells[1].source = answers.get(name, "{}").replace("{}", right)
            nbformat.write(notebook, folder / f"{name}.ipynb")
        (folder / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC")
    (course / "submitted" / "own-file" / "bay" / "sklearn.py").write_text("whose = 'mine'\n")
    return course


@pytest.mark.parametrize("shares", [True, False])
def test_no_notebook_sees_what_another_has_imported(
    shares: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(warming, "A_FEW", 1 if shares else 99)
    course = make(tmp_path / "course")
    compare(course, "bay")
    right = {key[3]: row[0] for key, row in rows(course).items() if key[0] == "right" and row[0] is not None}
    assert all(right[f"{name}-alone"] for name in CELLS), right
    full = {
        cell.metadata.nbgrader.grade_id
        for cells in CELLS.values()
        for cell in cells
        if cell.metadata.get("nbgrader", {}).get("points")
    }
    # Two ask more of a kernel than a fresh one gives: they keep that nobody is given it here either.
    assert {one for one in full if not right.get(one)} <= {"forest-chance", "forest-package"}, right
