"""The warm parent: what a run does reaches no other run, and a cell shows what it would show in a kernel."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from running.messages import outputs_of
from running.runner import Dead, Parent, Run

MODULES = ("json", "random", "numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "sklearn.ensemble")
MODULES += ("sklearn.neighbors", "ipywidgets")


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    made = Parent(MODULES)
    yield made
    made.close()


@pytest.fixture
def run(parent: Parent, tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "work").mkdir()
    opened = parent.open(str(tmp_path / "work"))
    yield opened
    opened.close()


def said(reply: dict[str, Any]) -> str:
    return "".join(one["content"].get("text", "") for one in reply["messages"] if one["type"] == "stream")


# Everything that a run could leave to another, as far as it can be looked at from inside.
LOOK = """
import builtins, decimal, gc, json, locale, logging, math, os, random, signal, sys, threading, time, warnings
import numpy as np, matplotlib, matplotlib.pyplot as plt
print(json.dumps({
    "folder": [os.path.basename(os.getcwd()), sorted(os.listdir()), os.umask(0o022)],
    "environment": sorted(f"{key}={value}" for key, value in os.environ.items()),
    "open": sorted(os.path.basename(os.readlink(f"/proc/self/fd/{one}")).split("[")[0]
                   for one in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{one}")),
    "threads": [one.name for one in threading.enumerate()],
    "figures": [plt.get_fignums(), matplotlib.get_backend(), {key: str(value) for key, value in plt.rcParams.items()}],
    "modules": sorted(key for key, value in sys.modules.items() if value is not None),
    "path": [sys.path, sys.getrecursionlimit(), sys.gettrace() is None, gc.isenabled(), type(sys.stdout).__name__],
    "names": [sorted(vars(builtins)), sorted(vars(math)), sorted(one for one in globals() if one[0] != "_")],
    "settings": [repr(warnings.filters), np.geterr(), str(np.get_printoptions()), locale.setlocale(locale.LC_ALL)],
    "more": [str(decimal.getcontext()), time.tzname, logging.root.level, math.pi, str(np.random.get_state()[0])],
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
    "seeded": [random.Random(7).random(), float(np.random.default_rng(7).random()), hash("海")],
}))
"""
SPOILERS = (
    "import random, numpy\nrandom.seed(7); numpy.random.seed(7)",
    "import os\nos.chdir('/'); os.umask(0); os.environ['HAIKE_SPOILED'] = '1'; del os.environ['HOME']",
    "held = [open('/dev/null') for _ in range(20)]",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), name='left').start()",
    "import matplotlib, matplotlib.pyplot as plt\nplt.figure(5); plt.rcParams['font.size'] = 99; matplotlib.use('svg')",
    "import builtins, math\nbuiltins.spoiled = True; math.pi = 3; builtins.print = None",
    "import sys\nsys.path.insert(0, '/x'); sys.modules['json'] = None; sys.setrecursionlimit(99); sys.stdout = None",
    "import warnings, numpy as np\nwarnings.simplefilter('error'); np.seterr(all='raise'); np.set_printoptions(1)",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, print)",
    "import decimal, gc, locale, logging\ndecimal.getcontext().prec = 2; gc.disable(); logging.root.setLevel(1)",
    "open('left.txt', 'w').write('x'); import wave",
    "import asyncio\nasyncio.get_running_loop().create_task(asyncio.sleep(60))",
    "get_ipython().run_line_magic('config', 'InlineBackend.figure_formats = [\"svg\"]')\n%xmode Minimal",
    "get_ipython().ast_transformers.append(1); get_ipython().run_cell = None",
    "import os\nos.closerange(0, 50)",
    "import os\nos.kill(0, 9)",
)


def fresh_look(parent: Parent, *, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Any:
    """What a run sees that was opened between the runs of other code, which all still live."""
    with tempfile.TemporaryDirectory() as scratch:
        runs: list[Run] = []

        def spoil(sources: tuple[str, ...]) -> None:
            for source in sources:
                runs.append(parent.open(new_folder(scratch)))
                with suppress(Dead):
                    runs[-1].execute(source, 20)

        spoil(before)
        runs.append(looking := parent.open(new_folder(scratch, "looking")))
        spoil(after)
        try:
            return json.loads(said(looking.execute(LOOK, 20)[0]))
        finally:
            for run in runs:
                run.close()


def new_folder(scratch: str, name: str = "work") -> str:
    folder = Path(tempfile.mkdtemp(dir=scratch)) / name
    folder.mkdir()
    return str(folder)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_order_and_any_neighbours_leave_a_run_as_it_is_alone(parent: Parent, data: st.DataObject) -> None:
    alone = fresh_look(parent)
    several = st.lists(st.sampled_from(SPOILERS), max_size=4, unique=True).map(tuple)
    assert fresh_look(parent, before=data.draw(several), after=data.draw(several)) == alone


def test_each_thing_done_elsewhere_would_be_seen_here(run: Run) -> None:
    """The look is awake: whatever a run does to itself, it sees."""
    parent_look = json.loads(said(run.execute(LOOK, 20)[0]))
    for source in SPOILERS[1:6] + SPOILERS[7:11]:
        if "print = None" not in source:
            run.execute(source, 20)
    after = json.loads(said(run.execute(LOOK, 20)[0]))
    same = {name for name in after if after[name] == parent_look[name]}
    assert same == {"seeded"}


def test_two_runs_do_not_draw_the_same(parent: Parent, tmp_path: Path) -> None:
    drawn = set()
    for _ in range(3):
        run = parent.open(str(tmp_path))
        drawn.add(said(run.execute("import random, numpy\nprint(random.random(), numpy.random.rand())", 20)[0]))
        run.close()
    assert len(drawn) == 3 and len({one.split()[1] for one in drawn}) == 3


def test_numeric_libraries_work_in_a_child(run: Run) -> None:
    source = """
import threading, numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
points = np.random.default_rng(1).normal(size=(300, 4)); kinds = (points[:, 0] > 0).astype(int)
models = [KNeighborsClassifier(3), HistGradientBoostingClassifier(max_iter=5), RandomForestClassifier(9, n_jobs=2)]
found = [model.fit(points, kinds).score(points, kinds) > 0.8 for model in models]
product = []
worker = threading.Thread(target=lambda: product.append(np.ones((300, 300)) @ np.ones((300, 300))))
worker.start(); worker.join(10)
print(found, product[0].sum())
"""
    assert said(run.execute(source, 30)[0]) == "[True, True, True] 27000000.0\n"


def test_what_c_code_and_child_processes_write_is_kept(run: Run) -> None:
    reply, _ = run.execute("import os\nos.system('echo 一; echo 二 >&2'); os.write(1, '三'.encode());", 20)
    kept = {one["content"]["name"]: one["content"]["text"] for one in reply["messages"]}
    assert kept == {"stdout": "一\n三", "stderr": "二\n"}


def test_a_big_output_comes_whole(run: Run) -> None:
    assert said(run.execute("print('海' * 3_000_000)", 20)[0]) == "海" * 3_000_000 + "\n"


def test_after_exit_nothing_runs(run: Run) -> None:
    run.execute("exit()", 20)
    with pytest.raises(Dead):
        run.execute("print(1)", 20)


def test_a_module_that_breaks_on_import_does_not_end_the_parent(tmp_path: Path) -> None:
    (tmp_path / "bad_module.py").write_text("import sys\nsys.exit(3)\n")
    made = Parent(["json", "bad_module", "no_such_module"], environment=dict(os.environ))
    try:
        made.wait_ready()
        assert made.ready is not None and made.ready["missing"] == ["bad_module", "no_such_module"]
    finally:
        made.close()


CELLS = (
    "import asyncio\ncalled = asyncio.sleep(0)\nasyncio.run(called)",
    "await asyncio.sleep(0)\nprint('等到了')",
    "x = 3\nx + 4",
    "_ + 1",
    "x = input('几个？')",
    "h = display('一', display_id='d'); h.update('二'); h.update('三')",
    "display({'text/plain': '三', 'text/html': '<b>三</b>'}, raw=True)",
    "from IPython.display import clear_output\nprint('旧'); clear_output(); print('新')",
    "print('旧'); clear_output(wait=True); display(4)",
    "print('一', end=''); print('二', flush=True); import sys; print('三', file=sys.stderr)\nNone",
    "def f(n):\n    return 1 / n\nf(0)",
    "if True print(1)",
    "undefined_name",
    "raise SystemExit(3)",
    "raise KeyboardInterrupt",
    "%%capture kept\nprint('里面')",
    "print(kept.stdout); %timeit -n1 -r1 -q 1",
    "!echo 外面",
    "%%bash\necho 也行",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('t')",
    "fig, ax = plt.subplots(); fig",
    "import ipywidgets as w\nw.HBox([w.IntSlider(3), w.Text('字')])",
    "import warnings; warnings.warn('小心')",
    "len?",
    "get_ipython().set_next_input('下一格')",
    "%who_ls",
    "import logging; logging.warning('记下')",
    "print(__name__, In[3], Out.get(3), _i)",
    "class Noisy:\n    def __getattr__(self, name):\n        print('问', name)\n        return 1\nnoisy = Noisy()",
    "noisy.x",
    "noisy.x\nnoisy.y",
    "def told(lines):\n    print('改', len(lines))\n    return lines",
    "get_ipython().input_transformers_cleanup.append(told)",
    "3\n4",
    "get_ipython().input_transformers_cleanup.pop()\nget_ipython().input_transformers_post.append(told)",
    "3\n5",
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: Names that differ from one process to the next.
OWN = re.compile(r"0x[0-9a-f]+|[0-9a-f]{32}|\S*\b\d{5,}\.py|/tmp/[^ )]+")


def test_a_cell_shows_what_it_shows_in_a_kernel(parent: Parent, tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, resources=resources).execute()
    run = parent.open(str(tmp_path))
    replies = [run.execute(cell.source, 30)[0] for cell in notebook.cells]
    run.close()
    assert not any(reply["wants_kernel"] for reply in replies)
    for cell, reply in zip(notebook.cells, replies, strict=True):
        ours = outputs_of(reply)
        theirs = in_one_piece(cell.outputs)
        assert (readable(in_one_piece(ours)), last_line(ours)) == (readable(theirs), last_line(theirs)), cell.source


@pytest.mark.parametrize(
    ("source", "wants"),
    [
        ("get_ipython().kernel.do_one_iteration()", True),
        ("kernel = get_ipython().kernel\nkernel.session", True),
        ("with ipywidgets.Output(): print(1)", False),
        ("ipywidgets.interact(lambda n: n, n=3);", False),
    ],
)
def test_code_that_talks_to_its_kernel_says_so(source: str, wants: bool, run: Run) -> None:
    assert run.execute(f"import ipywidgets\n{source}", 20)[0]["wants_kernel"] == wants


def readable(thing: Any) -> Any:
    """Outputs without what differs from one kernel to the next."""
    if isinstance(thing, list):
        return [readable(one) for one in thing]
    if isinstance(thing, dict):
        return {key: readable(value) for key, value in thing.items() if key != "traceback"}
    return OWN.sub("~", thing) if isinstance(thing, str) else thing


def in_one_piece(outputs: list[Any]) -> list[Any]:
    """A kernel sends what is printed every fifth of a second: on a slow machine one text comes in two pieces."""
    whole: list[Any] = []
    for one in outputs:
        before = whole[-1] if whole else {}
        if one["output_type"] == "stream" == before.get("output_type") and one["name"] == before["name"]:
            whole[-1] = {**before, "text": before["text"] + one["text"]}
        else:
            whole.append(dict(one))
    return whole


def last_line(outputs: list[Any]) -> list[str]:
    return [COLOURS.sub("", one["traceback"][-1]) for one in outputs if one["output_type"] == "error"]
