"""The classroom's processes, written down when they start, so that strays of a crash are found and ended.

`python -m deploy.processes FOLDER ROLE -- COMMAND…` writes its own pid down and then becomes the command; a role is
hub, proxy, service or server. A record counts only while a process with that pid, that start time and that command
line lives: never end somebody else's.
"""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Record:
    role: str
    pid: int
    started: float
    command: list[str]


def launch_command(folder: Path, role: str, command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "deploy.processes", str(folder), role, "--", *command]


def write_down(folder: Path, role: str, pid: int, command: Sequence[str]) -> None:
    record = Record(role, pid, psutil.Process(pid).create_time(), list(command))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{role}-{pid}.json").write_text(json.dumps(asdict(record)), "utf-8")


def alive(folder: Path) -> list[psutil.Process]:
    """Recorded processes that still live; records of the dead are cleared away."""
    found = []
    for path in sorted(folder.glob("*.json")):
        process = _match(path)
        if process is None:
            path.unlink(missing_ok=True)
        else:
            found.append(process)
    return found


def _match(path: Path) -> psutil.Process | None:
    try:
        record = Record(**json.loads(path.read_text("utf-8")))
        process = psutil.Process(record.pid)
        same_start = abs(process.create_time() - record.started) < 1
        line = process.cmdline()
        running = process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    # Scripts get their interpreter in front, so compare the program's name and the arguments behind it.
    program, arguments = Path(record.command[0]).name, record.command[1:]
    same_command = line[len(line) - len(arguments) :] == arguments and any(Path(word).name == program for word in line)
    return process if running and same_start and same_command else None


def end_all(folder: Path, patience: float = 10) -> int:
    """End every recorded process. Returns how many there were.

    The hub is told first, else it would start the others anew. It then waits half a minute for its services to answer
    an interrupt they ignore, so these are told as well. The proxy goes last: the hub would mend it while it lives.
    """
    found = alive(folder)
    hubs, proxies = _of_role(folder, found, "hub"), _of_role(folder, found, "proxy")
    others = [process for process in found if process not in hubs + proxies]
    others += [child for process in others for child in _children(process)]
    _tell(hubs)
    psutil.wait_procs(hubs, timeout=0.5 if hubs else 0)
    _tell(others)
    _wait(others, patience)
    _wait(hubs, 2)  # nothing is left for it to do but to notice that its services are gone
    _tell(proxies)
    _wait(proxies, patience)
    alive(folder)
    return len(found)


def _of_role(folder: Path, found: Sequence[psutil.Process], role: str) -> list[psutil.Process]:
    return [process for process in found if (folder / f"{role}-{process.pid}.json").exists()]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _tell(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


def _wait(processes: Sequence[psutil.Process], patience: float) -> None:
    """Wait, then insist."""
    _, stubborn = psutil.wait_procs(processes, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)


def main() -> None:
    folder, role, _, *command = sys.argv[1:]
    write_down(Path(folder), role, os.getpid(), command)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
