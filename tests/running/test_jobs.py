"""One run and other ends of it: each sees what it would see in a run of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import jobs as module
from running.jobs import CellRun, Fork, Job, run_jobs


def run(*cells: str, forks: dict[str, tuple[int, str]], key: str = "whole", timeout: float = 30) -> dict[str, CellRun]:
    """The last cell's run of the job and of each of its forks, of one cell each."""
    others = tuple(Fork(name, at, (source,)) for name, (at, source) in forks.items())
    found = dict(run_jobs([Job(key, cells, "j0-00", timeout=timeout, forks=others)]))
    return {name: runs[-1] for name, runs in found.items()}


def said(cell: CellRun) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The forks that were run from the first cell."""
    names: list[str] = []
    run_alone = module.Pass.run_alone

    def noting(self: module.Pass, fork: Fork) -> None:
        names.append(fork.key)
        run_alone(self, fork)

    monkeypatch.setattr(module.Pass, "run_alone", noting)
    return names


def test_a_fork_goes_on_from_its_cell_and_leaves_the_others_alone(alone: list[str]) -> None:
    cells = ("n = [1]", "n.append(2)", "n.append(3)", "print(n)")
    found = run(
        *cells, forks={"first": (1, "n.append(7); print(n)"), "again": (1, "print(n)"), "late": (3, "print(n, 7)")}
    )
    assert {name: said(cell) for name, cell in found.items()} == {
        "whole": "[1, 2, 3]\n",
        "first": "[1, 7]\n",
        "again": "[1]\n",
        "late": "[1, 2, 3] 7\n",
    }
    assert alone == []


def test_each_fork_has_the_folder_as_it_was(alone: list[str]) -> None:
    look = "from pathlib import Path\nprint(sorted(p.name for p in Path().iterdir()), Path.cwd().name)"
    write = "from pathlib import Path; Path({!r}).write_text('x');"
    found = run(
        *(write.format(name) for name in "ab"),
        look,
        forks={"one": (1, write.format("c") + look), "two": (1, look), "three": (2, look)},
    )
    assert {name: said(cell) for name, cell in found.items()} == {
        "whole": "['a', 'b'] j0-00\n",
        "one": "['a', 'c'] j0-00\n",
        "two": "['a'] j0-00\n",
        "three": "['a', 'b'] j0-00\n",
    }
    assert alone == []


def test_what_was_seeded_stays_seeded(alone: list[str]) -> None:
    cells = (
        "import random, numpy as np\nrandom.seed(3); np.random.seed(3)",
        "print(random.random(), np.random.rand())",
    )
    found = run(*cells, forks={"same": (1, cells[1])})
    assert said(found["same"]) == said(found["whole"]) and alone == []


def test_errors_keep_their_line(alone: list[str]) -> None:
    found = run("n = 1", "print(n)", forks={"wrong": (1, "n += 1\nassert n == 1, f'看到 {n}'")})
    error = found["wrong"].error
    assert error is not None and (error.ename, error.evalue, error.line) == ("AssertionError", "看到 2", 2)


def test_a_fork_that_never_ends_is_stopped_and_the_rest_runs(alone: list[str]) -> None:
    found = run("n = 1", "print(n)", forks={"endless": (1, "while True: pass"), "after": (1, "print('后')")}, timeout=2)
    error = found["endless"].error
    assert error is not None and error.ename == "CellTimeout"
    assert said(found["after"]) == "后\n" and said(found["whole"]) == "1\n" and alone == []


def test_a_fork_that_ends_its_process_takes_nobody_along(alone: list[str]) -> None:
    deadly = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    found = run("n = 1", "print(n)", forks={"deadly": (1, deadly), "after": (1, "print('后')")})
    error = found["deadly"].error
    assert error is not None and error.ename == "DeadKernel"
    assert said(found["after"]) == "后\n" and said(found["whole"]) == "1\n" and alone == ["deadly"]


def test_where_the_run_itself_ends_early_each_fork_is_run_alone() -> None:
    found = run(
        "n = 1", "import os; os._exit(1)", "print(n)", forks={"before": (1, "print(n)"), "behind": (2, "print(n)")}
    )
    assert said(found["before"]) == "1\n"
    for name in ("whole", "behind"):
        error = found[name].error
        assert error is not None and error.ename == "DeadKernel"


@pytest.mark.parametrize(
    "tie",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "import asyncio; left = asyncio.get_running_loop().create_task(asyncio.sleep(60))",
        "import os; open('a', 'w').write('abc'); held = open('a'); held.read(1)",
        "import os; os.mkdir('below'); os.chdir('below')",
        "from pathlib import Path; here = Path.cwd()",
        "import signal; signal.setitimer(signal.ITIMER_REAL, 60)",
    ],
    ids=["thread", "task", "file", "chdir", "path", "alarm"],
)
def test_what_a_branch_cannot_carry_is_run_from_the_first_cell(tie: str, alone: list[str]) -> None:
    found = run(tie, "print(1)", forks={"one": (1, "print('一')"), "two": (1, "print('二')")})
    assert said(found["one"]) == "一\n" and said(found["two"]) == "二\n" and said(found["whole"]) == "1\n"
    assert sorted(alone) == ["one", "two"]


def test_what_is_written_to_a_descriptor_is_the_forks_own(alone: list[str]) -> None:
    write = "import os; os.write(1, {!r}.encode())"
    found = run("n = 1", write.format("甲"), forks={"two": (1, write.format("乙")), "three": (1, write.format("丙"))})
    assert {name: said(cell) for name, cell in found.items()} == {"whole": "甲", "two": "乙", "three": "丙"}
    assert alone == []


def test_without_a_key_it_runs_no_further_than_its_forks_need(tmp_path: Path, alone: list[str]) -> None:
    mark = f"open({str(tmp_path / 'ran')!r}, 'a').write('x');"
    found = run("n = 1", "n = 2", mark, key="", forks={"one": (1, "print(n)"), "two": (2, "print(n)")})
    assert {name: said(cell) for name, cell in found.items()} == {"one": "1\n", "two": "2\n"}
    assert not (tmp_path / "ran").exists() and alone == []


def test_figures_and_widgets_go_on_in_a_fork(alone: list[str]) -> None:
    cells = (
        "import matplotlib.pyplot as plt, ipywidgets\nfigure, axes = plt.subplots(); slider = ipywidgets.IntSlider()",
    )
    found = run(
        *cells, "slider", forks={"drawn": (1, "axes.plot([1, 2])\nfigure"), "slid": (1, "slider.value = 3; slider")}
    )
    assert any("image/png" in output.get("data", {}) for output in found["drawn"].outputs)
    assert found["slid"].error is None and alone == []


def test_nothing_is_left_running(alone: list[str]) -> None:
    import psutil

    others = psutil.Process().children(recursive=True)  # walls that tests of other rooms have left standing
    run("n = 1", "n", forks={"one": (1, "import subprocess; subprocess.Popen(['sleep', '600']);"), "two": (1, "n")})
    children = [one for one in psutil.Process().children(recursive=True) if one.is_running() and one not in others]
    assert [one.name() for one in children if one.name() == "sleep"] == []
    assert len(children) <= 1  # the warm parent


def test_whoever_stops_in_the_middle_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    forks = tuple(Fork(f"f{n}", 1, ("import time; time.sleep(0.2)",)) for n in range(8))
    for _ in run_jobs([Job("whole", ("n = 1", "n"), "j0-00", forks=forks)]):
        break
    import gc

    gc.collect()  # the generator that nobody goes on with
    assert list(tmp_path.iterdir()) == []
