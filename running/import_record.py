"""Who asked for whom: while a warm parent imports, it is written down what the execution of each module brought along.

One process imports for many notebooks, and each module is executed only once. From the record it can be told later what
importing one of them would have brought had nobody imported before: the modules, and the warning filters and variables
of the environment that they set. Not the warnings that they gave: behind walls those speak of the walls.
"""

from __future__ import annotations

import builtins
import os
import sys
import warnings
from _frozen_importlib_external import ExtensionFileLoader
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import _bootstrap
from types import ModuleType
from typing import Any

machinery: Any = _bootstrap
NOTHING = object()
Filter = tuple[Any, ...]


class ImportRecord:
    """Of one process, written from start to stop. What is executed inside no module is nobody's doing."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, None]] = {}  # module → what its execution asked for, loaded before or not
        self.stood: dict[str, Any] = {}  # submodule → what stood under its name in its package before it was loaded
        self.filters: list[tuple[str, Filter, bool]] = []  # module, filter, whether it goes to the end of the list
        self.variables: list[tuple[str, str, str]] = []  # module, variable of the environment, value
        self.running: list[str] = []  # modules that are being executed, the innermost last
        self.ended: dict[str, None] = {}  # in the order in which they were done, well or badly
        self.at_start = {name for name in sys.modules if not name.startswith("running")}
        self.seen = dict.fromkeys(sys.modules)
        self.filter_list = warnings.filters  # `with catch_warnings()` puts another one in its place

    def start(self) -> None:
        own: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
            (builtins, "__import__", self.around_statement),
            (machinery, "_gcd_import", self.around_call),
            (machinery, "_find_and_load_unlocked", self.around_loading),
            (machinery, "_lock_unlock_module", self.around_waiting),
            (type(os.environ), "__setitem__", self.around_setting),
            (type(os.environ), "setdefault", self.around_setting),
        )
        self.usual = [(place, name, getattr(place, name)) for place, name, _ in own]
        for (place, name, around), (_, _, usual) in zip(own, self.usual, strict=True):
            setattr(place, name, around(usual))
        self.last_filters = list(self.filter_list)
        self.seen |= dict.fromkeys(sys.modules)
        self.calls_back: list[Any] = []

    def stop(self) -> None:
        for place, name, usual in self.usual:
            setattr(place, name, usual)
        for spec in self.calls_back:
            spec._initializing = False

    def all_of(self, names: Iterable[str]) -> set[str]:
        """What importing these brings, the packages around them included."""
        found: set[str] = set()
        open_ones = list(names)
        while open_ones:
            name = open_ones.pop()
            if name not in found:
                found.add(name)
                open_ones += self.asked_by(name)
        return found

    def brought_by(self, bits: Mapping[str, int]) -> dict[str, int]:
        """For each name ever asked for, which of the modules in `bits` importing it brings, as bits of one number."""
        found: dict[str, int] = dict(bits)
        is_new = True
        while is_new:  # modules that ask for one another need another round
            is_new = False
            for name in self.ended:
                before = brought = found.get(name, 0)
                for one in self.asked_by(name):
                    brought |= found.get(one, 0)
                if brought != before:
                    found[name], is_new = brought, True
        return found

    def asked_by(self, name: str) -> list[str]:
        package = name.rpartition(".")[0]
        return [*self.asked.get(name, ()), *([package] if package else ())]

    # ---- imports ----

    def ask(self, name: str) -> None:
        if self.running:
            self.asked.setdefault(self.running[-1], {})[name] = None

    def around_statement(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        def __import__(name, globals=None, locals=None, fromlist=(), level=0):  # type: ignore[no-untyped-def]
            module = usual(name, globals, locals, fromlist, level)
            if self.running:
                self.ask(machinery._resolve_name(name, machinery._calc___package__(globals), level) if level else name)
                for item in fromlist or ():
                    self.ask_for_item(module, item)
            return module

        return __import__

    def around_call(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """importlib.import_module, and what the machinery itself imports."""

        def _gcd_import(name: str, package: str | None = None, level: int = 0) -> Any:
            module = usual(name, package, level)
            self.ask(machinery._resolve_name(name, package, level) if level else name)
            return module

        return _gcd_import

    def around_waiting(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """Compiled modules import past Python, but the machinery is told of any import of a module not yet ready.

        While the record is written no module is said to be ready.
        """

        def _lock_unlock_module(name: str) -> None:
            self.ask(name)
            if name in self.running:
                usual(name)

        return _lock_unlock_module

    def around_loading(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        def _find_and_load_unlocked(name: str, import_: Callable[[str], Any]) -> Any:
            self.look()
            self.ask(name)
            self.running.append(name)
            try:
                package, _, own = name.rpartition(".")
                if package and package not in sys.modules:
                    import_(package)
                self.stood.setdefault(name, vars_of(sys.modules.get(package)).get(own, NOTHING))
                module = usual(name, import_)
                if isinstance(getattr(module, "__loader__", None), ExtensionFileLoader):
                    self.ask_for_contents(name, module)
                with suppress(AttributeError):
                    module.__spec__._initializing = True
                    self.calls_back.append(module.__spec__)
                return module
            finally:
                self.look()
                self.running.pop()
                self.ended[name] = None

        return _find_and_load_unlocked

    def ask_for_item(self, module: Any, item: Any) -> None:
        """`from module import item`, where that may be a submodule, or `*` for all that the module offers."""
        if item == "*":
            for one in vars_of(module).get("__all__", ()):
                self.ask_for_item(module, one) if one != "*" else None
        else:
            name = f"{vars_of(module).get('__name__')}.{item}"
            if name in sys.modules and vars_of(module).get(item) is sys.modules[name]:
                self.ask(name)

    def ask_for_contents(self, name: str, module: Any) -> None:
        """What has come into a compiled module from another one was asked of it."""
        for value in list(vars_of(module).values()):
            homes = (value.__name__,) if isinstance(value, ModuleType) else (
                getattr(value, "__module__", None), type(value).__module__,
            )  # fmt: skip
            for home in homes:
                if isinstance(home, str) and home != name and home in sys.modules:
                    self.asked.setdefault(name, {})[home] = None

    # ---- what modules do around them ----

    def look(self) -> None:
        """Whatever is new since the last look was done by the module that is being executed."""
        now = self.running[-1] if self.running else ""
        for name in reversed(sys.modules):  # one that has been executed stands last
            if name in self.seen and name != now:
                break
            self.seen[name] = None
            if now and name != now:
                self.ask(name)  # put there by hand
        if warnings.filters is self.filter_list and self.filter_list != self.last_filters:
            if now:
                self.filters += [(now, *one) for one in new_filters(self.last_filters, self.filter_list)]
            self.last_filters = list(self.filter_list)

    def around_setting(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """os.environ, also where somebody else has set the same before."""

        def setting(environ: Any, key: str, value: str) -> Any:
            if self.running:
                self.variables.append((self.running[-1], key, value))
            return usual(environ, key, value)

        return setting


def new_filters(before: Sequence[Filter], now: Sequence[Filter]) -> Iterator[tuple[Filter, bool]]:
    """In the order in which they must be set again. A filter that is set twice moves; tuples are told by identity."""
    old = {id(one) for one in before}
    first_old = next((number for number, one in enumerate(now) if id(one) in old), len(now))
    for one in reversed(now[:first_old]):
        yield one, False
    for one in now[first_old:]:
        if id(one) not in old:
            yield one, True


def vars_of(thing: Any) -> dict[str, Any]:
    """The names in a module; code may have put anything in its place."""
    found = getattr(thing, "__dict__", None)
    return found if isinstance(found, dict) else {}


#: The interpreter's own record: it begins before anything else is imported.
RECORD = ImportRecord()
