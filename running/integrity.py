"""What a submission does to the judge's tools, noticed in the child that runs it and undone before each test.

Tests and answers share one process, so code can patch what the tests rely on or look for their source. The guard keeps
a picture of those places as they were before any cell ran; before a test cell it puts back what changed and says so.
Looking around is told by the interpreter's own audit events, which code cannot switch off again. What it cannot do is
prove that nothing happened: see the book's page 评分引擎.
"""

from __future__ import annotations

import builtins
import json
import math
import operator
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from operator import is_
from types import FrameType
from typing import Any

#: Names of builtins that IPython itself sets while it runs.
OWN_BUILTINS = {"_", "__", "___", "get_ipython", "display", "__IPYTHON__", "quit", "exit"}
#: Audit events that matter when a pupil's own code causes them.
WATCHED = {
    "sys._getframe": "翻看调用栈",
    "sys._current_frames": "翻看调用栈",
    "object.__getattr__": "翻看调用栈",
    "gc.get_objects": "翻看内存",
    "gc.get_referrers": "翻看内存",
    "gc.get_referents": "翻看内存",
    "sys.settrace": "设了跟踪函数",
    "sys.setprofile": "设了跟踪函数",
    "sys.addaudithook": "装了监听",
    "ctypes.dlopen": "直接动内存",
    "ctypes.dlsym": "直接动内存",
    "ctypes.cdata": "直接动内存",
    "ctypes.string_at": "直接动内存",
}
FRAME_ATTRIBUTES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_back"}
LIBRARIES_TO_LOOK_THROUGH = ("inspect.py", "contextlib.py")
NUMBERS = (int, float, bool, complex, str)
MISSING = object()
_all, _map = all, map  # as they were before any pupil's code
COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")


class Guard:
    """One a warm parent, made when the shell is ready; each fork has its own copy."""

    def __init__(self, shell: Any, modules: Iterable[str] = ()) -> None:
        """`modules` are those that the reference imports: what tests may rely on."""
        self.shell = shell
        self.modules = ["math", "operator", "json", "os", "socket", "random", "statistics", *modules]
        self.remarks: list[str] = []
        self.allowed: set[str] = set()  # what the reference itself does
        self.folder = ""  # of the hand-in, as its code sees it; in the parent there is none
        self.trusted_files: set[str] = set()
        self.known_files: set[str] = set()
        self.is_trusted = False
        self.looking = False
        self.picture = [(name, keep, dict(current(keep))) for name, keep in self.places()]
        sys.addaudithook(self.on_event)

    def before(self, trusted: bool) -> None:
        """Before a cell. `trusted` cells are the teacher's tests: they find everything as it was."""
        self.is_trusted = trusted
        self.known_files = set(self.shell.compile._filename_map)
        if trusted:
            self.put_back()
            self.silence_yes_sayers()

    def after(self) -> list[str]:
        """After a cell: the remarks it gave rise to."""
        if self.is_trusted:
            self.trusted_files |= set(self.shell.compile._filename_map) - self.known_files
            self.put_back()  # a pupil's function may have waited for the test
        remarks, self.remarks = [one for one in self.remarks if one not in self.allowed], []
        return list(dict.fromkeys(remarks))

    # ---- places ----

    def places(self) -> Iterator[tuple[str, Any]]:
        """(what it is, where its values stand): everything between a test's verdict and the runner."""
        from running import cells, kernel_shell, packets, warm_parent

        shell = self.shell
        yield "改了内置函数", vars(builtins)
        for module in (math, operator, json, os, sys.modules.get("numpy"), sys.modules.get("numpy.testing")):
            if module:
                yield f"改了 {module.__name__}", vars(module)
        yield "改了 socket", Chosen(vars(socket), ["socket"])  # not its hundreds of numbers
        yield "改了 json", Chosen(json.JSONEncoder, ["encode", "iterencode"])  # others may extend them by `default`
        yield "改了 json", Chosen(json.JSONDecoder, ["decode", "raw_decode"])
        # Not all of sys.modules: a fork copies every page that is looked at.
        yield "换了模块", Chosen(sys.modules, [name for name in self.modules if name in sys.modules])
        yield "改了显示方式", Chosen(shell.display_formatter.formatters["text/plain"].type_printers, NUMBERS)
        yield "改了内置函数", Chosen(shell.user_ns, ["__builtins__", "__builtin__"])
        kinds = [type(one) for one in (shell.displayhook, shell.display_pub, shell.events)]
        kinds += [one for one in type(shell).__mro__ if one.__module__.startswith(("IPython", "ipykernel", "running"))]
        kinds += [kernel_shell.Recorder, kernel_shell.RecordingSession, kernel_shell.Stream, cells.Cells]
        for kind in kinds:
            yield "改了运行环境", kind
        for module in (cells, kernel_shell, packets, warm_parent):
            yield "改了运行环境", vars(module)
        yield "改了运行环境", Hooks(shell)
        for name in ("pre_execute", "post_execute", "pre_run_cell", "post_run_cell"):
            yield "挂了回调", OwnItems(shell.events.callbacks[name])
        yield "改写了代码", OwnItems(shell.ast_transformers)
        yield "改写了代码", OwnItems(shell.input_transformers_cleanup)
        yield "改写了代码", OwnItems(shell.input_transformers_post)

    def put_back(self) -> None:
        """Undo what changed. Values are compared by identity: a pupil's object may say it equals anything."""
        for name, place, before in self.picture:
            if name in self.allowed:
                continue
            if isinstance(place, OwnItems):
                if place.drop_pupils():
                    self.remarks.append(name)
                continue
            now = current(place)
            # Nearly always, and quickly: the same keys in the same order, each with its value.
            names_stand = len(now) >= len(before) and _all(_map(is_, now, before))
            if names_stand and _all(_map(is_, now.values(), before.values())):
                continue
            for key, value in before.items():
                if now.get(key, MISSING) is not value and not (place is vars(builtins) and key in OWN_BUILTINS):
                    self.remarks.append(name)
                    restore(place, key, value)

    def silence_yes_sayers(self) -> None:
        """A pupil's class that says it equals anything: its comparisons become those of its base."""
        for kind in {one if isinstance(one, type) else type(one) for one in list(self.shell.user_ns.values())}:
            if kind.__module__ != "__main__" or not says_yes(kind):
                continue
            self.remarks.append("“等于”总说是")
            for name in COMPARISONS:
                with suppress(Exception):
                    if name in vars(kind):
                        delattr(kind, name)

    # ---- events ----

    def on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in WATCHED or self.looking:
            return
        if event == "object.__getattr__" and (len(args) < 2 or args[1] not in FRAME_ATTRIBUTES):
            return
        self.looking = True
        try:
            if not self.is_pupils(sys._getframe(1)):
                return
            self.remarks.append(WATCHED[event])
        finally:
            self.looking = False
        if self.is_trusted and WATCHED[event] not in self.allowed:
            # While a test runs, the only thing to be found there is the test.
            raise PermissionError("评分的时候不能翻看正在运行的检查")

    def is_pupils(self, frame: FrameType | None) -> bool:
        """Whether the event comes from a pupil's cell or file, straight or through a library that looks for others."""
        for _ in range(6):
            if frame is None:
                return False
            file = frame.f_code.co_filename
            if file in self.shell.compile._filename_map:
                return file not in self.trusted_files and not (self.is_trusted and file not in self.known_files)
            is_beside = bool(self.folder) and file.startswith(f"{self.folder}/")
            if is_beside or not file.startswith(("/", "<frozen")) and file != "<string>":
                return True
            if not file.endswith(LIBRARIES_TO_LOOK_THROUGH) and file != "<string>":
                return False
            frame = frame.f_back
        return False


class Chosen:
    """Some keys of a dictionary or names of a class; one that is not there is MISSING."""

    def __init__(self, found: dict[Any, Any] | type, keys: Iterable[Any]) -> None:
        self.found, self.keys = found, list(keys)

    def read(self) -> dict[Any, Any]:
        found = vars(self.found) if isinstance(self.found, type) else self.found
        return {key: found.get(key, MISSING) for key in self.keys}

    def write(self, key: Any, value: Any) -> None:
        if isinstance(self.found, type):
            delattr(self.found, key) if value is MISSING else setattr(self.found, key, value)
        elif value is MISSING:
            self.found.pop(key, None)
        else:
            self.found[key] = value


class Hooks:
    """The few single values that matter, as a place with keys."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def read(self) -> dict[str, Any]:
        own = vars(self.shell)
        found = {"trace": sys.gettrace(), "profile": sys.getprofile(), "custom": self.shell.custom_exceptions or None}
        found |= {"displayhook": self.shell.displayhook, "display_pub": self.shell.display_pub}
        found |= {"trap": self.shell.display_trap.hook}
        return found | {name: own.get(name) for name in PATCHABLE}

    def write(self, key: str, value: Any) -> None:
        if key in ("trace", "profile"):
            (sys.settrace if key == "trace" else sys.setprofile)(value)
        elif key == "custom":
            self.shell.custom_exceptions = ()
        elif key == "trap":
            self.shell.display_trap.hook = value
        elif key in PATCHABLE:
            vars(self.shell).pop(key, None)
        else:
            setattr(self.shell, key, value)


PATCHABLE = (
    "run_cell", "run_cell_async", "run_code", "run_ast_nodes", "showtraceback", "_showtraceback", "showsyntaxerror",
    "transform_cell", "transform_ast", "should_run_async", "remember", "transforms",
)  # fmt: skip


class OwnItems:
    """A list in which the shell keeps callables: those a pupil's code made go, those of libraries may come."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def drop_pupils(self) -> bool:
        found = [one for one in self.items if made_by_pupil(one)]
        self.items[:] = [one for one in self.items if not made_by_pupil(one)]
        return bool(found)


def made_by_pupil(thing: Any) -> bool:
    kind = thing if isinstance(thing, type) else type(thing)
    module = getattr(thing, "__module__", None) or kind.__module__
    return module == "__main__" or kind.__module__ == "__main__"


def current(place: Any) -> Mapping[Any, Any]:
    """What stands there now: of a module or a class the living names themselves, since a copy of all costs more."""
    if isinstance(place, OwnItems):
        return {}
    if isinstance(place, Hooks | Chosen):
        return place.read()
    return vars(place) if isinstance(place, type) else place


def restore(place: Any, key: Any, value: Any) -> None:
    with suppress(Exception):
        if isinstance(place, Hooks | Chosen):
            place.write(key, value)
        elif isinstance(place, type):
            setattr(place, key, value)
        else:
            place[key] = value


def says_yes(kind: type) -> bool:
    """Whether instances claim to equal something they have never heard of."""
    own = vars(kind).get("__eq__")
    if own is None:
        return False
    with suppress(Exception):
        return own(kind.__new__(kind), object()) is True  # type: ignore[call-overload]
    return False
