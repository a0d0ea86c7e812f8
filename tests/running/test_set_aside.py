"""What is warm is kept aside: a run sees what a fresh kernel sees, and what it imports it gets as if it were the first.

`cold` has imported nothing, `warm` all of LIBRARIES: what a run says of itself has to be the same in both.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from kits import startup
from running.runner import Parent
from tests.running.test_warm_parent import said

OWN = ("noisy", "around.inner", "around", "shadowed.part", "uses_shadowed")
HEAVY = ("scipy.spatial", "sklearn", "sklearn.tree", "matplotlib_inline.backend_inline", "ipywidgets")
LIBRARIES = (
    *("numpy", "numpy.testing", "numpy.random", "matplotlib", "unittest.mock", "multiprocessing", "joblib"),
    *("threadpoolctl", "kits.widgets.choice", *HEAVY, *OWN),
)
FILES = {
    "noisy.py": "import os, warnings\nos.environ['NOISE'] = '1'\nwarnings.filterwarnings('ignore', message='psst')\n",
    "around/__init__.py": "inner = 'not yet'\n",
    "around/inner.py": "import fractions, statistics\n",
    "shadowed/__init__.py": "whose = 'installed'\n",
    "shadowed/part.py": "",
    "uses_shadowed.py": "import shadowed\nwhose = shadowed.whose\n",
}
LOOK = """
import sys
before = sorted(sys.modules)
import json, os, warnings
print(json.dumps({
    "modules": before,
    "names": sorted(globals()),
    "filters": repr(warnings.filters), "onces": len(warnings.onceregistry),
    "registries": sorted(name for name, one in sys.modules.items() if getattr(one, "__warningregistry__", None)),
    "packages": {name: sorted(vars(one)) for name, one in sys.modules.items() if hasattr(one, "__path__")},
    "variables": sorted(os.environ.items()),
    "finders": [type(one).__name__ for one in sys.meta_path],
    "arguments": [os.path.basename(sys.argv[0]), sys.argv[1]],
}))
"""
#: Names that libraries put into their packages when they are first used; no run sees a module by them.
FIRST_USE = {("concurrent.futures", "ThreadPoolExecutor"), ("matplotlib.backends", "backend")}
OWN_NUMBER = re.compile(r"kernel_\d+")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Libraries of our own, found where a kernel finds installed ones: after what lies beside the notebook."""
    folder = tmp_path_factory.mktemp("installed")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    yield folder


@pytest.fixture(scope="module")
def parents(installed: Path) -> Iterator[dict[str, Parent]]:
    config = installed / "ipython" / "profile_default"
    config.mkdir(parents=True)
    line = f"import sys; sys.path.append({str(installed)!r})"
    (config / "ipython_config.py").write_text(f"get_config().InteractiveShellApp.exec_lines = [{line!r}]\n")
    environment = os.environ | {"IPYTHONDIR": str(config.parent)}
    made = {name: Parent(own, environment=environment) for name, own in (("cold", ()), ("warm", LIBRARIES))}
    yield made
    for parent in made.values():
        parent.close()


def tell(parent: Parent, folder: Path, *cells: str) -> str:
    """What the cells print, errors included."""
    run = parent.open(str(folder))
    try:
        replies = [run.execute(cell, 60)[0] for cell in cells]
    finally:
        run.close()
    return "".join(said(one) + "".join(f"{one['ename']}: {one['evalue']}" for _ in one.get("ename", "")[:1])
                   for one in replies)  # fmt: skip


def both(parents: dict[str, Parent], folder: Path, *cells: str) -> str:
    """What they print in a run of either parent, which is the same."""
    cold, warm = (OWN_NUMBER.sub("~", tell(parents[name], folder, *cells)) for name in ("cold", "warm"))
    assert warm == cold
    return warm


def looked(parent: Parent, folder: Path, cell: str) -> Any:
    found = json.loads(tell(parent, folder, cell, LOOK).splitlines()[-1])
    found["packages"] = {
        package: [one for one in names if (package, one) not in FIRST_USE]
        for package, names in found["packages"].items()
    }
    return found


def test_the_warm_parent_has_them_all(parents: dict[str, Parent]) -> None:
    parents["warm"].wait_ready()
    assert parents["warm"].ready and parents["warm"].ready["missing"] == []


@pytest.mark.parametrize(
    "library",
    [pytest.param(name, marks=[pytest.mark.slow] if name in HEAVY else []) for name in ("os", *LIBRARIES)],
)
def test_an_import_brings_what_it_brings_in_a_fresh_kernel(
    library: str, parents: dict[str, Parent], tmp_path: Path
) -> None:
    cold, warm = (looked(parents[name], tmp_path, f"import {library}") for name in ("cold", "warm"))
    assert {key: warm[key] for key in cold} == cold


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "haike"])
def test_before_its_first_cell_a_run_has_imported_what_a_kernel_has(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = new_code_cell(LOOK)
    if kind == "haike":
        monkeypatch.setenv("JUPYTER_PATH", str(startup.jupyter_path(tmp_path / "kernel")))
    NotebookClient(new_notebook(cells=[cell]), kernel_name="python3").execute()
    theirs = json.loads("".join(one["text"] for one in cell.outputs if one.get("name") == "stdout"))
    parent = Parent(LIBRARIES[:8], extensions=("kits.startup",) if kind == "haike" else ())
    ours = json.loads(tell(parent, tmp_path, LOOK))
    parent.close()

    def but_debugger(names: list[str]) -> list[str]:
        return [
            one for one in names if not one.startswith(("debugpy", "pydev", "_pydev", "_cython", "ipykernel.debug"))
        ]

    assert but_debugger(ours["modules"]) == but_debugger(theirs["modules"])
    for key in ("names", "filters", "onces", "registries", "finders", "arguments"):
        assert ours[key] == theirs[key], key


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (
            ("import sys\nprint('sklearn' in sys.modules, 'numpy' in sys.modules, 'running' in sys.modules)",),
            "False " * 3,
        ),
        (("import sklearn.tree\nprint(hasattr(sklearn, 'tree'), 'sklearn.neighbors' in sys.modules)",), ""),
        (("import around\nprint(around.inner)", "import around.inner\nprint(around.inner)"), ""),
        (
            ("from sklearn import tree\nimport sys\nprint(tree is sys.modules['sklearn.tree'], tree.__spec__.name)",),
            "True",
        ),
        (("import importlib, numpy\nfound = importlib.reload(numpy.testing)\nprint(found is numpy.testing)",), ""),
        (
            ("import importlib.util\nprint(type(importlib.util.find_spec('sklearn').loader).__name__)",),
            "SourceFileLoader",
        ),
        (
            (
                "from unittest.mock import patch\nwith patch('sklearn.tree.plot_tree') as p:\n    import sklearn.tree\n"
                "    print(sklearn.tree.plot_tree is p)",
            ),
            "True",
        ),
        (
            ("import pickle, sys\ntext = b'csklearn.tree\\nDecisionTreeClassifier\\n.'\nprint(pickle.loads(text))",),
            "<class",
        ),
        (("import numpy, inspect\nprint(inspect.getmodule(numpy.linalg.norm).__name__)",), "numpy.linalg"),
        (("import sys\nsys.modules['numpy'] = None\nimport numpy",), "ModuleNotFoundError"),
        (("import sys\nsys.modules['shadowed'] = sys\nimport uses_shadowed",), "AttributeError"),
        (
            ("import shadowed, sys\ndel sys.modules['shadowed']\nimport shadowed as again\nprint(shadowed is again)",),
            "False",
        ),
        (("import sys\nsys.meta_path.clear()\nimport numpy",), "ModuleNotFoundError"),
        (("import sys\nsys.path.clear()\nimport shadowed",), "ModuleNotFoundError"),
        (
            (
                "import sys\nclass No:\n    def find_spec(self, name, path=None, target=None):\n"
                "        if name == 'scipy': raise ImportError('no scipy')\nsys.meta_path.insert(0, No())",
                "import numpy\nimport sklearn",
            ),
            "ImportError: no scipy",
        ),
        (("import no_such_module",), "ModuleNotFoundError"),
        (
            (
                "import threading\nfound = []\ndef bring():\n    found.append(__import__('joblib'))\n"
                "threads = [threading.Thread(target=bring) for _ in range(9)]\n"
                "[one.start() for one in threads]; [one.join() for one in threads]\nprint(len(found))",
            ),
            "9",
        ),
        (
            (
                "import os, sys\n"
                "os.fork() or (print('numpy' in sys.modules), __import__('numpy'), os._exit(0))\nos.wait()",
            ),
            "",
        ),
        (("import numpy as np\nprint(np.random.get_state()[2:])",), "(623, 0, 0.0)"),
        (
            ("import pydantic\nclass A(pydantic.BaseModel):\n    b: 'list[int]'\nprint(A(b=[1]))",),
            "b=[1]",
        ),
        (
            ("import joblib\nprint(joblib.Parallel(2, 'threading')(joblib.delayed(abs)(-n) for n in range(3)))",),
            "[0, 1, 2]",
        ),
    ],
)
def test_what_code_does_with_modules_comes_out_the_same(
    cells: tuple[str, ...], says: str, parents: dict[str, Parent], tmp_path: Path
) -> None:
    assert says.strip() in both(parents, tmp_path, *cells)


def test_a_file_beside_the_notebook_comes_before_what_is_installed(parents: dict[str, Parent], tmp_path: Path) -> None:
    (tmp_path / "shadowed.py").write_text("whose = 'mine'\n")
    (tmp_path / "random.py").write_text("whose = 'mine'\n")
    assert (
        both(parents, tmp_path, "import shadowed, uses_shadowed\nprint(shadowed.whose, uses_shadowed.whose)")
        == "mine mine\n"
    )
    assert both(parents, tmp_path, "import random\nprint(hasattr(random, 'whose'))") == "False\n"


def test_a_folder_put_in_front_comes_first(parents: dict[str, Parent], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "shadowed.py").write_text("whose = 'mine'\n")
    assert (
        both(
            parents, tmp_path, "import sys\nsys.path.insert(0, 'own')\nimport uses_shadowed\nprint(uses_shadowed.whose)"
        )
        == "mine\n"
    )


def test_an_import_that_fails_shows_nothing_of_ours(parents: dict[str, Parent], tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n")
    cell = "import traceback\ntry:\n    import broken\nexcept ZeroDivisionError:\n    print(traceback.format_exc())"
    assert "set_aside" not in both(parents, tmp_path, cell) + both(parents, tmp_path, cell.replace("broken", "missing"))


def test_what_is_imported_later_is_kept_aside_as_well(installed: Path, tmp_path: Path) -> None:
    parent = Parent(["numpy"])
    parent.preload(["sklearn.tree", "numpy.ma"])
    look = "import sys\nprint(sorted({'numpy', 'sklearn', 'numpy.ma'} & {*sys.modules}))"
    found = [
        tell(parent, tmp_path, f"import {library}", look) for library in ("os", "numpy", "numpy.ma", "sklearn.tree")
    ]
    parent.close()
    assert found == ["[]\n", "['numpy']\n", "['numpy', 'numpy.ma']\n", "['numpy', 'numpy.ma', 'sklearn']\n"]
