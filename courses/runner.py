"""Runs the cells of a notebook in a process forked from one that has already imported their modules.

It knows nothing about marks. The fork comes from the standard library's forkserver; the shell in the child is
IPython's own, so magics, rich output, inline figures and tracebacks are the real ones. Each run sees a fresh copy of
its files and a fresh interpreter state: nothing travels between runs.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: What most lessons import. The parent has it before the first fork; a job's own imports come on top.
WARM = (
    "courses.runner", "IPython.core.interactiveshell", "matplotlib_inline.backend_inline", "matplotlib.pyplot", "numpy",
    "kits.answers", "kits.datasets", "kits.plots", "kits.startup", "kits.widgets.choice", "kits.widgets.number",
    "sklearn.datasets", "sklearn.neighbors", "sklearn.tree", "sklearn.model_selection",
)  # fmt: skip

_SERVER = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class CellError:
    """An exception that left a cell: its name, its text, and the line of the cell (from 1) where it passed."""

    ename: str
    evalue: str
    line: int


@dataclass(frozen=True)
class CellRun:
    """One executed cell: outputs in nbformat's shape, seconds of processor time, and the error if it ended in one.

    Processor time, because a lesson's "ten seconds on one core" must not depend on who else uses the machine.
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    error: CellError | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CellRun:
        return cls(data["outputs"], data["seconds"], CellError(**data["error"]) if data["error"] else None)


@dataclass(frozen=True)
class Job:
    """Code cells to run one after another in a folder called `name`, holding copies of `files`.

    `timeout` is the wall time in seconds a single cell may take; a cell that errs does not stop the next.
    """

    key: str
    cells: tuple[str, ...]
    name: str
    files: tuple[tuple[str, Path], ...] = ()
    timeout: float = 60.0


class CellTimeout(Exception):
    """A cell ran longer than its job allows."""


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


def run_jobs(jobs: Sequence[Job], *, workers: int | None = None) -> Iterator[tuple[Job, list[CellRun]]]:
    """Run all jobs, some at a time, and yield each with its cells' runs as it ends.

    The first call in a process decides what the parent has imported; modules that later jobs name are imported by
    their own child, which is slower and gives the same result.
    """
    jobs = list(jobs)
    if not jobs:
        return
    # Jobs run side by side, one core each: numeric libraries' own threads would only get in each other's way.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    wanted = modules_of(cell for job in jobs for cell in job.cells)
    _SERVER.set_forkserver_preload([*WARM, *wanted])
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        futures = {pool.submit(run_job, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def run_job(job: Job) -> list[CellRun]:
    """Run one job in a fork of the warm parent and wait for it. A child that dies leaves an error in its next cell."""
    with tempfile.TemporaryDirectory(prefix="haike-run-") as scratch:
        folder = Path(scratch) / job.name
        folder.mkdir()
        for name, path in job.files:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        ours, theirs = _SERVER.Pipe(duplex=False)
        child = _SERVER.Process(target=_child, args=(theirs, job.cells, str(folder), job.timeout), daemon=True)
        child.start()
        theirs.close()
        runs: list[CellRun] = []
        try:
            while len(runs) < len(job.cells):
                # A little more than the cell's own alarm: code that swallows the alarm is killed.
                if not ours.poll(job.timeout + 20):
                    raise CellTimeout
                runs.append(ours.recv())
        except (EOFError, CellTimeout) as error:
            stopped = isinstance(error, CellTimeout)
            text = "这一格运行太久，被停下了" if stopped else "运行这一格的程序中途退出了"
            dead = CellError("CellTimeout" if stopped else "DeadKernel", text, 1)
            output = {"output_type": "error", "ename": dead.ename, "evalue": text, "traceback": [text]}
            runs += [CellRun([output], job.timeout, dead)] * (len(job.cells) - len(runs))
        finally:
            child.kill()
            child.join()
            ours.close()
        return runs


class _Recorder:
    """Collects what one cell shows, in nbformat's shape and in order; neighbouring writes to a stream are joined."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.count = 0

    def stream(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any] | None) -> None:
        output: dict[str, Any] = {"output_type": kind, "data": _jsonable(data), "metadata": metadata or {}}
        if kind == "execute_result":
            output["execution_count"] = self.count
        self.outputs.append(output)

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        self.outputs.append({"output_type": "error", "ename": ename, "evalue": evalue, "traceback": list(traceback)})


def _jsonable(data: dict[str, Any]) -> dict[str, Any]:
    """Figures come as bytes where no kernel encodes them."""
    from base64 import b64encode

    return {key: b64encode(value).decode() if isinstance(value, bytes) else value for key, value in data.items()}


def _child(connection: Connection, cells: tuple[str, ...], folder: str, timeout: float) -> None:
    """In the fork: run each cell in IPython's shell and send its run as soon as it ends."""
    try:
        _run_cells(connection, cells, folder, timeout)
        code = 0
    except BaseException:  # a fault of the runner itself, not of a cell: to the operator's stderr
        import traceback

        traceback.print_exc(file=sys.__stderr__)
        code = 1
    # Not through the interpreter's own exit: threads and atexit hooks of libraries would only cost time.
    os._exit(code)


def _run_cells(connection: Connection, cells: tuple[str, ...], folder: str, timeout: float) -> None:
    os.chdir(folder)
    os.environ["HAIKE_LESSON"] = Path(folder).name
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    recorder = _Recorder()
    shell = _shell(recorder)
    signal.signal(signal.SIGALRM, _on_alarm)
    for number, source in enumerate(cells, 1):
        recorder.outputs, recorder.count = [], number
        start = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, timeout)
        error = _run_cell(shell, source)
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send(CellRun(recorder.outputs, time.process_time() - start, error))
    connection.close()


def _on_alarm(*_: object) -> None:
    raise CellTimeout("这一格运行太久，被停下了")


def _run_cell(shell: Any, source: str) -> CellError | None:
    names_before = set(shell.compile._filename_map)
    result = shell.run_cell(source, store_history=True)
    raised = result.error_before_exec or result.error_in_exec
    if raised is None:
        return None
    own = set(shell.compile._filename_map) - names_before
    line = getattr(raised, "lineno", None) or 1 if isinstance(raised, SyntaxError) else 1
    trace = raised.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename in own:
            line = trace.tb_lineno
        trace = trace.tb_next
    return CellError(type(raised).__name__, str(raised), int(line))


def _shell(recorder: _Recorder) -> Any:
    """IPython's own shell, its displays going to the recorder and its history to nowhere."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *, transient=None, update=False, **_):  # type: ignore[no-untyped-def, override]
            recorder.rich("display_data", data, metadata)

        def clear_output(self, wait=False):  # type: ignore[no-untyped-def]
            recorder.outputs.clear()

    class Hook(DisplayHook):
        def start_displayhook(self):  # type: ignore[no-untyped-def]
            pass

        def write_output_prompt(self):  # type: ignore[no-untyped-def]
            pass

        def write_format_data(self, format_dict, md_dict=None):  # type: ignore[no-untyped-def]
            recorder.rich("execute_result", format_dict, md_dict)

        def finish_displayhook(self):  # type: ignore[no-untyped-def]
            pass

    class Shell(InteractiveShell):
        display_pub_class = Publisher
        displayhook_class = Hook

        def _showtraceback(self, etype, evalue, stb):  # type: ignore[no-untyped-def]
            recorder.error(etype.__name__, str(evalue), stb)

        def enable_gui(self, gui=None):  # type: ignore[no-untyped-def]
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    Shell.clear_instance()
    shell = Shell.instance(config=config)
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115  a cell that asks for input gets an end of file, as under nbclient
    sys.stdout = _Stream(recorder, "stdout")  # type: ignore[assignment]
    sys.stderr = _Stream(recorder, "stderr")  # type: ignore[assignment]
    shell.enable_matplotlib("inline")
    shell.run_line_magic("load_ext", "kits.startup")
    return shell


class _Stream:
    """A text stream that writes into the recorder."""

    encoding = "utf-8"
    errors = "strict"
    closed = False

    def __init__(self, recorder: _Recorder, name: str) -> None:
        self.recorder, self.name = recorder, name

    def write(self, text: str) -> int:
        self.recorder.stream(self.name, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False
