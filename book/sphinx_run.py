"""One run of Jupyter Book over the derived sources: python -m book.sphinx_run SOURCE WORK.

It imports what it will need, then waits for a line on stdin, and ends where there comes none.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from build_paths import ROOT

#: What a build imports, Sphinx's extensions and the dictionary of the search included.
NEEDED = ("jupyter_book.sphinx", "myst_nb.sphinx_ext", "sphinx.builders.html", "sphinx.search.zh", "book.lesson_pages")


def get_ready() -> None:
    for name in NEEDED:
        import_module(name)
    import jieba

    jieba.initialize()


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
    get_ready()
    is_done = not sys.stdin.readline() or run(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if is_done else 1)  # taking the dictionary apart word by word takes as long as setting a page
