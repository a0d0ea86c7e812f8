"""Starts and stops the classroom: JupyterHub, its proxy, a formgrader for each class and everybody's servers."""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import settings
from deploy import processes, runtime_folder
from fault import Fault
from grading.roster import Rosters, read_rosters

CONFIG = Path(__file__).with_name("jupyterhub_config.py")
SAME_USER = "现在所有人共用一个系统账户，学生互相之间没有隔墙：请只在演示和信得过的班里用。"
Progress = Callable[[str], None]


class HubFault(Fault):
    """The classroom cannot start; the message says what is wrong, where, and what to do."""


@dataclass
class Classroom:
    """A running classroom. Ending it ends the hub first, then proxy, formgraders and everybody's servers."""

    data: Path
    port: int
    addresses: list[str]
    log: Path
    process: subprocess.Popen[bytes]
    lock: IO[str]
    faults: tuple[str, ...] = ()  # what of the classes' files could not be used

    @property
    def address(self) -> str:
        return self.addresses[0]

    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        processes.end_all(self.log.parent / "processes")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        runtime_folder.clear(self.data)
        self.lock.close()


def start(data: Path, *, port: int | None = None, progress: Progress | None = None) -> Classroom:
    """Start the classroom over the data folder and wait until its sign-in page answers."""
    tell = progress or (lambda sentence: None)
    chosen = settings.load(data)
    rosters = _read_classes(chosen)
    chosen.hub.mkdir(parents=True, exist_ok=True)
    lock = _lock(chosen.hub / "lock")
    try:
        if strays := processes.end_all(chosen.hub / "processes"):
            tell(f"上次没有关好，先结束了 {strays} 个遗留的程序。")
        ports = _ports([each.code for each in rosters.classes], port or chosen.port, tell)
        process = _launch(chosen, ports)
        log = chosen.hub / "hub.log"
        classroom = Classroom(chosen.data, ports["public"], _addresses(ports), log, process, lock, rosters.faults)
        tell("正在打开教室……")
        _wait(classroom, chosen.start_seconds)
    except BaseException:
        processes.end_all(chosen.hub / "processes")
        lock.close()
        raise
    return classroom


def _read_classes(chosen: settings.Settings) -> Rosters:
    """The classes that can be taught; what is wrong with the rest is told, and shuts nobody else out."""
    rosters = read_rosters(chosen.classes)
    if not any(each.people for each in rosters.classes):
        advice = f"{chosen.classes} 里还没有班级能上课。请先建一个班：./haike class new --help"
        raise HubFault("\n".join([*rosters.faults, advice]))
    return rosters


def _lock(path: Path) -> IO[str]:
    """One classroom over one data folder; the lock goes with its process, however that ends."""
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise HubFault(f"这个教室已经开着（{path.parent}）。请用先前那个窗口，或在那里按 Ctrl-C 关掉再来。") from None
    return handle


def _ports(classes: list[str], wanted: int, tell: Progress) -> dict:
    taken: set[int] = set()

    def free(first: int) -> int:
        for number in range(first, 65536):
            if number not in taken and _is_free(number):
                taken.add(number)
                return number
        raise HubFault(f"从 {first} 往上没有空着的端口。请关掉一些程序，或换一个端口：HAIKE_PORT=9000。")

    public = free(wanted)
    if public != wanted:
        tell(f"端口 {wanted} 已有别的程序在用，换成 {public}。")
    inner = max(public + 1, 20000 + public % 1000)
    return {
        "public": public,
        # "localhost" listens on 127.0.0.1 and, where the machine has it, on ::1
        "address": "localhost" if _has_ipv6() else "127.0.0.1",
        "hub": free(inner),
        "proxy": free(inner + 1),
        "graders": {code: free(inner + 2) for code in classes},
    }


def _is_free(port: int) -> bool:
    return not any(_answers(family, host, port) or not _binds(family, host, port) for family, host in _hosts())


def _hosts() -> Iterator[tuple[socket.AddressFamily, str]]:
    yield socket.AF_INET, "127.0.0.1"
    if _has_ipv6():
        yield socket.AF_INET6, "::1"


def _answers(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, port)) == 0


def _binds(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _has_ipv6() -> bool:
    """Whether localhost means ::1 too: both the interface and the name must know it."""
    try:
        names = {entry[4][0] for entry in socket.getaddrinfo("localhost", 0)}
    except OSError:
        return False
    return "::1" in names and _binds(socket.AF_INET6, "::1", 0)


def _addresses(ports: dict) -> list[str]:
    hosts = ["127.0.0.1"] + (["[::1]"] if ports["address"] == "localhost" else [])
    return [f"http://{host}:{ports['public']}/" for host in hosts]


def _launch(chosen: settings.Settings, ports: dict) -> subprocess.Popen[bytes]:
    log = chosen.hub / "hub.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    root = str(CONFIG.parents[1])
    environment = {
        **os.environ,
        "HAIKE_DATA": str(chosen.data),
        "HAIKE_PORTS": json.dumps(ports),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": root,
    }
    jupyterhub = [str(Path(sys.executable).with_name("jupyterhub")), "-f", str(CONFIG)]
    command = processes.launch_command(chosen.hub / "processes", "hub", jupyterhub)
    with log.open("wb") as out:
        # a session of its own: Ctrl-C reaches the door alone, which then stops things in order
        return subprocess.Popen(
            command,
            cwd=chosen.hub,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _wait(classroom: Classroom, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if not classroom.running():
            tail = "\n".join(classroom.log.read_text("utf-8", "replace").splitlines()[-5:])
            raise HubFault(f"教室没有打开。详细记录在 {classroom.log}，最后几行是：\n{tail}")
        if _is_up(classroom.address):
            return
        time.sleep(0.1)
    raise HubFault(f"等了 {seconds:.0f} 秒，教室还没有打开。请看记录 {classroom.log}，再试一次。")


def _is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}hub/login", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
