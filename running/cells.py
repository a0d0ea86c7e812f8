"""The child's side of a run: it runs the cells it is sent, one after another, as a kernel would.

warm_parent forks the child and shuts it in before anything here runs.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from IPython.core.displayhook import DisplayHook

from running import machinery
from running.packets import SET_BLOCKING, receive_packets, send_packets
from running.protocols import Guard
from running.verdict import Verdict, forget

NOT_REACHED = "这一格检查没有运行到底"


class Cells:
    """The child's side: runs the cells it is sent, one after another, inside a running event loop like a kernel's."""

    def __init__(
        self, shell: Any, recorder: Any, guard: Guard | None, connection: socket.socket, count: int = 0
    ) -> None:
        """`count` is how many cells have run before in a branch."""
        self.shell, self.recorder, self.guard, self.connection, self.count = shell, recorder, guard, connection, count
        #: Forks a parent that stands where this run stands; given by whoever can.
        self.branch: Callable[[Cells], None] | None = None
        self.descriptors = [(capture(number), name) for number, name in ((1, "stdout"), (2, "stderr"))]

    def serve(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.first_own = os.dup(0)  # what the cells open is numbered from here on
        os.close(self.first_own)
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
        run, mend = self.run, self.guard.keep_judges if self.guard else bool  # as they are before any code ran
        while True:
            changed = mend()
            SET_BLOCKING(self.connection, True)  # a cell may have changed it, as everything that it has a descriptor of
            try:
                request = receive_packets(self.connection)
            except KeyboardInterrupt:  # an interrupt that came when its cell had just ended
                continue
            if request is None:
                return
            if "branch" in request and self.branch:
                self.branch(self)
                continue
            changed |= mend()
            reply = await run(request)
            if changed | mend():
                reply["remarks"].append(machinery.SHELL)
            SET_BLOCKING(self.connection, True)
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
        self.recorder.begin(trusted)
        shell.execution_count = count + trusted
        result, raised = await (self.run_test(code) if trusted else self.run_cell(code))
        seconds = time.process_time() - started
        for descriptor, name in self.descriptors:
            self.recorder.stream(name, drain(descriptor))
        reply: dict[str, Any] = {"seconds": seconds, "count": count, "status": "ok"}
        if raised is not None or getattr(shell, "_last_traceback_during_displayhook", False):
            reply |= {"status": "error", "ename": type(raised).__name__, "evalue": text_of(raised)}
            reply |= {"traceback": [str(line) for line in shell._last_traceback or [text_of(raised)]]}
            reply |= {"line": error_line(raised, own_file(shell, code, count))}
        with suppress(Exception):
            shell.payload_manager.clear_payload()
        reply["messages"] = self.recorder.take()
        reply["overflow"] = self.recorder.overflow
        reply["wants_kernel"] = type(shell.kernel).wanted if shell.kernel is not None else False
        if trusted:
            forget(shell, result, own_file(shell, code, count))
        reply["remarks"] = self.guard.after() if self.guard else []
        return reply

    async def run_cell(self, code: str) -> tuple[Any, BaseException | None]:
        result = await run_like_a_kernel(self.shell, code, keep=True)
        return result, error_of(result)

    async def run_test(self, code: str) -> tuple[Any, BaseException | None]:
        """A test is not noted where the code it tests could read it, and has passed when its last line is reached."""
        logger, verdict = self.shell.logger, Verdict(self.shell)
        logs, logger.log_active = logger.log_active, False  # %logstart
        result = await run_like_a_kernel(self.shell, code, keep=False)
        logger.log_active = logs
        reached, value = verdict.take()
        raised = error_of(result)
        if raised is None:
            raised = self.show(value) if reached else RuntimeError(NOT_REACHED)
        return result, raised

    def show(self, value: Any) -> BaseException | None:
        """A test's last value, as a kernel shows it; what goes wrong with that is the test's error."""
        if value is None:
            return None
        if self.guard:
            self.guard.put_back()
            self.guard.look_at(value)
        try:
            with self.shell.builtin_trap:
                self.shell.displayhook(value)
        except BaseException as error:
            self.shell.showtraceback()
            return error
        return None


async def run_like_a_kernel(shell: Any, code: str, *, keep: bool) -> Any:
    """What ipykernel's do_execute does: async cells in the running loop, all others by the shell itself."""
    shell.asked = None
    try:
        transformed, failed = shell.transform_cell(code), None
    except Exception:
        transformed, failed = code, sys.exc_info()
    if not keep:
        stand_in(shell, transformed)
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


def error_of(result: Any) -> BaseException | None:
    found: BaseException | None = result and (result.error_before_exec or result.error_in_exec)
    return found


def stand_in(shell: Any, source: str) -> None:
    """What In holds for a test, since the code it tests could read it there: only what IPython itself looks for.

    A `;` at a cell's end silences its result, and IPython asks the last entry of the history for it.
    """
    silent = False
    with suppress(Exception):  # a test that cannot be read shows no result
        silent = bool(DisplayHook.semicolon_at_end_of_expression(source))
    shell.history_manager.input_hist_parsed.append(";" if silent else "")
    shell.history_manager.input_hist_raw.append("")


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
