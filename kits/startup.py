"""How a pupil's kernel starts: Chinese errors, crisp figures, no noise on stderr.

Three ways in, all ending in `configure(shell)`:

* **A Jupyter server, a hub, nbgrader: set JUPYTER_PATH to what `jupyter_path(base)` wrote.** It holds a kernelspec
  `python3` that loads this module as an IPython extension, found before the environment's own. It is only read, so one
  folder serves all pupils, and every program that starts a `python3` kernel with that variable set uses it.
* A person's own set-up: IPYTHONDIR = what `ipython_dir(base)` wrote (IPython writes there, so one for each person).
* A shell made in a program (running/runner.py): `shell.extension_manager.load_extension("kits.startup")`.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

EXTENSION = "kits.startup"
INLINE = "module://matplotlib_inline.backend_inline"
#: Twice the pixels, shown at half the size.
FIGURE_FORMATS = {"retina"}


def configure(shell: Any) -> None:
    """Set up one IPython shell. May be called again."""
    from kits import errors

    errors.load_ipython_extension(shell)
    quiet_warnings()
    inline_figures(shell)


load_ipython_extension = configure


def quiet_warnings() -> None:
    """No warning reaches stderr: English helps no child, and nbgrader scores a test cell that writes there 0.

    Libraries switch their own warnings on again when imported (scikit-learn does), so what shows them is replaced as
    well. Whoever records warnings with `warnings.catch_warnings(record=True)` still gets them. HAIKE_WARNINGS=1 keeps
    everything as Python has it, for the author of a lesson.
    """
    if os.environ.get("HAIKE_WARNINGS") == "1":
        return
    warnings.simplefilter("ignore")
    warnings.showwarning = _swallow


def _swallow(*_: Any, **__: Any) -> None:
    pass


def inline_figures(shell: Any) -> None:
    """Figures stand in the notebook as crisp PNG. matplotlib is not imported for it."""
    os.environ.setdefault("MPLBACKEND", INLINE)
    shell.config.InlineBackend.figure_formats = FIGURE_FORMATS
    loaded = sys.modules.get("matplotlib_inline.config")
    if loaded and loaded.InlineBackend.initialized():
        loaded.InlineBackend.instance().figure_formats = FIGURE_FORMATS


def jupyter_path(base: Path) -> Path:
    """Write the kernelspec under `base` and return the folder for JUPYTER_PATH."""
    folder = base / "kernels" / "python3"
    spec = {
        # Jupyter puts the running Python in the place of "python".
        "argv": [
            *("python", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
            f"--InteractiveShellApp.extensions={EXTENSION}",
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=ERROR",  # ipykernel's English advice on transports helps no teacher
        ],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False},
    }
    _write(folder / "kernel.json", json.dumps(spec, ensure_ascii=False, indent=1) + "\n")
    return base


def ipython_dir(base: Path) -> Path:
    """Write an IPython directory under `base` and return it for IPYTHONDIR. IPython must be able to write there."""
    lines = (
        "c = get_config()  # noqa: F821",
        f'c.InteractiveShellApp.extensions = ["{EXTENSION}"]',
        "c.HistoryManager.enabled = False",
        'c.IPKernelApp.log_level = "ERROR"',
    )
    _write(base / "profile_default" / "ipython_config.py", "\n".join(lines) + "\n")
    return base


def _write(path: Path, text: str) -> None:
    """Written aside and put in place, so that a kernel that starts meanwhile never reads half a file."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def environment(base: Path) -> dict[str, str]:
    """The variables of a process that starts pupils' kernels."""
    known = os.environ.get("JUPYTER_PATH", "")
    return {"JUPYTER_PATH": os.pathsep.join(filter(None, [str(jupyter_path(base)), known]))}
