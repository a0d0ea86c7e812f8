"""The warm parent: a process that has imported everything once and forks a child for each run.

running.runner starts it and talks to it over one socket. It is not the standard library's forkserver, because that one
cannot be shut into a box, hands its children pickles, and tells nobody when a child's children are still alive.

    runner ── control ──> warm parent ── fork ──> child ── cells and their messages ──> runner
              supervisor, one a child: an `i` interrupts, its end kills; the last word on it says how the child ended

A branch is a fork that is a warm parent itself, with a socket of its own: either it has run the cells that are given to
all hand-ins, or it is the fork of a run and stands where the run stood.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import re
import resource
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from running import branching
from running.cells import Cells
from running.given_cells import Surroundings
from running.import_record import RECORD
from running.packets import send_packets
from running.protocols import Guard, Walls
from running.set_aside import KERNEL, WITH_HISTORY, SetAside

WATCH_SECONDS = 0.25  # how often a run that takes longer than that is looked at
GRACE_SECONDS = 0.5


@dataclass
class Child:
    """One running fork: `root` is the process whose end ends all others of the run (or the child itself)."""

    pid: int
    supervisor: socket.socket
    pidfd: int
    root: int
    limits: dict[str, Any]
    folder: str
    reason: str = ""
    status: int | None = None
    is_doomed: bool = False
    started: float = field(default_factory=time.monotonic)


def main() -> None:
    settings = json.loads(sys.argv[1])
    control = socket.socket(fileno=int(sys.argv[2]))
    control.set_inheritable(False)
    sys.argv[:] = [find_spec("ipykernel_launcher").origin or "", "-f", "/tmp/kernel.json"]  # type: ignore[union-attr]
    # A kernel looks beside its notebook after the standard library, not before it; our own root comes last.
    sys.path[:] = [path for path in sys.path if path not in ("", settings["root"])] + [settings["root"]]
    walls: Walls | None = import_module(settings["walls"]).Walls(settings["level"]) if settings.get("walls") else None
    if walls:
        walls.enter_parent()
    parent = WarmParent(control, settings, walls)
    gc.disable()  # what is imported stays: looking through it for garbage again and again takes its time
    parent.warm_up()
    gc.enable()
    parent.serve()


class WarmParent:
    def __init__(self, control: socket.socket, settings: dict[str, Any], walls: Walls | None) -> None:
        self.control, self.settings, self.walls = control, settings, walls
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.kept = ""  # in the branch of a run: a copy of its folder, of which each fork gets one
        self.branches: list[int] = []  # in a run: those that were forked from it

    def warm_up(self) -> None:
        from ipykernel.ipkernel import IPythonKernel

        from running import quick_traceback
        from running.kernel_shell import Recorder, make_shell
        from running.warm_up import exercise

        self.recorder = Recorder(self.settings["output_bytes"])
        before = set(sys.modules)
        self.shell = make_shell(self.recorder, tuple(self.settings["extensions"]))
        kernels_own = KERNEL if self.settings["extensions"] else KERNEL + WITH_HISTORY
        import_all(kernels_own)
        shells_own = set(sys.modules) - before
        self.aside = SetAside(RECORD, RECORD.at_start | RECORD.all_of(kernels_own) | shells_own)
        quick_traceback.install(self.shell)
        self.missing = import_all(self.settings["modules"])
        exercise(self.shell)
        guard = self.settings.get("guard")
        make_guard = import_module(guard).Guard if guard else None
        RECORD.stop()
        self.aside.put()
        with self.aside.in_sight():
            own = (self.shell, self.settings["modules"], self.aside)
            self.guard: Guard | None = make_guard(*own) if make_guard else None
        about = {"missing": self.missing, "language_info": IPythonKernel.language_info}
        send_packets(self.control, {"ready": True} | about)

    def serve(self) -> None:
        """Until the runner hangs up or has forgotten it."""
        self.selector.register(self.control, selectors.EVENT_READ, "control")
        gc.collect()
        gc.freeze()  # a child's collections leave the shared pages alone
        idle = self.settings["idle_seconds"]
        while True:
            events = self.selector.select(WATCH_SECONDS if self.children else idle)
            if not events and not self.children:
                return self.end()
            for key, _ in events:
                if key.data == "control":
                    if not self.on_request():
                        return self.end()
                elif key.data.pid in self.children:
                    self.on_child(key.data, key.fileobj)
            for child in list(self.children.values()):
                self.watch(child)

    def end(self) -> None:
        for child in self.children.values():
            self.kill(child)
            with suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        os._exit(0)

    def on_request(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 20, 2)
        if not data:
            return False
        for descriptor in descriptors:  # not for the first process of a room, which would hold them open
            os.set_inheritable(descriptor, False)
        request = json.loads(data)
        if "modules" in request:
            with self.aside.warming():
                import_all(request["modules"])
            gc.collect()
            gc.freeze()
            if request["many"]:
                collapse_memory()
            return True
        if "given" in request:
            self.branch(request, socket.socket(fileno=descriptors[0]))
            return True
        connection, supervisor = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        try:
            self.fork(request, connection, supervisor)
        except OSError as error:  # no process or no memory to be had: this run ends, the next may start
            send_packets(supervisor, {"status": None, "reason": f"fork: {error.strerror}"})
            supervisor.close()
        connection.close()
        return True

    def branch(self, request: dict[str, Any], control: socket.socket) -> None:
        """Fork a parent that has run the cells `given`; it says so on `control`, or why it should not be used."""
        with suppress(OSError):  # no process to be had: the other end sees the socket closed
            if self.walls:
                self.walls.before_branch()
            if os.fork() == 0:
                try:
                    self.serve_branch(request, control)
                except BaseException:
                    print_exception()
                os._exit(70)
        control.close()

    def serve_branch(self, request: dict[str, Any], control: socket.socket) -> None:
        self.selector.close()
        self.control.close()
        self.control, self.children, self.selector = control, {}, selectors.DefaultSelector()
        os.environ.update(request["environment"])
        self.move_in(self.walls.furnish_branch(request) if self.walls else request["folder"])
        cells = Cells(self.shell, self.recorder, self.guard, control)
        around = Surroundings(self.aside, {key for _, key, _ in RECORD.variables})
        replies, tasks = cells.run_given(request["given"])
        changed = around.changed() + ["tasks"] * tasks
        bad = [one for one in replies if one["status"] != "ok" or one["wants_kernel"] or one["remarks"]]
        if changed or bad or self.shell.exit_now:
            send_packets(control, {"ready": False, "changed": changed})
            os._exit(0)
        gc.collect()
        gc.freeze()
        if request["many"]:
            collapse_memory()
        send_packets(control, {"ready": True, "replies": replies})
        self.serve()

    def branch_run(self, cells: Cells) -> None:
        """In a run, between two cells: fork a parent that stands where it stands, or say why it should not be had."""
        tied = branching.ties(cells.shell, self.folder, cells.first_own)
        _, descriptors, _, _ = socket.recv_fds(cells.connection, 1, 1)
        control = socket.socket(fileno=descriptors[0])
        with control, suppress(OSError):  # no process or no room to be had: the other end sees the socket closed
            if tied:
                return send_packets(control, {"ready": False, "changed": tied})
            scratch = os.environ.get("TMPDIR", "/tmp") if self.walls else str(Path(self.folder).parent)
            kept = branching.copy_of(self.folder, scratch)
            self.chance = random.getstate()
            pid = os.fork()
            if pid:
                self.branches.append(pid)
                return None
            try:
                branching.end_with_parent()
                cells.connection.close()
                self.serve_forks(control, kept, cells.count)
            except BaseException:
                print_exception()
            os._exit(70)

    def serve_forks(self, control: socket.socket, kept: str, count: int) -> None:
        """As the branch of a run. The walls stand around it and all its forks."""
        self.control, self.children, self.selector = control, {}, selectors.DefaultSelector()
        self.walls, self.kept, self.branches = None, kept, []
        send_packets(control, {"ready": True, "replies": []})
        self.serve()

    def fork(self, request: dict[str, Any], connection: socket.socket, supervisor: socket.socket) -> None:
        root = self.walls.before_fork() if self.walls else 0
        pid = os.fork()
        if pid == 0:
            self.selector.close()
            self.child(request, connection)
        child = Child(pid, supervisor, os.pidfd_open(pid), root or pid, request.get("limits", {}), request["folder"])
        self.children[pid] = child
        self.selector.register(supervisor, selectors.EVENT_READ, child)
        self.selector.register(child.pidfd, selectors.EVENT_READ, child)

    def on_child(self, child: Child, source: Any) -> None:
        if source is child.supervisor:
            data = b""
            with suppress(OSError):
                data = child.supervisor.recv(64)
            if data == b"i":
                with suppress(OSError):
                    os.kill(child.pid, signal.SIGINT)
            else:
                self.kill(child)
        elif child.status is None:
            self.on_end(child)
        else:
            self.say_goodbye(child)

    def kill(self, child: Child) -> None:
        """Send the child and all its descendants to their end; what follows, on_end and say_goodbye, is waited for."""
        if child.is_doomed:
            return
        child.is_doomed = True
        self.selector.unregister(child.supervisor)
        if self.walls:
            self.walls.kill_all(child.pid, child.root, set(self.children))
        else:
            with suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
        with suppress(OSError):
            os.kill(child.pid, signal.SIGKILL)

    def on_end(self, child: Child) -> None:
        """The child has ended; its room, where it had one, ends when it is reaped."""
        self.kill(child)
        child.status = -signal.SIGKILL
        with suppress(ChildProcessError):
            child.status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        self.forget(child)
        if child.root == child.pid:
            return self.say_goodbye(child)
        child.pidfd = os.pidfd_open(child.root)
        self.selector.register(child.pidfd, selectors.EVENT_READ, child)
        return None

    def forget(self, child: Child) -> None:
        self.selector.unregister(child.pidfd)
        os.close(child.pidfd)

    def say_goodbye(self, child: Child) -> None:
        """Nothing of the run is alive any more: the last word on the supervisor."""
        if child.root != child.pid:
            self.forget(child)
            with suppress(ChildProcessError):
                os.waitpid(child.root, 0)
        del self.children[child.pid]
        with suppress(OSError):
            send_packets(child.supervisor, {"status": child.status, "reason": child.reason})
        child.supervisor.close()

    def watch(self, child: Child) -> None:
        if not self.walls or child.is_doomed or time.monotonic() - child.started < GRACE_SECONDS:
            return
        child.reason = self.walls.excess(child.pid, child.root, child.folder, child.limits)
        if child.reason:
            self.kill(child)

    def move_in(self, folder: str) -> None:
        os.chdir(folder)
        self.shell.user_ns["_dh"][:] = [Path.cwd()]  # where %cd - leads back to
        self.folder = str(Path.cwd())
        if self.guard:
            self.guard.folder = folder

    def own_folder(self, request: dict[str, Any]) -> str:
        """In a fork, before it runs a cell: the folder to work in, with the walls around it."""
        if self.kept:
            branching.end_with_parent()
            random.setstate(self.chance)  # Python draws anew after a fork; the cells before may have chosen a seed
            return branching.copy_of(self.kept, str(Path(self.kept).parents[1]))
        self.aside.reseed()
        return str(self.walls.shut_in(request) if self.walls else request["folder"])

    def child(self, request: dict[str, Any], connection: socket.socket) -> None:
        """In the fork; never returns."""
        try:
            # One known descriptor is left besides the standard ones.
            os.dup2(connection.fileno(), 3)
            os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0] if not self.walls else 1 << 16)
            connection.detach()
            connection = socket.socket(fileno=3)
            connection.set_inheritable(False)
            os.setsid()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.recorder.limit = request.get("limits", {}).get("output", self.recorder.limit)
            if self.guard:
                self.guard.allowed = set(request.get("allowed", ()))
            os.environ.update(request.get("environment", {}))
            self.move_in(self.own_folder(request))
            cells = Cells(self.shell, self.recorder, self.guard, connection, request.get("count", 0))
            cells.branch = None if self.kept else self.branch_run
            cells.serve()
            for branch in self.branches:  # their time is part of ours
                os.waitpid(branch, 0)
        except BaseException:
            print_exception()
            os._exit(70)
        # Not through the interpreter's own exit: threads and atexit hooks of libraries would only cost time.
        os._exit(0)


def print_exception() -> None:
    """Into the parent's log."""
    traceback.print_exc(file=sys.__stderr__)


def import_all(modules: Iterable[str]) -> list[str]:
    """Import what can be imported; a child that needs the rest says so itself. Returns what could not be had."""
    missing = []
    for name in modules:
        try:
            import_module(name)
        except BaseException:  # whatever a module does on import must not end the parent
            missing.append(name)
    return missing


def collapse_memory() -> None:
    """Put the memory that all forks share into huge pages: a fork copies 500 times fewer entries. Takes 0.2 s."""
    madvise, huge, collapse = ctypes.CDLL(None).madvise, 1 << 21, 25  # MADV_COLLAPSE, Linux 6.1; else it says no
    with open("/proc/self/maps") as file:  # noqa: PTH123  read line by line
        for line in file:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(\[heap\]|\[anon.*)?$", line)
            if found:
                start, end = (int(found[1], 16) + huge - 1) // huge * huge, int(found[2], 16) // huge * huge
                for at in range(start, end, huge):
                    madvise(ctypes.c_void_p(at), ctypes.c_size_t(huge), collapse)
