"""The pupil's kernel as it really starts: errors in Chinese, crisp figures, a quiet stderr."""

import base64
import os
import struct
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from kits import startup

CELLS = {
    "divide": "def rate(right, all):\n    return right / all\nrate(1, 0)",
    "bracket": 'print（"你好"）',
    "indent": "x = 1\n  y = 2",
    "check": "assert 1 == 2, '再数一数？'",
    "noise": (
        "import sys, warnings\nimport sklearn\nwarnings.warn('user')\nwarnings.warn('old', DeprecationWarning)\n"
        "warnings.warn_explicit('of sklearn', DeprecationWarning, 'x.py', 1, module='sklearn.base')\n"
        "import numpy as np\nnp.mean([])"
    ),
    "figure": "from kits import plots\nax = plots.figure('时间（分）', '潮位（米）')\nax.plot([0, 1], [-1, 1]);",
}


def run(environment, monkeypatch, folder):
    """Run CELLS in a real kernel of that environment; returns name → outputs."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def check(shown):
    error, original = shown["divide"]
    assert (error.output_type, error.ename, error.evalue) == ("error", "ZeroDivisionError", "division by zero")
    assert error.traceback == [
        "第 2 行（rate 里）：这里除以了 0：先想一想除数什么时候会是 0，用 if 避开它。\n\n→ 2 │     return right / all"
    ]
    assert "看原来的英文提示" in original.data["text/html"] and "ipykernel" not in original.data["text/html"]
    assert shown["bracket"][0].ename == "SyntaxError"
    assert shown["bracket"][0].traceback[0].startswith("第 1 行：你用了中文括号（，换成英文的 (")
    assert shown["indent"][0].traceback[0].startswith("第 2 行：这一行前面多了空格")
    assert [(output.output_type, output.traceback) for output in shown["check"]] == [("error", ["再数一数？"])]
    assert [output for output in shown["noise"] if output.output_type == "stream"] == []
    (figure,) = shown["figure"]
    wide, high = struct.unpack(">II", base64.b64decode(figure.data["image/png"])[16:24])
    assert abs(wide / 2 - figure.metadata["image/png"]["width"]) <= 1 and wide > 900 and high > 400


def test_kernelspec_on_jupyter_path(tmp_path, monkeypatch):
    check(run(startup.environment(tmp_path / "海课 jupyter"), monkeypatch, tmp_path))


@pytest.mark.slow
def test_ipython_dir(tmp_path, monkeypatch):
    check(run({"IPYTHONDIR": str(startup.ipython_dir(tmp_path / "ipython"))}, monkeypatch, tmp_path))


def test_kernelspec_names_no_path_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/school/jupyter")
    found = startup.environment(tmp_path)["JUPYTER_PATH"].split(os.pathsep)
    assert found == [str(tmp_path), "/school/jupyter"]
    spec = (tmp_path / "kernels" / "python3" / "kernel.json").read_text()
    assert str(tmp_path) not in spec and sys.prefix not in spec


BARE = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.extension_manager.load_extension("kits.startup")
import sys
assert "matplotlib" not in sys.modules
shell.run_cell("1 / 0")
shell.run_cell("import sklearn, warnings; warnings.warn('x'); from kits import plots")
shell.run_cell("plots.figure('时间', '潮位'); from matplotlib_inline.config import InlineBackend as B")
shell.run_cell("print(B.instance().figure_formats)")
"""


def test_bare_shell(tmp_path):
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)}
    environment.pop("MPLBACKEND", None)
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "第 1 行：这里除以了 0" in done.stdout and "Traceback" not in done.stdout and "retina" in done.stdout


def test_author_may_keep_warnings(monkeypatch):
    import warnings

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        monkeypatch.setenv("HAIKE_WARNINGS", "1")
        startup.quiet_warnings()
        warnings.warn("kept", stacklevel=1)
        monkeypatch.delenv("HAIKE_WARNINGS")
        startup.quiet_warnings()
        warnings.warn("dropped", stacklevel=1)
    assert [str(one.message) for one in seen] == ["kept"]
