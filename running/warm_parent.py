"""The warm parent: a process that has imported everything once and forks a child for each run.

running.runner starts it and talks to it over one socket. It is not the standard library's forkserver, because that one
cannot be shut into a box, hands its children pickles, and tells nobody when a child's children are still alive.

    runner ── control ──> warm parent ── fork ──> child ── cells and their messages ──> runner
              supervisor, one a child: an `i` interrupts, its end kills; the last word on it says how the child ended

A branch is a fork that runs cells given to all hand-ins and then is a warm parent itself, with a socket of its own.
"""

from __future__ import annotations

import asyncio
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
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from running.packets import receive_packets, send_packets

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
    # A kernel looks beside its notebook after the standard library, not before it; our own root comes last.
    sys.path[:] = [path for path in sys.path if path not in ("", settings["root"])] + [settings["root"]]
    walls = import_module(settings["walls"]).Walls(settings["level"]) if settings.get("walls") else None
    if walls:
        walls.enter_parent()
    parent = WarmParent(control, settings, walls)
    parent.warm_up()
    parent.serve()


class WarmParent:
    def __init__(self, control: socket.socket, settings: dict[str, Any], walls: Any) -> None:
        self.control, self.settings, self.walls = control, settings, walls
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()

    def warm_up(self) -> None:
        from ipykernel.ipkernel import IPythonKernel

        from running import quick_traceback
        from running.kernel_shell import Recorder, make_shell
        from running.warm_up import exercise

        self.recorder = Recorder(self.settings["output_bytes"])
        self.shell = make_shell(self.recorder, tuple(self.settings["extensions"]))
        quick_traceback.install(self.shell)
        self.missing = import_all(self.settings["modules"])
        exercise(self.shell)
        guard = self.settings.get("guard")
        self.guard = import_module(guard).Guard(self.shell, self.settings["modules"]) if guard else None
        about = {"missing": self.missing, "language_info": IPythonKernel.language_info}
        send_packets(self.control, {"ready": True} | about)

    def serve(self) -> None:
        """Until the runner hangs up."""
        self.selector.register(self.control, selectors.EVENT_READ, "control")
        gc.collect()
        gc.freeze()  # a child's collections leave the shared pages alone
        while True:
            for key, _ in self.selector.select(WATCH_SECONDS if self.children else None):
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
            self.walls.before_branch()
            if os.fork() == 0:
                try:
                    self.serve_branch(request, control)
                except BaseException:
                    print_exception()
                os._exit(70)
        control.close()

    def serve_branch(self, request: dict[str, Any], control: socket.socket) -> None:
        from running.given_cells import Surroundings

        self.selector.close()
        self.control.close()
        self.control, self.children, self.selector = control, {}, selectors.DefaultSelector()
        os.environ.update(request["environment"])
        self.move_in(self.walls.furnish_branch(request))
        cells = Cells(self.shell, self.recorder, self.guard, control)
        around = Surroundings()
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
        if self.guard:
            self.guard.folder = folder

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
            reseed()
            os.environ.update(request.get("environment", {}))
            folder = self.walls.shut_in(request) if self.walls else request["folder"]
            self.move_in(folder)
            Cells(self.shell, self.recorder, self.guard, connection, request.get("count", 0)).serve()
        except BaseException:
            print_exception()
            os._exit(70)
        # Not through the interpreter's own exit: threads and atexit hooks of libraries would only cost time.
        os._exit(0)


class Cells:
    """The child's side: runs the cells it is sent, one after another, inside a running event loop like a kernel's."""

    def __init__(self, shell: Any, recorder: Any, guard: Any, connection: socket.socket, count: int = 0) -> None:
        """`count` is how many cells have run before in a branch."""
        self.shell, self.recorder, self.guard, self.connection, self.count = shell, recorder, guard, connection, count
        self.descriptors = [(capture(number), name) for number, name in ((1, "stdout"), (2, "stderr"))]

    def serve(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self.run_all())

    def run_given(self, sources: list[str]) -> tuple[list[dict[str, Any]], int]:
        """Run cells before anybody's own; their replies, and how many tasks they left unfinished."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)

        async def run() -> tuple[list[dict[str, Any]], int]:
            replies = []
            for source in sources:
                replies.append(await self.run({"source": source}))
                await asyncio.sleep(0)
            return replies, len(asyncio.all_tasks()) - 1

        try:
            return loop.run_until_complete(run())
        finally:
            loop.close()

    async def run_all(self) -> None:
        while True:
            try:
                request = receive_packets(self.connection)
            except KeyboardInterrupt:  # an interrupt that came when its cell had just ended
                continue
            if request is None:
                return
            reply = await self.run(request)
            send_packets(self.connection, reply, request["token"].encode())
            if self.shell.exit_now:
                return
            await asyncio.sleep(0)  # tasks left by a cell go on between cells, as in a kernel

    async def run(self, request: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        shell, code, trusted, count = self.shell, request["source"], request.get("trusted", False), self.count
        if self.guard:
            self.guard.before(trusted)
        started = time.process_time()
        # A test is not kept in In, where the code it tests could read it.
        shell.execution_count = count + trusted
        result = await run_like_a_kernel(shell, code, keep=not trusted)
        if trusted:
            shell.history_manager.input_hist_parsed.append("")
            shell.history_manager.input_hist_raw.append("")
        seconds = time.process_time() - started
        for descriptor, name in self.descriptors:
            self.recorder.stream(name, drain(descriptor))
        raised = result.error_before_exec or result.error_in_exec if result else None
        reply: dict[str, Any] = {"seconds": seconds, "count": count, "status": "ok"}
        if raised is not None or getattr(shell, "_last_traceback_during_displayhook", False):
            reply |= {"status": "error", "ename": type(raised).__name__, "evalue": text_of(raised)}
            reply |= {"traceback": [str(line) for line in shell._last_traceback or []]}
            reply |= {"line": error_line(raised, own_file(shell, code, count))}
        with suppress(Exception):
            shell.payload_manager.clear_payload()
        reply["messages"] = self.recorder.take()
        reply["overflow"] = self.recorder.overflow
        reply["wants_kernel"] = type(shell.kernel).wanted if shell.kernel is not None else False
        reply["remarks"] = self.guard.after() if self.guard else []
        return reply


def print_exception() -> None:
    """Into the parent's log."""
    import traceback

    traceback.print_exc(file=sys.__stderr__)


async def run_like_a_kernel(shell: Any, code: str, *, keep: bool) -> Any:
    """What ipykernel's do_execute does: async cells in the running loop, all others by the shell itself."""
    shell.asked = None
    try:
        transformed, failed = shell.transform_cell(code), None
    except Exception:
        transformed, failed = code, sys.exc_info()
    try:
        if not shell.should_run_async(code, transformed_cell=transformed, preprocessing_exc_tuple=failed):
            if not failed:
                shell.remember(code, transformed)
            return shell.run_cell(code, store_history=keep)
        result = None
        try:
            result = await shell.run_cell_async(
                code, store_history=keep, transformed_cell=transformed, preprocessing_exc_tuple=failed
            )
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        return result
    except KeyboardInterrupt:  # came between the cell's own code and its end
        shell.showtraceback()
        return None


def own_file(shell: Any, code: str, count: int) -> str:
    """The name a cell's code is compiled under."""
    try:
        return str(shell.compile.get_code_name(code, code, count))
    except UnicodeError:  # half a character, which has no name either
        return ""


def error_line(raised: BaseException | None, own: str) -> int:
    """The line of the cell (from 1) where the error left it. `own` is the name its code was compiled under."""
    line = getattr(raised, "lineno", None) or 1 if isinstance(raised, SyntaxError) else 1
    trace = raised.__traceback__ if raised else None
    while trace:
        if trace.tb_frame.f_code.co_filename == own:
            line = trace.tb_lineno
        trace = trace.tb_next
    return int(line)


def text_of(raised: BaseException | None) -> str:
    try:
        return str(raised)
    except Exception:  # a pupil's exception may have a __str__ of its own
        return ""


def capture(number: int) -> int:
    """Put a file in memory under a standard descriptor: what C code and child processes write there is kept."""
    descriptor = os.memfd_create(f"haike-{number}")
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    os.dup2(descriptor, number)
    return descriptor


def drain(descriptor: int) -> str:
    try:
        size = os.fstat(descriptor).st_size
        if not size:
            return ""
        text = os.pread(descriptor, size, 0).decode("utf-8", "replace")
        os.ftruncate(descriptor, 0)
        return text
    except OSError:  # a pupil's code may have closed it
        return ""


def import_all(modules: list[str]) -> list[str]:
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


def reseed() -> None:
    """A fresh kernel starts from fresh randomness; a fork would repeat its parent's."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy and "numpy.random" in sys.modules:
        numpy.random.seed()
