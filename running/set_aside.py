"""What is warm is kept aside: a run finds in sys.modules what a fresh kernel has there, and imports the rest itself.

A warm parent has imported for all notebooks of a course and for its own work. `SetAside.put` takes out what no kernel
would have; when a run imports one of these modules, it comes back at once and with everything that importing it would
have brought, as import_record has seen it: modules in the order of loading, their names in their packages, warning
filters, environment variables. What the run's own circumstances would have made of the import decides: a file of the
same name beside the notebook, another module in its place, a finder of its own. Then Python imports as it always does.
"""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from running.import_record import NOTHING, ImportRecord, machinery, vars_of

#: What a kernel has imported before its first cell besides what its shell asks for. A test compares with a real one.
#: Not its debugger, which takes as long as ten hand-ins; but what that has brought, so far as it is Python's own.
KERNEL = (
    "IPython.core.debugger", "IPython.core.logger", "ipykernel.kernelapp",
    "encodings.ascii", "encodings.idna", "encodings.latin_1", "faulthandler", "psutil", "pwd", "resource", "runpy",
    "tornado.gen", "tornado.locks", "tornado.platform.asyncio", "tornado.queues", "xmlrpc.server",
)  # fmt: skip

WITH_HISTORY = ("sqlite3",)  # Haike's own kernels keep none


class SetAside:
    """One a process; a fork has its own copy. `modules` are those that no kernel has, `back` which of them have come.

    To the guard it is the mapping of what can be imported.
    """

    def __init__(self, record: ImportRecord, kernels_own: Iterable[str]) -> None:
        """`kernels_own` are the modules that stay; filters and variables are those of this moment."""
        self.record, self.kernels_own = record, set(kernels_own)
        self.filters, self.variables = list(warnings.filters), dict(os.environ)
        self.modules: dict[str, Any] = {}
        self.back: set[str] = set()
        self.taken: dict[str, tuple[Any, str]] = {}  # submodule → its package, which does not name it now, and its name
        self.brought_by: dict[str, int] = {}
        self.homes: dict[str, str] = {}  # module → the entry of sys.path where it was found
        self.is_run = False
        self.usual: Callable[..., Any] | None = None

    def around_loading(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """Asked for a module that is not in sys.modules, by whoever holds the lock of its name."""

        def _find_and_load_unlocked(name: str, import_: Callable[[str], Any]) -> Any:
            if name in self.modules and name not in self.back and self.bring(name):
                return sys.modules[name]
            return usual(name, import_)

        # Where an import fails, Python leaves its own machinery out of the traceback: by the name of its file.
        code = _find_and_load_unlocked.__code__
        _find_and_load_unlocked.__code__ = code.replace(co_filename=machinery._find_and_load.__code__.co_filename)
        return _find_and_load_unlocked

    def get(self, name: str, default: Any = None) -> Any:
        """What importing it would find."""
        found = sys.modules.get(name, NOTHING)
        if found is NOTHING and name not in self.back:
            found = self.modules.get(name, NOTHING)
        return default if found is NOTHING else found

    def __setitem__(self, name: str, module: Any) -> None:
        """See to it that importing it finds this module, which was imported here."""
        if name in self.modules and name not in self.back:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module

    def pop(self, name: str, default: Any = None) -> Any:
        return sys.modules.pop(name, default)

    # ---- in the parent ----

    @contextmanager
    def warming(self) -> Iterator[None]:
        """For as long as more is imported everything stands where it was imported."""
        sys.modules.update(self.modules)
        self.back = set(self.modules)
        for name, (package, own) in self.taken.items():
            setattr(package, own, self.modules[name])
        for _, key, value in self.record.variables:
            os.environ[key] = value
        self.record.start()
        try:
            yield
        finally:
            self.record.stop()
            self.put()

    def put(self) -> None:
        """Leave what a fresh kernel has, and nothing of what all that has been imported set or said."""
        self.modules = {name: module for name, module in sys.modules.items() if name not in self.kernels_own}
        self.back = set()
        for name in self.modules:
            del sys.modules[name]
        self.brought_by = self.record.brought_by({name: 1 << number for number, name in enumerate(self.modules)})
        self.taken = dict(self.names_to_take())
        for name, (package, own) in self.taken.items():
            stood = self.record.stood.get(name, NOTHING)
            with suppress(AttributeError):  # taken already: a package may have two names
                delattr(package, own) if stood is NOTHING else setattr(package, own, stood)
        warnings.filters[:] = self.filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
        warnings.onceregistry.clear()  # type: ignore[attr-defined]
        for module in (*sys.modules.values(), *self.modules.values()):
            vars_of(module).pop("__warningregistry__", None)
        for _, key, _ in self.record.variables:
            os.environ.pop(key, None)
        os.environ.update(self.variables)
        if self.usual is None:
            self.usual = machinery._find_and_load_unlocked
            machinery._find_and_load_unlocked = self.around_loading(self.usual)
        self.path, self.finders = list(sys.path), list(sys.meta_path)
        self.homes = {name: home_of(module) for name, module in self.modules.items() if "." not in name}

    @contextmanager
    def in_sight(self) -> Iterator[None]:
        """For whoever looks at all that is warm as a run will find it: packages name no submodule that is aside."""
        sys.modules.update(self.modules)
        try:
            yield
        finally:
            for name in self.modules:
                sys.modules.pop(name, None)

    def names_to_take(self) -> Iterator[tuple[str, tuple[Any, str]]]:
        """Submodules that do not come with their package: where it is imported alone, it does not name them."""
        numbers = {name: number for number, name in enumerate(self.modules)}
        for name, module in self.modules.items():
            package, _, own = name.rpartition(".")
            is_loaded = name in self.record.ended  # or put there by hand, and named by nobody
            if package and is_loaded and not self.brought_by.get(package, 0) >> numbers[name] & 1:
                around = self.modules.get(package) or sys.modules.get(package)
                if vars_of(around).get(own) is module:
                    yield name, (around, own)

    # ---- in a run ----

    def bring(self, name: str) -> bool:
        """Put a module back with all that importing it brings; false where this run would import something else."""
        members = self.members(name)
        new = [one for one in members if one not in self.back]
        if not self.are_as_they_were(members) or self.is_met_by_others(new):
            return False
        for one in new:
            sys.modules[one] = self.modules[one]
            self.back.add(one)
            if one in self.taken:
                package, own = self.taken[one]
                setattr(package, own, self.modules[one])
        self.say_again(self.back.intersection(new))
        return True

    def members(self, name: str) -> list[str]:
        """In the order of their loading."""
        brought = self.brought_by.get(name, 0)
        return [one for number, one in enumerate(self.modules) if brought >> number & 1]

    def are_as_they_were(self, members: list[str]) -> bool:
        """Nothing else stands in the place of one, and none that had come has been taken out."""
        return all(
            sys.modules.get(one) is self.modules[one] if one in self.back else one not in sys.modules for one in members
        )

    def is_met_by_others(self, new: list[str]) -> bool:
        """Whether a path or a finder of this run's own has one of these names, or what found them is gone."""
        if not all(any(one is other for other in sys.meta_path) for one in self.finders):
            return True
        for finder in sys.meta_path:
            if not any(finder is one for one in self.finders):
                for one in new:
                    path = getattr(self.get(one.rpartition(".")[0]), "__path__", None)
                    if finder.find_spec(one, path, None) is not None:
                        return True
        left = {one for one in new if self.homes.get(one)}
        for entry in sys.path:
            if entry and entry in self.path:
                left = {one for one in left if self.homes[one] != entry}
            elif left:
                with suppress(OSError):
                    if not left.isdisjoint(file.partition(".")[0] for file in os.listdir(entry or ".")):  # noqa: PTH208
                        return True
        return bool(left)

    def say_again(self, new: set[str]) -> None:
        """What these modules did around them when they were executed."""
        for module, item, at_end in self.record.filters:
            if module in new:
                warnings._add_filter(*item, append=at_end)  # type: ignore[attr-defined]
        for module, key, value in self.record.variables:
            if module in new:
                os.environ.setdefault(key, value)
        if self.is_run and "numpy.random" in new:
            self.modules["numpy.random"].seed()

    def reseed(self) -> None:
        """A fresh kernel starts from fresh randomness; a fork would repeat its parent's."""
        self.is_run = True
        random.seed()
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()


def home_of(module: Any) -> str:
    """The entry of sys.path where it was found; empty where none of them was asked."""
    spec = getattr(module, "__spec__", None)
    folders = getattr(spec, "submodule_search_locations", None)
    place = next(iter(folders), "") if folders else (spec.origin or "") if spec and spec.has_location else ""
    home = os.path.dirname(place)  # noqa: PTH120  compared as text
    return home if home in sys.path else ""
