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
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from operator import is_
from types import FrameType, MappingProxyType
from typing import Any

from running import machinery
from running.dict_version import Versions
from running.machinery import MISSING, SHELL, Printers

#: Names of builtins that IPython itself sets while it runs.
OWN_BUILTINS = frozenset({"_", "__", "___", "get_ipython", "display", "__IPYTHON__", "quit", "exit"})
#: Audit events that matter when a pupil's own code causes them.
WATCHED = MappingProxyType(
    {
        "sys._getframe": "翻看调用栈",
        "sys._current_frames": "翻看调用栈",
        "object.__getattr__": "翻看调用栈",
        "gc.get_objects": "翻看内存",
        "gc.get_referrers": "翻看内存",
        "gc.get_referents": "翻看内存",
        "object.__setattr__": SHELL,
        "sys.settrace": "设了跟踪函数",
        "sys.setprofile": "设了跟踪函数",
        "sys.addaudithook": "装了监听",
        "ctypes.dlopen": "直接动内存",
        "ctypes.dlsym": "直接动内存",
        "ctypes.cdata": "直接动内存",
        "ctypes.string_at": "直接动内存",
    }
)
TESTS_USE = ("numpy", "numpy.testing", "kits.judge")  # where they are imported
CODE_ATTRIBUTES = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
OWN_CODE = ("IPython", "ipykernel", "jupyter_client", "kits.judge", "running", "traitlets", "json", "nbgrader")
FRAME_ATTRIBUTES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_back"})
LIBRARIES_TO_LOOK_THROUGH = ("inspect.py", "contextlib.py")
BUILTINS = vars(builtins)
_all, _map = all, map  # as they were before any pupil's code
COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")


class Guard:
    """One a warm parent, made when the shell is ready; each fork has its own copy."""

    def __init__(self, shell: Any, modules: Iterable[str] = (), imported: Any = sys.modules) -> None:
        """`modules` are those that the reference imports: what tests may rely on; `imported` has them."""
        self.shell, self.imported = shell, imported
        machinery.imported = imported
        self.modules = ["math", "operator", "json", "os", "socket", "random", "statistics", *modules]
        self.remarks: list[str] = []
        self.allowed: set[str] = set()  # what the reference itself does
        self.folder = ""  # of the hand-in, as its code sees it; in the parent there is none
        self.trusted_files: set[str] = set()
        self.known_files: set[str] = set()
        self.is_trusted = False
        self.looking = False
        self.picture = [(name, keep, dict(current(keep))) for name, keep in self.places()]
        self.versions = Versions(keep.found if isinstance(keep, Chosen) else keep for _, keep, _ in self.picture)
        formatter = shell.display_formatter
        texts = formatter.ipython_display_formatter, formatter.mimebundle_formatter, formatter.formatters["text/plain"]
        self.machinery: list[Any] = [
            machinery.Attributes(machinery.objects(shell)),
            *map(Printers, texts),
            machinery.Hooks(shell.displayhook),
        ]
        self.keep_judges = machinery.keeper()
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

    def look_at(self, value: Any) -> None:
        """A test's last value: a pupil's own kind of object says of itself what it likes."""
        if type(value).__module__ == "__main__":
            self.remarks.append("检查的结果是他自己的一种东西")

    # ---- places ----

    def places(self) -> Iterator[tuple[str, Any]]:
        """(what it is, where its values stand): everything between a test's verdict and the runner."""
        shell = self.shell
        yield "改了内置函数", BUILTINS
        for module in (math, operator, json, os, *map(self.imported.get, TESTS_USE)):
            if module:
                yield f"改了 {module.__name__}", vars(module)
        yield "改了 socket", Chosen(vars(socket), ["socket"])  # not its hundreds of numbers
        yield "改了 json", Chosen(json.JSONEncoder, ["encode", "iterencode"])  # others may extend them by `default`
        yield "改了 json", Chosen(json.JSONDecoder, ["decode", "raw_decode"])
        # Not all of sys.modules: a fork copies every page that is looked at.
        yield "换了模块", Chosen(self.imported, [name for name in self.modules if self.imported.get(name)])
        yield "换了模块", Submodules(self.imported, self.modules)
        yield "改了内置函数", Chosen(shell.user_ns, ["__builtins__", "__builtin__"])
        yield "换了输出", Chosen(vars(sys), ["stdout", "stderr", "displayhook"])
        yield SHELL, Chosen(vars(tokenize), ["generate_tokens"])  # by which IPython finds a `;`
        for module in machinery.modules(shell):
            yield SHELL, vars(module)
        for kind in machinery.classes(shell):
            yield SHELL, kind
        for table in (shell.display_formatter.formatters, shell.events.callbacks):
            yield SHELL, table
        yield SHELL, Hooks(shell)
        for name in ("pre_execute", "post_execute", "pre_run_cell", "post_run_cell"):
            yield "挂了回调", OwnItems(shell.events.callbacks[name])
        rules = shell.input_transformer_manager
        for items in (shell.ast_transformers, shell.input_transformers_cleanup, shell.input_transformers_post):
            yield "改写了代码", OwnItems(items)
        for items in (rules.cleanup_transforms, rules.line_transforms, rules.token_transformers):
            yield "改写了代码", OwnItems(items)

    def put_back(self) -> None:
        """Undo what changed. Values are compared by identity: a pupil's object may say it equals anything."""
        for at, number in self.versions.new():
            name, place, before = self.picture[at]
            if name in self.allowed and name != SHELL:
                continue
            if isinstance(place, OwnItems):
                if place.drop_others(self.shell.compile._filename_map):
                    self.remarks.append(name)
                continue
            now = current(place)
            # Nearly always, and quickly: as many values, in the same order.
            is_same = len(now) == len(before) and _all(_map(is_, now.values(), before.values()))
            if is_same or not self.put_back_all(name, place, before, now):
                self.versions.seen[at] = number  # of before the comparison: a thread may have written since
        for place in self.machinery:
            for value in place.put_back():
                self.note(SHELL, value)

    def put_back_all(self, name: str, place: Any, before: dict[Any, Any], now: Mapping[Any, Any]) -> bool:
        """One place in which something changed: also what hides a name of a base or a builtin. Whether it had to."""
        own = OWN_BUILTINS if place is BUILTINS else frozenset()
        other = [(key, value) for key, value in before.items() if now.get(key, MISSING) is not value and key not in own]
        other += [(key, MISSING) for key in now if key not in before and hides(place, key)]
        for key, value in other:
            self.note(name, now.get(key, MISSING))
            restore(place, key, value)
        return bool(other)

    def note(self, name: str, value: Any) -> None:
        """What stood there: of the shell, what a library put there or what merely looks different is no remark."""
        is_common = isinstance(value, str | float | int | None) or machinery.is_librarys(
            value, self.shell.compile._filename_map
        )
        if name != SHELL or not is_common:
            self.remarks.append(name)

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
        if event == "object.__setattr__":
            self.on_new_code(args)
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

    def on_new_code(self, args: tuple[Any, ...]) -> None:
        """A function given other code or other defaults: of the machinery, nobody may."""
        home = str(getattr(args[0], "__module__", "")) if len(args) > 1 and args[1] in CODE_ATTRIBUTES else ""
        if home.startswith(OWN_CODE):
            self.remarks.append(SHELL)
            raise PermissionError("这里的程序不能改")

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
        found = machinery.names_of(self.found)
        return {key: found.get(key, MISSING) for key in self.keys}

    def write(self, key: Any, value: Any) -> None:
        if isinstance(self.found, type):
            delattr(self.found, key) if value is MISSING else setattr(self.found, key, value)
        elif value is MISSING:
            self.found.pop(key, None)
        else:
            self.found[key] = value


class Submodules:
    """Modules as their packages name them; a name that has not come yet, or has gone, is as it should be."""

    def __init__(self, imported: Any, names: Iterable[str]) -> None:
        self.named = {}
        for name in names:
            package, _, own = name.rpartition(".")
            if package and (module := imported.get(name)) and (around := imported.get(package)):
                self.named[name] = (vars(around), own, module)

    def read(self) -> dict[str, Any]:
        return {name: around.get(own, module) for name, (around, own, module) in self.named.items()}

    def write(self, key: str, value: Any) -> None:
        around, own, module = self.named[key]
        around[own] = module


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
    """A list in which the shell keeps callables: a library's may come, all others go."""

    def __init__(self, items: list[Any]) -> None:
        self.items, self.before = items, list(items)

    def drop_others(self, files: Iterable[str]) -> bool:
        if len(self.items) == len(self.before) and _all(_map(is_, self.items, self.before)):
            return False
        count = len(self.items)
        known = {id(one) for one in self.before}
        self.items[:] = [one for one in self.items if id(one) in known or machinery.is_librarys(one, files)]
        return len(self.items) < count


def current(place: Any) -> Mapping[Any, Any]:
    """What stands there now: of a module or a class the living names themselves, since a copy of all costs more."""
    if isinstance(place, OwnItems):
        return {}
    if isinstance(place, Hooks | Chosen | Submodules):
        return place.read()
    return machinery.names_of(place)


def hides(place: Any, key: Any) -> bool:
    """Whether a new name stands before one of a base, or in a module before a builtin."""
    if isinstance(place, type):
        return any(key in vars(base) for base in place.__mro__[1:])
    return isinstance(place, dict) and place is not BUILTINS and key in BUILTINS and key not in OWN_BUILTINS


def restore(place: Any, key: Any, value: Any) -> None:
    with suppress(Exception):
        if isinstance(place, Hooks | Chosen | Submodules):
            place.write(key, value)
        elif isinstance(place, type):
            delattr(place, key) if value is MISSING else setattr(place, key, value)
        elif value is MISSING:
            del place[key]
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
