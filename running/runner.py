"""Runs the cells of a notebook in a process forked from one that has already imported their modules.

It knows nothing about marks. The shell in the child is ipykernel's own (kernel_shell), so magics, rich output, inline
figures and tracebacks are the real ones; warm_parent forks it. Each run sees a fresh copy of its files and a fresh
interpreter state: nothing travels between runs. Whoever grades adds walls (a module named in `Parent`) around the code.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from build_paths import ROOT
from running.packets import TOKEN, BrokenMessage, Strays, receive_packets, send_packets

#: What most lessons import. The parent has it before the first fork; a job's own imports come on top.
WARM = (
    "matplotlib_inline.backend_inline", "matplotlib.pyplot", "numpy",
    "kits.answers", "kits.datasets", "kits.plots", "kits.startup", "kits.widgets.choice", "kits.widgets.number",
    "sklearn.datasets", "sklearn.neighbors", "sklearn.tree", "sklearn.model_selection",
)  # fmt: skip
#: A figure goes where a kernel's would; runs stand side by side, so numeric libraries keep to one thread each.
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
START = "from running.import_record import RECORD; RECORD.start(); from running.warm_parent import main; main()"
BRANCH_SECONDS = 120.0  # for the cells given to all; they have been run once before, with each cell's own timeout
GRACE = 4.0  # seconds a cell has to end after it was interrupted (nbclient's iopub_timeout)
MESSAGE_BYTES = 1 << 28


def modules_of(cells: Iterable[str]) -> list[str]:
    """The modules that the cells import, kits and its submodules included; unreadable code imports nothing."""
    found: set[str] = set()
    for source in cells:
        with suppress(SyntaxError, ValueError):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    found.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
                    if node.module.split(".")[0] == "kits":
                        found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return sorted(found)


class ParentFailed(Exception):
    """The warm parent did not start; the text is what it last said."""


class Dead(Exception):
    """The child has ended; `reason` says why where the parent ended it."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Unresponsive(Exception):
    """A cell went on after it had been interrupted."""


class Parent:
    """The runner's hold on one warm parent. Any thread may open runs; closing it ends whatever still runs."""

    def __init__(
        self,
        modules: Iterable[str],
        *,
        extensions: Sequence[str] = (),
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        walls: str = "",
        level: str = "",
        guard: str = "",
        output_bytes: int = 1 << 26,
        idle_seconds: float = 1800.0,
    ) -> None:
        """`prefix` is a command in front of the parent's own; `walls` and `guard` name modules that it loads.

        After `idle_seconds` without a run it ends by itself.
        """
        settings = {"modules": list(modules), "extensions": list(extensions), "output_bytes": output_bytes}
        settings |= {"walls": walls, "level": level, "guard": guard, "root": str(ROOT)}
        settings["idle_seconds"] = idle_seconds
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the parent
        own = dict(os.environ if environment is None else environment) | ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
        python = [sys.executable, "-X", "utf8", "-c", START]
        with theirs:
            self.process = subprocess.Popen(
                [*prefix, *python, json.dumps(settings), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                cwd="/",
                start_new_session=True,
            )
        self.lock = threading.Lock()
        self.ready: dict[str, Any] | None = None

    def wait_ready(self) -> None:
        """Until everything is imported. Raises ParentFailed."""
        with self.lock:
            if self.ready is None:
                self.ready = receive_packets(self.control)
            if self.ready is None:
                raise ParentFailed(self.last_words())

    def last_words(self) -> str:
        self.process.wait(5)
        self.log.seek(0)
        lines = self.log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self.process.returncode}"

    def preload(self, modules: Iterable[str], *, many: bool = False) -> None:
        """Import more before the next fork. `many`: so many will follow that some work to make them cheaper pays."""
        self.wait_ready()
        self.control.sendall(json.dumps({"modules": list(modules), "many": many}).encode())

    def open(self, folder: str, environment: Mapping[str, str] | None = None, **request: Any) -> Run:
        """Fork a child that works in `folder` (a path as the parent sees it). Raises ParentFailed."""
        self.wait_ready()
        try:
            return open_run(self.control, folder, environment or {}, **request)
        except OSError as error:
            raise ParentFailed(self.last_words()) from error

    def branch(
        self, given: Sequence[str], folder: str, environment: Mapping[str, str], **request: Any
    ) -> Branch | None:
        """A fork that has run the `given` cells in `folder`; None where they must be run in each run anew."""
        self.wait_ready()
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        message = {"given": given, "folder": folder, "environment": dict(environment)} | request
        with theirs, suppress(OSError):  # more text than one packet takes
            socket.send_fds(self.control, [json.dumps(message).encode()], [theirs.fileno()])
        return await_branch(control, given)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.process.kill()
        self.process.wait()
        self.log.close()


def open_run(control: socket.socket, folder: str, environment: Mapping[str, str], **request: Any) -> Run:
    """Ask a warm parent or a branch for a child. Raises OSError where it has ended."""
    connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    supervisor, their_supervisor = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    message = {"folder": folder, "environment": dict(environment)} | request
    with theirs, their_supervisor:
        try:
            socket.send_fds(control, [json.dumps(message).encode()], [theirs.fileno(), their_supervisor.fileno()])
        except OSError:
            connection.close()
            supervisor.close()
            raise
    return Run(connection, supervisor)


@dataclass(frozen=True)
class Branch:
    """A warm parent's fork that has run the cells `given`; `replies` are what each of them said, as JSON."""

    control: socket.socket
    given: tuple[str, ...]
    replies: tuple[str, ...]

    def open(self, folder: str, environment: Mapping[str, str], **request: Any) -> Run:
        """As Parent.open; the next cell is the one after the given."""
        try:
            return open_run(self.control, folder, environment, count=len(self.given), **request)
        except OSError as error:
            raise ParentFailed("the branch has ended") from error

    def close(self) -> None:
        self.control.close()


def await_branch(control: socket.socket, given: Sequence[str]) -> Branch | None:
    """The branch at the other end of `control`, once it says that it can be used."""
    answer = None
    control.settimeout(BRANCH_SECONDS)
    with suppress(TimeoutError, BrokenMessage):
        answer = receive_packets(control)
    control.settimeout(None)
    if not answer or not answer["ready"]:
        control.close()
        return None
    return Branch(control, tuple(given), tuple(map(json.dumps, answer["replies"])))


class Run:
    """One child: cells go in one at a time, each comes back with its messages."""

    def __init__(self, connection: socket.socket, supervisor: socket.socket) -> None:
        self.connection, self.supervisor = connection, supervisor
        self.strays = Strays()
        self.ended: dict[str, Any] | None = None

    def execute(self, source: str, timeout: float | None, *, trusted: bool = False) -> tuple[dict[str, Any], bool]:
        """Run one cell; its reply, and whether it had to be interrupted after `timeout` seconds of wall time.

        Raises Dead, Unresponsive.
        """
        token = secrets.token_hex(TOKEN // 2).encode()
        try:
            self.connection.settimeout(timeout)
            send_packets(self.connection, {"source": source, "token": token.decode(), "trusted": trusted})
        except OSError:
            raise Dead(self.close()) from None
        interrupted, begun = False, bytearray()
        deadline = None if timeout is None else time.monotonic() + timeout
        own: dict[str, Any] = {"limit": MESSAGE_BYTES, "strays": self.strays, "begun": begun}
        while True:
            try:
                reply = receive_packets(self.connection, token, deadline=deadline, **own)
            except TimeoutError:
                if interrupted:
                    self.close()
                    raise Unresponsive from None
                interrupted = True
                with suppress(OSError):
                    self.supervisor.sendall(b"i")
                deadline = time.monotonic() + GRACE
                continue
            except BrokenMessage:
                self.close()
                raise Dead("output") from None
            if reply is None:
                raise Dead(self.close())
            return reply, interrupted

    def branch(self, given: Sequence[str]) -> Branch | None:
        """A warm parent that stands where this run stands after the cells `given`; None where it must not be had."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, suppress(OSError):
            send_packets(self.connection, {"branch": True})
            socket.send_fds(self.connection, [b"."], [theirs.fileno()])
        return await_branch(control, given)

    def close(self, *, patient: bool = False) -> str:
        """End the child with all its descendants and wait for that; the parent's reason where it had one.

        A `patient` end lets the child go by itself, so that the time its branches took is counted.
        """
        if self.ended is None:
            self.connection.close()
            if patient:
                self.supervisor.settimeout(GRACE)
                with suppress(OSError, BrokenMessage):
                    self.ended = receive_packets(self.supervisor)
        if self.ended is None:
            with suppress(OSError):
                self.supervisor.sendall(b"k")
            self.supervisor.settimeout(10)
            try:
                self.ended = receive_packets(self.supervisor) or {}
            except (OSError, BrokenMessage):
                self.ended = {}
            self.supervisor.close()
        return str(self.ended.get("reason") or "")


_parent: Parent | None = None
_parent_lock = threading.Lock()


def shared_parent(modules: Iterable[str] = ()) -> Parent:
    """The parent of this process's unwalled runs: started on first use, its imports decided then."""
    global _parent
    with _parent_lock:
        if _parent is None or not _parent.is_alive:
            _parent = Parent([*WARM, *modules], extensions=("kits.startup",))
            atexit.register(_parent.close)
        return _parent


def stop_shared_parent() -> None:
    """End every unwalled run of this process at once."""
    with _parent_lock:
        if _parent is not None:
            _parent.close()
