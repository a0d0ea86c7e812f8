"""Sphinx in a process of its own, which gets ready while the pages are still being derived.

Its start takes about as long as deriving the pages of one changed lesson: side by side they take half.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from book import PLACES
from book.page_fault import BookError, PageFault
from build_paths import ROOT

STEP = re.compile(r"(reading sources|writing output)\.\.\. \[\s*(\d+)%\]\s*(\S*)")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

#: say(percent, what)
Say = Callable[[int, str], None]


@contextmanager
def typesetting(source: Path, work: Path) -> Iterator[Callable[[Say], None]]:
    """Make Jupyter Book ready to build the folder `source` into `work`/html; the function given builds it.

    That raises PageFault where one lesson stops it, BookError otherwise, and may be called again. What Sphinx says is
    kept in sphinx.log.
    """
    waiting = [start(source, work)]

    def run(say: Say) -> None:
        with waiting.pop() if waiting else start(source, work) as process:
            build(process, work, say)

    try:
        yield run
    finally:
        for process in waiting:
            with process:
                process.kill()


def start(source: Path, work: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "book.sphinx_run", str(source), str(work)],
        cwd=ROOT, env=os.environ | {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip


def build(process: subprocess.Popen[str], work: Path, say: Say) -> None:
    assert process.stdin is not None
    log = work / "sphinx.log"
    try:
        with suppress(BrokenPipeError):  # it has ended already: what it said tells why
            process.stdin.write("\n")
            process.stdin.flush()
        at = follow(process, log, say)
    except BaseException:
        process.kill()
        raise
    if process.wait():
        # A half-read environment must not survive: the next run starts afresh.
        shutil.rmtree(work / "doctrees", ignore_errors=True)
        tail = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()][-5:]
        said = "网页没有排成，原来的网页还在。最后几行是：\n  " + "\n  ".join(tail) + f"\n全部记录在 {log}。"
        place, _, lesson = at.partition("/")
        raise PageFault(lesson, said) if place in PLACES else BookError(said)


def follow(process: subprocess.Popen[str], log: Path, say: Say) -> str:
    """Keep what it says and tell how far it is, until its output ends; the page it was at last."""
    at = ""
    assert process.stdout is not None
    with log.open("w", encoding="utf-8") as kept:
        for coloured in process.stdout:
            line = COLOUR.sub("", coloured)
            kept.write(line)
            if step := STEP.search(line):
                at = step[3]
                is_read = step[1] == "writing output"
                say(50 * is_read + int(step[2]) // 2, f"排版 {at}")
    return at
