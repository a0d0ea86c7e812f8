"""The runner: real IPython in a fork, nothing travels between runs, whatever a cell does."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from running.jobs import CellRun, Job, run_job, run_jobs
from running.runner import modules_of


def run(*cells: str, timeout: float = 30, files: tuple[tuple[str, Path], ...] = ()) -> list[CellRun]:
    return run_job(Job("test", cells, "j0-00", files, timeout))


def texts(cell: CellRun) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_output_comes_in_order_and_in_nbformats_shape() -> None:
    (cell,) = run("import sys\nprint('一'); print('二')\nprint('错', file=sys.stderr)\nprint('三')\n6 * 7")
    kinds = [(output["output_type"], output.get("name")) for output in cell.outputs]
    assert kinds == [("stream", "stdout"), ("stream", "stderr"), ("stream", "stdout"), ("execute_result", None)]
    assert cell.outputs[0]["text"] == "一\n二\n"
    assert cell.outputs[3]["data"]["text/plain"] == "42"


def test_an_error_keeps_its_line_and_the_next_cell_runs() -> None:
    first, second = run("n = 1\n\nassert n == 3, f'你数出了 {n} 只'", "print(n)")
    assert first.error is not None
    assert (first.error.ename, first.error.evalue, first.error.line) == ("AssertionError", "你数出了 1 只", 3)
    assert texts(second) == "1\n"


def test_the_line_is_that_of_the_cell_where_the_error_left_it() -> None:
    _, judged = run("def f(x):\n    return 1 / x", "a = 1\nf(0)")
    assert judged.error is not None and judged.error.line == 2


def test_a_syntax_error_is_an_error_of_its_cell() -> None:
    broken, fine = run("def f(:\n    pass", "print('好')")
    assert broken.error is not None and broken.error.ename == "SyntaxError"
    assert texts(fine) == "好\n"


def test_a_cell_that_never_ends_is_stopped_and_the_rest_runs() -> None:
    endless, after = run("while True:\n    pass", "print('后来')", timeout=1)
    assert endless.error is not None and endless.error.ename == "CellTimeout"
    assert texts(after) == "后来\n"


def test_a_cell_that_makes_every_descriptor_non_blocking_loses_nothing() -> None:
    loop = "for file in range(3, 256):\n    try:\n        os.set_blocking(file, False)\n    except OSError: pass\n"
    told, after = run("import os\n" + loop + "print('长' * 2_000_000)", "import time; time.sleep(0.2); print('后')")
    assert (len(texts(told)), texts(after)) == (2_000_001, "后\n")


def test_a_child_that_dies_leaves_an_error_in_each_cell_it_owed() -> None:
    before, dead, after = run("print('前')", "import os\nos._exit(3)", "print('后')")
    assert texts(before) == "前\n"
    assert dead.error is not None and dead.error.ename == "DeadKernel"
    assert after.error is not None and after.error.ename == "DeadKernel"


def test_figures_are_pictures() -> None:
    (cell,) = run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert any("image/png" in output.get("data", {}) for output in cell.outputs)


def test_files_are_copies_in_a_folder_with_the_lessons_name(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("一", encoding="utf-8")
    cells = run(
        "from pathlib import Path\nprint(Path.cwd().name, Path('data/data.csv').read_text(encoding='utf-8'))",
        "Path('data/data.csv').write_text('改了', encoding='utf-8');",
        files=(("data/data.csv", data),),
    )
    assert texts(cells[0]) == "j0-00 一\n"
    assert data.read_text(encoding="utf-8") == "一"


SPOILERS = [
    "import random; random.seed(7)",
    "import numpy as np; np.random.seed(7)",
    "import os; os.environ['HAIKE_SPOILED'] = '1'",
    "import builtins; builtins.spoiled = True",
    "import sys; sys.modules['json'] = None",
    "import matplotlib.pyplot as plt; plt.rcParams['font.size'] = 99",
]
PROBE = """\
import builtins, os, sys
import matplotlib.pyplot as plt
print(hasattr(builtins, "spoiled"), "HAIKE_SPOILED" in os.environ, sys.modules.get("json", 0) is None,
      plt.rcParams["font.size"] == 99, sorted(os.listdir()))"""


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(SPOILERS), min_size=1, max_size=3))
def test_nothing_travels_between_runs(spoilers: list[str]) -> None:
    jobs = [Job(f"spoil{n}", (source,), "j0-00") for n, source in enumerate(spoilers)]
    results = dict(run_jobs([*jobs, Job("probe", (PROBE,), "j0-00")]))
    assert texts(results["probe"][0]) == "False False False False []\n"


def test_modules_of_names_what_the_parent_should_import() -> None:
    found = modules_of(
        ["import numpy as np\nfrom kits import plots", "from sklearn.tree import DecisionTreeClassifier", "x ="]
    )
    assert {"numpy", "kits", "kits.plots", "sklearn.tree"} <= set(found)


def test_a_widget_needs_no_kernel() -> None:
    (cell,) = run("import ipywidgets\nipywidgets.IntSlider(value=3)")
    assert cell.error is None
