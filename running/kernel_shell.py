"""ipykernel's own shell without sockets: what a cell shows is recorded as the kernel's messages.

The shell, its display hook, magics, tracebacks and completed configuration are ipykernel's and IPython's; only the
session behind them is ours, so that outputs, comms and errors are the ones a kernel would have sent.
"""

from __future__ import annotations

import builtins
import fnmatch
import getpass
import io
import pickle
import sys
from base64 import b64encode
from typing import Any

import comm
from comm.base_comm import BaseComm
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import json_clean
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.application import BaseIPythonApplication
from IPython.core.error import StdinNotImplementedError
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.session import Session

MESSAGE_ID = "cell"  # of every request: a run answers one at a time
SHOWN = ("display_data", "execute_result", "error")  # each is an output of its own
MOST_SHOWN = 1000  # outputs of one cell; nbgrader keeps as many lines of what is printed
RESULT_BYTES, MOST_RESULTS = 1 << 16, 10  # of a value or an error at the end of a cell that showed too much
TOO_MUCH = "\n……输出太多，后面的没有保留。\n"


class Recorder:
    """The messages of one cell, in order; neighbouring writes to a stream are one message, as a kernel flushes them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit  # bytes of all outputs of a run; each test has as many of its own
        self.used = 0
        self.messages: list[dict[str, Any]] = []
        self.begin()

    def begin(self, trusted: bool = False) -> None:
        """A cell begins: what it may show does not depend on what others showed, if it is a test."""
        self.trusted, self.room = trusted, self.limit if trusted else self.limit - self.used
        self.shown, self.results, self.overflow = 0, 0, False

    def add(self, kind: str, content: dict[str, Any], buffers: list[Any] | None = None) -> None:
        message: dict[str, Any] = {"type": kind, "content": content}
        if buffers:
            message["buffers"] = [b64encode(bytes(buffer)).decode() for buffer in buffers]
        size = len(str(content)) + sum(map(len, message.get("buffers", ())))
        self.shown = 0 if kind == "clear_output" else self.shown + (kind in SHOWN)
        if self._fits(size) or self._counts(kind, size):
            self.messages.append(message)

    def stream(self, name: str, text: str) -> None:
        if not text or self.overflow:
            return
        last = self.messages[-1] if self.messages else None
        follows = last and last["type"] == "stream" and last["content"]["name"] == name and "parts" in last
        self.shown += not follows
        if not self._fits(len(text)):
            return
        if last and follows:
            last["parts"].append(text)
        else:
            self.messages.append({"type": "stream", "content": {"name": name}, "parts": [text]})

    def take(self) -> list[dict[str, Any]]:
        """The messages since the last call."""
        taken, self.messages = self.messages, []
        for message in taken:
            if "parts" in message:
                message["content"]["text"] = "".join(message.pop("parts"))
        return taken

    def _fits(self, size: int) -> bool:
        if self.overflow:
            return False
        if size > self.room or self.shown > MOST_SHOWN:
            self.overflow = True
            self.messages.append({"type": "stream", "content": {"name": "stdout", "text": TOO_MUCH}})
            return False
        self.room -= size
        self.used += 0 if self.trusted else size
        return True

    def _counts(self, kind: str, size: int) -> bool:
        """How a cell ended is kept whatever it showed before: its last value is a test's score."""
        self.results += kind in ("execute_result", "error")
        return kind in ("execute_result", "error") and size <= RESULT_BYTES and self.results <= MOST_RESULTS


class RecordingSession(Session):
    """Stands where a kernel's session would send messages over a socket."""

    recorder: Recorder

    def msg(self, msg_type: str, content: dict[str, Any] | None = None, *_: Any, **__: Any) -> dict[str, Any]:  # type: ignore[override]
        return {"msg_type": msg_type, "header": {"msg_type": msg_type}, "content": content or {}, "metadata": {}}

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:  # type: ignore[override]
        if isinstance(msg_or_type, dict):
            self.recorder.add(msg_or_type["msg_type"], msg_or_type["content"])
        else:
            self.recorder.add(msg_or_type, content or {})


class RecordedComm(BaseComm):
    """A comm with nobody listening: its messages are recorded for the widgets' state, no answer ever comes."""

    recorder: Recorder

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):  # type: ignore[no-untyped-def, override]
        content = json_clean({"data": data or {}, "comm_id": self.comm_id, **keys})
        self.recorder.add(msg_type, content, buffers)


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of a run."""

    encoding = "UTF-8"  # type: ignore[assignment]

    def __init__(self, recorder: Recorder, name: str, descriptor: int) -> None:
        self.recorder, self.name, self.descriptor = recorder, name, descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self.recorder.stream(self.name, text)
        return len(text)

    def close(self) -> None:
        """A kernel's streams go on after code has closed them."""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.descriptor


class NoKernel:
    """Stands where ipykernel's kernel would be. Whoever asks it for more than this needs a real one."""

    eventloop = None
    wanted = False

    def get_parent(self, channel: str = "shell") -> dict[str, Any]:
        """The request that is being answered; Output widgets capture by its id."""
        return {"header": {"msg_id": MESSAGE_ID}}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name != "io_loop":
            NoKernel.wanted = True
        raise AttributeError(f"no kernel, so no {name}")


class Shell(ZMQInteractiveShell):
    """ipykernel's shell; a figure window or event loop has nobody to show it to."""

    #: A cell that is not async and what it was transformed to: a kernel finds that out, and run_cell would once more.
    asked: tuple[str, str] | None = None
    usual_transforms: tuple[Any, ...] = ()

    def remember(self, cell: str, transformed: str) -> None:
        """Spare run_cell the transformation, where only IPython's own rules take part in it.

        Code may have added a rule that prints; and for a single line IPython looks at the objects that it names.
        """
        if len(transformed.splitlines()) > 1 and self.transforms() == self.usual_transforms:
            self.asked = (cell, transformed)

    def transforms(self) -> tuple[Any, ...]:
        return (*self.input_transformers_cleanup, *self.input_transformers_post)

    def transform_cell(self, raw_cell: str) -> Any:
        return self.asked[1] if self.asked and self.asked[0] is raw_cell else super().transform_cell(raw_cell)

    def should_run_async(self, raw_cell: str, **found: Any) -> bool:  # type: ignore[override]
        asked, self.asked = self.asked, None
        return False if asked and asked[0] is raw_cell else super().should_run_async(raw_cell, **found)

    def init_profile_dir(self, profile_dir: Any) -> None:
        super().init_profile_dir(profile_dir)
        self.db = Kept()  # what %cd, %bookmark, %store and %alias note down

    def enable_gui(self, gui: Any = None) -> None:
        pass


class Kept(dict[str, Any]):
    """IPython's small database, a folder of the profile that all kernels share, in memory: each run's own."""

    def __setitem__(self, key: str, value: Any) -> None:
        pickle.dumps(value, protocol=2)  # what a file cannot hold is an error here as well
        super().__setitem__(key, value)

    def keys(self, pattern: str = "*") -> list[str]:  # type: ignore[override]
        return [key for key in self if fnmatch.fnmatchcase(key, pattern)]


class ShellApp(BaseIPythonApplication, InteractiveShellApp):
    """Configures the shell exactly as a kernel does: profile, extensions, start-up files."""

    name = "ipython-kernel"  # so that ipython_kernel_config.py is read as well

    def initialize(self, argv: Any = None) -> None:
        super().initialize(argv)
        self.init_path()
        self.init_shell()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()

    def init_crash_handler(self) -> None:
        pass

    def init_shell(self) -> None:
        own = {"compiler_class": XCachingCompiler, "kernel": NoKernel()}
        shell = Shell.instance(parent=self, profile_dir=self.profile_dir, **own)
        shell.configurables.append(self)  # type: ignore[arg-type]
        self.shell = shell


def make_shell(recorder: Recorder, extensions: tuple[str, ...] = ()) -> Shell:
    """One configured shell whose displays, streams and comms go to the recorder."""
    session = RecordingSession()
    session.recorder = recorder
    RecordedComm.recorder = recorder
    comm.create_comm = RecordedComm
    app = ShellApp()
    app.config.HistoryManager.enabled = False  # its thread would not live through a fork
    app.config.InteractiveShellApp.extensions = list(extensions)
    app.initialize([])
    shell: Any = app.shell
    shell.usual_transforms = shell.transforms()
    shell.display_pub.session = shell.displayhook.session = session
    # A kernel under nbclient has no front end to ask.
    builtins.input = getpass.getpass = no_input  # type: ignore[assignment]
    sys.stdout = Stream(recorder, "stdout", 1)  # type: ignore[assignment]
    sys.stderr = Stream(recorder, "stderr", 2)  # type: ignore[assignment]
    return shell


def no_input(prompt: str = "", *_: Any, **__: Any) -> str:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")
