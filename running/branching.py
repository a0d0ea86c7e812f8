"""A run that is branched on its way: whether a fork can go on where it stands, and the folder a fork goes on in.

A fork copies memory. It does not copy threads and tasks under way, files that are read through one common place, alarms
that are set; and a folder is copied here, so that what one end of a notebook writes no other end reads.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any


def ties(shell: Any, folder: str, first_own: int) -> list[str]:
    """What keeps a run in `folder` from being branched. Descriptors from `first_own` on were opened by its cells."""
    found = {
        "threads": len(os.listdir("/proc/self/task")) > 1,  # noqa: PTH208
        "tasks": len(asyncio.all_tasks()) > 1,
        "files": any(opened_by_cells(first_own)),
        "alarms": signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        "folder": str(Path.cwd()) != folder,
        "paths": any(isinstance(one, str | PurePath) and str(one).startswith(folder) for one in shell.user_ns.values()),
        "end": bool(shell.exit_now),
    }
    return [name for name, is_tied in found.items() if is_tied]


def opened_by_cells(first_own: int) -> Iterator[str]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with suppress(OSError):  # the listing's own is gone by now
            target = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
            # matplotlib opens its fonts anew after a fork.
            if int(name) >= first_own and not target.endswith((".ttf", ".otf", f"/{os.getpid()}/fd")):
                yield target


def copy_of(folder: str, scratch: str) -> str:
    """A copy of the same name in a new folder of `scratch`."""
    copy = Path(tempfile.mkdtemp(dir=scratch)) / Path(folder).name
    own = Path(scratch).name if Path(folder) in Path(scratch).parents else ""
    shutil.copytree(folder, copy, symlinks=True, ignore=lambda at, names: [own] if own and at == folder else [])
    return str(copy)


def end_with_parent() -> None:
    """Whoever is forked from a run ends with it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
