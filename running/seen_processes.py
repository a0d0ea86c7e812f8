"""A run as its parent sees it: which processes came from it, how much memory and disk they take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def parents_of() -> dict[int, int]:
    """pid → parent's pid of all processes that can be seen."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def descendants(pid: int) -> Iterator[int]:
    """The process and what came from it, as far as the line of parents is unbroken."""
    parents = parents_of()
    wave = {pid}
    while wave:
        yield from wave
        wave = {one for one, parent in parents.items() if parent in wave}


def processes_in(root: int) -> Iterator[int]:
    """The processes in the room whose first process is `root`, without it."""
    with suppress(OSError):
        own = Path(f"/proc/{root}/ns/pid").stat().st_ino
        for pid in parents_of():
            with suppress(OSError):
                if pid != root and Path(f"/proc/{pid}/ns/pid").stat().st_ino == own:
                    yield pid


def memory_of(pid: int) -> int:
    """Bytes; pages shared with other processes counted in part."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def size_of(folder: str) -> int:
    total = 0
    for base, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(f"{base}/{name}").st_blocks * 512
    return total
