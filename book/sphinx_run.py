"""One run of Jupyter Book over the derived sources, in a process of its own: python -m book.sphinx_run SOURCE WORK."""

from __future__ import annotations

import sys
from pathlib import Path

from build_paths import ROOT


def run(source: Path, work: Path) -> bool:
    """Build `source` into work/html; True if all went well. What Sphinx says goes to stdout and stderr."""
    from jupyter_book.sphinx import build_sphinx

    result = build_sphinx(
        str(source),
        str(work / "html"),
        path_config=ROOT / "_config.yml",
        noconfig=True,
        confoverrides={"external_toc_path": str(source / "_toc.yml"), "latex_individualpages": False},
        doctreedir=str(work / "doctrees"),
        builder="html",
    )
    return result == 0


if __name__ == "__main__":
    sys.exit(0 if run(Path(sys.argv[1]), Path(sys.argv[2])) else 1)
