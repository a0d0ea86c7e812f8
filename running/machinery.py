"""What stands between a test's verdict and the runner: the shell's objects, their classes, the modules of these.

A pupil's cell can set any attribute of them. Their values are noted before any cell runs and put back before each test;
what the shell itself changes while it works is left out, and so is what merely looks different (`PLAIN`), but on the
formatters: there even the number of decimals may change a score.
"""

from __future__ import annotations

import functools
import operator
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from operator import is_
from typing import Any

from running.dict_version import Versions, version

SHELL = "改了运行环境"  # what a teacher is told of it
MISSING = object()
_all, _map = all, map  # as they were before any pupil's code
PLAIN = (str, bytes, int, float, bool, tuple, type(None))
#: What an object of the shell changes by itself.
LIVELY = frozenset(
    """
    _ __ ___ _last_traceback _parent_header _parent_header_global _payload _saved_rcParams _thread_local config
    exec_result last_execution_result last_syntax_error logfile loop_runner messages old_hook pdb pycolorize
    sys_excepthook tb tempdirs tempfiles topic
    """.split()  # noqa: SIM905  a list of names reads best as words
)
OWN = ("IPython", "ipykernel", "jupyter_client", "running", "traitlets")  # packages whose classes are watched
imported: Any = sys.modules  # what is warm, kept aside or not: the guard sets it
LEFT_OUT = ("traitlets", "jupyter_client")  # packages whose modules hold nothing that they look up while they work


def objects(shell: Any) -> Iterator[tuple[Any, bool]]:
    """(one of the shell's objects, whether it stands still while cells run)."""
    formatter, session = shell.display_formatter, shell.displayhook.session
    yield from ((one, True) for one in (formatter, formatter.ipython_display_formatter, formatter.mimebundle_formatter))
    yield from ((one, True) for one in (*formatter.formatters.values(), sys.stdout, sys.stderr))
    for name in (
        *("displayhook", "display_pub", "display_trap", "builtin_trap", "events", "input_transformer_manager"),
        *("compile", "history_manager", "payload_manager", "logger", "InteractiveTB", "SyntaxTB"),
    ):
        yield getattr(shell, name), False
    yield from ((one, False) for one in (shell, session, session.recorder))


def classes(shell: Any) -> list[type]:
    from IPython.lib import pretty
    from traitlets import ClassBasedTraitType, Instance, TraitType

    found = {kind: None for thing, _ in objects(shell) for kind in type(thing).__mro__}
    writers = [kind for kind in vars(pretty).values() if isinstance(kind, type) and kind.__module__ == pretty.__name__]
    own = [kind for kind in found if kind.__module__.startswith(OWN)]
    return [*own, *writers, ClassBasedTraitType, Instance, TraitType]


def modules(shell: Any) -> list[types.ModuleType]:
    """The modules in which the methods of those classes look names up, and what they call by them."""
    names = {kind.__module__ for kind in classes(shell) if not kind.__module__.startswith(LEFT_OUT)}
    names |= {"IPython.lib.pretty", "IPython.core.display_functions", "IPython.display", "ipykernel.jsonutil"}
    names |= {"running.cells", "running.packets", "running.verdict", "running.warm_parent"}
    return [module for name in sorted(names) if (module := imported.get(name))]


class Attributes:
    """What is set on the shell's objects, on each itself and as its traits."""

    def __init__(self, things: Iterable[tuple[Any, bool]]) -> None:
        """`things` as of `objects`."""
        self.things: list[tuple[Any, type, dict[str, Any]]] = []
        #: (values by name, those that must stay and what they are, all names, whose they are; of traits nobody's)
        self.stores: list[tuple[dict[str, Any], tuple[str, ...], tuple[Any, ...], frozenset[str], type | None]] = []
        for thing, still in things:
            own = vars(thing)
            self.things.append((thing, type(thing), own))
            for store, kind in ((own, type(thing)), (own.get("_trait_values", {}), None)):
                kept = {name: value for name, value in store.items() if still or not isinstance(value, PLAIN)}
                kept = {name: value for name, value in kept.items() if name not in LIVELY}
                self.stores.append((store, tuple(kept), tuple(kept.values()), frozenset(store), kind))
        self.versions = Versions(store for store, *_ in self.stores)

    def put_back(self) -> Iterator[Any]:
        """Undo what changed; the values that were there instead."""
        for thing, own_kind, own in self.things:
            if type(thing) is not own_kind:
                yield type(thing)
                object.__setattr__(thing, "__class__", own_kind)
            if vars(thing) is not own:
                yield vars(thing)
                object.__setattr__(thing, "__dict__", own)
        for at, number in self.versions.new():
            store, names, values, known, kind = self.stores[at]
            if _all(_map(is_, _map(store.get, names), values)):
                self.versions.seen[at] = number  # of before the comparison: a thread may have written since
            else:
                for name, value in zip(names, values, strict=True):
                    if (now := store.get(name, MISSING)) is not value:
                        store[name] = value
                        yield now
            for name in list(store.keys() - known) if kind else ():
                if callable(getattr(kind, name, None)) or isinstance(vars(kind).get(name), property):
                    yield store.pop(name)


class Printers:
    """What a formatter calls for the kinds of values that a score may be: nothing but what it called at first."""

    def __init__(self, formatter: Any) -> None:
        self.tables = [formatter.singleton_printers, formatter.type_printers, formatter.deferred_printers]
        self.before = [dict(table) for table in self.tables]
        self.versions = Versions(self.tables)

    def put_back(self) -> Iterator[Any]:
        for at, number in self.versions.new():
            table, before = self.tables[at], self.before[at]
            if len(table) == len(before) and _all(_map(is_, table.values(), before.values())):
                self.versions.seen[at] = number
                continue
            for key in [key for key in table if table[key] is not before.get(key) and may_be_score(key)]:
                yield table.pop(key)
            for key in before.keys() - table.keys():
                table[key] = before[key]


def may_be_score(key: Any) -> bool:
    """Whether a printer of this key may be asked for a number, a truth or a text."""
    if isinstance(key, int):  # the id of a single object
        return True
    if isinstance(key, tuple):
        return key[0] in ("builtins", "numpy", "decimal", "fractions", "numbers")
    numpy = imported.get("numpy")
    numbers = (int, float, complex, str, *((numpy.generic, numpy.ndarray) if numpy else ()))
    named = key.__module__ in ("decimal", "fractions", "numbers") or key is object
    return named or issubclass(key, numbers) and key.__module__ != "__main__"


class Hooks:
    """Functions that every result passes before it is sent: nobody's, before a test."""

    def __init__(self, displayhook: Any) -> None:
        self.traits = vars(displayhook)["_trait_values"]

    def put_back(self) -> Iterator[Any]:
        hooks = getattr(self.traits.get("_thread_local"), "hooks", None)
        if hooks is not None and (type(hooks) is not list or hooks):
            yield self.traits.pop("_thread_local").hooks


#: What runs and judges a cell: the guard cannot be asked to look after itself.
JUDGES = ("cells", "dict_version", "integrity", "kernel_shell", "machinery", "packets", "verdict", "warm_parent")


def keeper() -> Callable[[], bool]:
    """A function that puts the judges' own modules and classes back, and says whether it had to.

    It looks nothing up by a name that code could reach: neither in a module nor among the builtins.
    """
    homes = [vars(module) for name in JUDGES if (module := imported.get(f"running.{name}"))]
    own = {one for home in homes for one in home.values() if isinstance(one, type) and one.__module__[:8] == "running."}
    written = [(place, version(place)) for place in (*homes, *own)]
    watches = [[place, dict(names_of(place)), number, number and number[0]] for place, number in written]
    every, each, same, size, inside, found, kind_of = all, map, is_, len, vars, list, type
    put, drop, nothing, ready = type.__setattr__, type.__delattr__, MISSING, ("__weakref__", "__dict__")

    def mend() -> bool:
        changed = False
        for watch in watches:
            place, before, number, seen = watch
            state = number and number[0]
            if number and state == seen:
                continue
            is_home = kind_of(place) is kind_of(before)
            now = place if is_home else inside(place)
            if size(now) == size(before) and every(each(same, now.values(), before.values())):
                watch[3] = state
                continue
            changed = True
            if is_home:
                place.clear()
                place.update(before)
                continue
            for name in found(now):
                if name not in before:
                    drop(place, name)
            for name, value in before.items():
                if name not in ready and now.get(name, nothing) is not value:
                    put(place, name, value)
        return changed

    return mend


def names_of(place: Any) -> Any:
    """A class's living names, or the dictionary itself."""
    return vars(place) if isinstance(place, type) else place


def is_librarys(thing: Any, files: Iterable[str] = ()) -> bool:
    """Whether a library made this; `files` are those that hold a pupil's code. What merely lends its name did not."""
    if isinstance(thing, types.MethodType):
        return is_librarys(thing.__func__, files) and is_librarys(thing.__self__, files)
    if isinstance(thing, types.FunctionType):
        return thing.__globals__.get("__name__") != "__main__" and thing.__code__.co_filename not in files
    kind = thing if isinstance(thing, type) else type(thing)
    if kind.__module__ in ("builtins", "__main__", "types") or kind in TOOLS:
        return False
    home: Any = imported.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        home = getattr(home, name, None)
    made = [one for one in vars(kind).values() if isinstance(one, types.FunctionType)]
    return home is kind or bool(made) and all(is_librarys(one, files) for one in made)


#: Kinds of objects that do whatever they were given to do.
TOOLS = (functools.partial, functools.partialmethod, operator.methodcaller, operator.attrgetter, operator.itemgetter)
