"""A class's given cells are run once: nobody sees a difference, and where there could be one, they are not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from grading import execute
from grading.autograde import autograde
from running.box import Box
from running.runner import Branch, Run
from tests.bench.grading_courses import lesson, make_course
from tests.grading.test_ledger import graded_files, rows
from tests.running.test_warm_parent import said

LOOK = """
import os, sys, threading
print(sorted(os.listdir()), os.path.basename(os.getcwd()), os.environ['HAIKE_LESSON'], threading.active_count())
print(sorted(os.listdir('/tmp')), len(os.listdir('/proc/self/fd')), len(os.listdir('/proc/self/task')))
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    modules = ("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "sklearn.model_selection")
    made = Box(modules, hidden=tmp_path_factory.mktemp("hidden"))
    assert made.level == "room", "only rooms share; this machine has none"
    yield made
    made.close()


def share(box: Box, *cells: str) -> Branch | None:
    with box.folder() as folder:
        (folder / "tides.csv").write_text("3,5,8")
        box.share("ps1", cells, folder, "ps1", many=False)
    return box.branches.pop("ps1", None)


def run_in(box: Box, branch: Branch | None, *cells: str) -> list[dict[str, Any]]:
    with box.folder() as folder:
        (folder / "tides.csv").write_text("3,5,8")
        run: Run = box.open(folder, "ps1", branch)
        try:
            return [run.execute(cell, 20)[0] for cell in cells]
        finally:
            run.close()


def test_runs_go_on_where_the_given_cells_end_and_do_not_meet(box: Box) -> None:
    branch = share(box, "shells = [1]\nshells", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert branch and "image/png" in branch.replies[1]
    for _ in range(3):
        first, second = run_in(box, branch, "shells.append(2)\nshells", "print(shells, In[1], Out[1], len(In))")
        assert first["count"] == 3 and second["count"] == 4
        assert said(second) == "[1, 2] shells = [1]\nshells [1, 2] 5\n"
    branch.close()


def test_a_run_of_a_branch_sees_what_any_run_sees(box: Box) -> None:
    branch = share(box, "rows = open('tides.csv').read().split(',')")
    assert branch
    (shared,), (own,) = run_in(box, branch, LOOK), run_in(box, None, LOOK)
    assert said(shared) == said(own)
    draws = [
        said(run_in(box, branch, "import random, numpy\nprint(random.random(), numpy.random.rand())")[0]) for _ in "ab"
    ]
    assert draws[0] != draws[1]
    (secret,) = run_in(box, branch, "import glob\nprint(glob.glob('/haike-stage/*'))")
    assert said(secret) == "[]\n"
    branch.close()


def test_a_run_of_a_branch_is_stopped_with_all_that_came_from_it(box: Box) -> None:
    branch = share(box, "a = 1")
    assert branch
    with box.folder() as folder:
        run = box.open(folder, "ps1", branch)
        reply, interrupted = run.execute("import subprocess\nsubprocess.Popen(['sleep', '77'])\nwhile True: pass", 1)
        assert interrupted and reply["ename"] == "KeyboardInterrupt"
        run.close()
    (after,) = run_in(box, branch, "import os\nprint(len([one for one in os.listdir('/proc') if one.isdigit()]))")
    assert said(after) == "2\n"  # the room's first process and this one
    branch.close()


@pytest.mark.parametrize(
    "cell",
    [
        "open('new.txt', 'w').write('1')",
        "from pathlib import Path\nPath('tides.csv').write_text('9')",
        "from pathlib import Path\nPath('/tmp/note').touch()",
        "rows = open('tides.csv')",
        "from sklearn.model_selection import train_test_split\ntrain_test_split(list(range(9)))",
        "print(1 / 0)",
        "import logging\nlogging.os.environ['HAIKE_SPOILED'] = '1'",
        "import logging\nlogging.os.chdir('/')",
        "import logging\nwait = logging.threading.Event()\nlogging.threading.Thread(target=wait.wait).start()",
        "raise SystemExit",
    ],
)
def test_cells_that_leave_something_around_them_are_not_shared(box: Box, cell: str) -> None:
    assert share(box, cell) is None
    assert share(box, "a = 1") is not None  # the box goes on


def test_cells_that_leave_nothing_are_shared(box: Box) -> None:
    cell = (
        "from sklearn.model_selection import train_test_split\nprint(train_test_split(list(range(9)), random_state=7))"
    )
    branch = share(box, cell)
    assert branch and "[" in branch.replies[0]
    branch.close()


def test_a_library_in_somebodys_home_is_not_taken_for_a_pupils_file(box: Box) -> None:
    """Whoever unpacks Haike in a home folder; what many libraries do on import is told of a pupil only."""
    look = "exec(compile('import sys; sys._getframe()', '{}/lib.py', 'exec'))"
    branch = share(box, look.format(Path("/home", "haike")))
    assert branch, "the given cells have given rise to a remark"
    branch.close()
    (own,) = run_in(box, None, look.format("/desk/ps1"))
    assert own["remarks"] == ["翻看调用栈"]


@pytest.mark.slow
def test_a_class_has_the_same_marks_and_the_same_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    own = lesson("light")
    make_course(tmp_path / "once", own, 8)
    changed = tmp_path / "once" / "submitted" / "s0002" / "light" / "light.ipynb"
    notebook = nbformat.read(changed, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source += "\nprint('我的一行')"
    nbformat.write(notebook, changed)
    (tmp_path / "once" / "submitted" / "s0003" / "light" / "own.csv").write_text("1")
    (tmp_path / "once" / "submitted" / "s0004" / "light" / "submission_secret.txt").write_text("0")
    shutil.copytree(tmp_path / "once", tmp_path / "each")
    with (tmp_path / "each" / "nbgrader_config.py").open("a") as file:
        file.write("c.BoxedExecute.share_given = False\n")
    shared: list[bool] = []
    original = execute.BoxedExecute.branch_of

    def branch_of(*args: Any) -> Branch | None:
        found = original(*args)
        shared.append(found is not None)
        return found

    monkeypatch.setattr(execute.BoxedExecute, "branch_of", branch_of)
    for name in ("once", "each"):
        assert not any(one.problem for one in autograde("light", tmp_path / name))
    assert sum(shared) == 6 and len(shared) == 16, "all but the changed one and the one with a file of its own"
    assert rows(tmp_path / "once") == rows(tmp_path / "each")
    once, each = (graded_files(tmp_path / name) for name in ("once", "each"))
    for notebook in (*once.values(), *each.values()):
        if isinstance(notebook, dict):
            del notebook["metadata"]["haike_autograde"]  # of other settings
    assert once == each


def test_a_branch_that_was_ended_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    make_course(tmp_path / "course", lesson("plain"), 4)
    original, ended = Box.share, []

    def share_and_kill(box: Box, *args: Any, **more: Any) -> bool:
        done = original(box, *args, **more)
        family = psutil.Process().children(recursive=True)
        branch = max(filter(is_branch, family), key=psutil.Process.create_time)  # a run may be on its way out
        branch.kill()
        while branch.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        ended.append(done)
        return done

    monkeypatch.setattr(Box, "share", share_and_kill)
    assert [one.problem for one in autograde("plain", tmp_path / "course")] == [""] * 4 and ended == [True]


def is_branch(process: psutil.Process) -> bool:
    """Whether a warm parent has forked it, to be one as well."""
    with suppress(psutil.Error):
        line = [process, *process.parents()]
        warm = ["running.warm_parent" in " ".join(one.cmdline()) and "bwrap" not in one.name() for one in line[:3]]
        return warm[0] and warm[1] and process.status() != psutil.STATUS_ZOMBIE and not process.children()
    return False
