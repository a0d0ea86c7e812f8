"""What a hand-in does with IPython, scored as in a real kernel: a `;` at the end, magics, the history.

HAIKE_CORPUS_STOCK=all compares every row with stock nbgrader's; what it gives stands here as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from grading.autograde import autograde
from tests.grading import small_course
from tests.grading.small_course import given, graded
from tests.grading.test_ledger import rows
from tests.grading.test_same_marks import compare

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]
POINTS = "points = 0\nif f(1) == 1: points = points + 1\nif f(2) == 2: points = points + 1\n"
CELLS = [
    graded("### BEGIN SOLUTION\ndef f(v):\n    return v\n### END SOLUTION", "f"),
    graded(f"{POINTS}points", "points", 2),
    given("import sys\n'given';"),
    graded(f"{POINTS}points  # 几分", "noted", 2),
    graded(f"{POINTS}points", "again", 2),
    graded(f"{POINTS}points;", "silent", 2),
    graded("assert _ == points and Out[max(Out)] == points", "last", 1),
    given("7"),
    graded("assert _ == 7 and len(In) == get_ipython().execution_count", "history", 1),
]
RIGHT, HALF = "def f(v):\n    return v", "def f(v):\n    return 1"
STOCK = os.environ.get("HAIKE_CORPUS_STOCK") == "all"
ENDINGS = {
    "call": "f(1);",
    "noted": "f(1);  # 好了",
    "below": "f(1);\n# 好了\n",
    "spaces": "f(1) ; \n\n",
    "string": "'a;'",
    "magic": "%time f(1);",
    "cell-magic": None,
    "none": "None;",
    "shown": "f(1)",
}


def scores(course: Path, **environment: str) -> dict[tuple[str, str], Any]:
    """Scores by pupil and test, of a class that nobody has to look at."""
    if STOCK:
        compare(course, "ps1", **environment)
    assert not [(one.pupil, one.flags) for one in autograde("ps1", course) if one.flags]
    return {(key[0], key[3]): row[0] for key, row in rows(course).items()}


def test_a_semicolon_silences_its_own_cell_only(tmp_path: Path) -> None:
    pupils = {}
    for kind, answer in (("right", RIGHT), ("half", HALF)):
        for name, ending in ENDINGS.items():
            source = f"{answer}\n{ending}" if ending else f"%%time\n{answer}\nf(1);"
            pupils[f"{kind}-{name}"] = {"f": source}
    course = small_course.make(tmp_path / "course", CELLS, pupils | {"blank": {"f": ""}})
    found = scores(course)
    tests = ("points", "noted", "again", "silent", "last", "history")
    expected = {"right": [2, 2, 2, 2, 1, 1], "half": [1, 1, 1, 2, 1, 1], "blank": [0, 0, 0, 0, 0, 1]}
    for pupil in {pupil for pupil, _ in found}:
        assert [found[pupil, test] for test in tests] == expected[pupil.split("-")[0]], pupil


READ = "x = int(open('a.txt').read())"
MAGICS = {
    "cd": f"%cd -q 数据\n{READ}\n%cd -q ..",
    "cd-back": f"%cd 数据\n{READ}\n%cd -",
    "cd-stays": f"%cd 数据\n{READ}",
    "pushd": f"%pushd 数据\n{READ}\n%popd\n%dirs\n%dhist",
    "bookmark": f"%bookmark here\n%cd 数据\n{READ}\n%bookmark -l\n%cd here",
    "chdir": f"import os\nos.chdir('数据')\n{READ}\nos.chdir('..')",
    "store": "x = 5\n%store x\ndel x\n%store -r x",
    "store-more": "x = [1, 2]\n%store x\n%store\nx = 5\n%store -d x",
    "store-class": "class A: pass\nx = A()\n%store x",
    "alias": "%alias five echo 5\nx = 5\n%five\n%unalias five\n%rehashx",
    "writefile": "%%writefile own.py\nx = 5",
    "run": "open('own.py', 'w').write('x = 5')\n%run own",
    "load": "open('own.py', 'w').write('x = 5')\n%load own.py",
    "save": "x = 5\n%save -f kept.py 1\nprint(open('kept.py').read())",
    "logstart": "%logstart -o kept.log\nx = 5",
    "logged": "%logstart kept.log\nx = 5\n%logstop",
    "shell": "lines = !cat 数据/a.txt\nx = int(lines[0])",
    "shell-cd": f"!cd 数据\n{READ}",
    "env": "%env FIVE=5\nimport os\nx = int(os.environ['FIVE'])",
    "precision": "%precision 0\nx = 5",
    "xmode": "%xmode Minimal\n%colors NoColor\nx = 5",
    "pprint": "%pprint\nx = 5",
    "macro": "x = 5\n%macro -q five 1",
    "history": "x = 5\n%history\n%history -n 1",
    "reset": "x = 4\n%reset -f\nx = 5",
    "reset-all": "x = 5\n%reset -f",
    "who": "x = 5\n%who\n%whos\n%who_ls",
    "capture": "%%capture kept\nx = 5\nx",
    "prun": "%prun -q x = 5",
    "config": "%config InlineBackend.figure_format = 'svg'\nx = 5",
    "interactivity": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.ast_node_interactivity = 'all'\nx = 5",
    "autocall": "%autocall 2\nx = int('5')",
    "extension": "%load_ext autoreload\n%autoreload 2\nx = 5",
    "html": "%%html\n<b>5</b>",
    "timeit": "x = 5\n%timeit -n1 -r1 -q x + 1",
    "lsmagic": "x = 5\n%lsmagic\n%ls\n%pwd",
    "wrong": "%cd 数据\nx = 4",
}
#: In a kernel as well: they leave another x, or none.
LOST = {"store-class", "writefile", "load", "shell-cd", "reset-all", "html", "wrong"}
MAGIC_CELLS = [
    graded("### BEGIN SOLUTION\nx = 5\n### END SOLUTION", "x"),
    graded("assert x == 5", "judge", 2),
    graded("(x == 5) + (x < 9) * 0.5", "points", 2),
    graded("assert len(open('数据/a.txt').read()) == 2", "file", 1),
]


def test_magics_do_what_they_do_in_a_kernel(tmp_path: Path) -> None:
    course = tmp_path / "course"
    (course / "source" / "ps1" / "数据").mkdir(parents=True)
    (course / "source" / "ps1" / "数据" / "a.txt").write_text("5\n")
    small_course.make(course, MAGIC_CELLS, {name: {"x": source} for name, source in MAGICS.items()})
    found = scores(course, IPYTHONDIR=str(tmp_path / "ipython"))
    assert {pupil for (pupil, test), score in found.items() if test == "judge" and not score} == LOST
    assert {pupil for (pupil, test), score in found.items() if test == "file" and not score} == {"cd-stays", "wrong"}
