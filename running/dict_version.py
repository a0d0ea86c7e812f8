"""Whether a dictionary was written to, without touching what stands in it.

Comparing values counts references to them, and in a fork each count that is written copies a page: to look once at the
few thousand values that a guard watches costs a hand-in four milliseconds. CPython up to 3.13 numbers the states of
each dictionary (PEP 509) and changes the number with every write; reading it copies nothing. Where a Python keeps no
such number there is none to be had, and values have to be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import c_uint64, c_void_p
from functools import cache
from types import MappingProxyType
from typing import Any

POINTER = 8
#: Of a dict: reference count, type, number of items, then the version. Of a mappingproxy: count, type, the dict.
VERSION, MAPPING = 3 * POINTER, 2 * POINTER


class Version:
    """The number of a dictionary's state; the dictionary must outlive it."""

    def __init__(self, place: Mapping[Any, Any]) -> None:
        self.place = place
        is_view = isinstance(place, MappingProxyType)
        address = c_void_p.from_address(id(place) + MAPPING).value if is_view else id(place)
        number = (c_uint64 * 1).from_address((address or 0) + VERSION)
        #: Read through a view, whose kind nobody can change; a class of ctypes can be given a `value` of one's own.
        self.cell = memoryview(number).cast("B").cast("Q")
        self.seen = self.cell[0]

    def now(self) -> int:
        return self.cell[0]

    def is_new(self) -> bool:
        """Whether anything was written since the state that was `seen`."""
        return self.cell[0] != self.seen


def version(place: Any) -> Version | None:
    """Of a plain dictionary, or of the names of a class; None where none is kept."""
    if type(place) is dict and is_kept():
        return Version(place)
    return Version(vars(place)) if isinstance(place, type) and is_kept() else None


@cache
def is_kept() -> bool:
    """Whether this Python changes the number with every kind of write, asked of dictionaries made for it."""

    class Kind:
        pass

    thing = Kind()
    thing.one = 1  # type: ignore[attr-defined]
    table, names, own = {"one": 1}, vars(Kind), vars(thing)
    watches = [Version(place) for place in (table, names, own)]

    def write(value: int) -> None:
        table["one"] = value
        Kind.one = value  # type: ignore[attr-defined]
        thing.one = value  # type: ignore[attr-defined]

    def write_again(value: int) -> None:
        table.update(one=value)
        type.__setattr__(Kind, "one", value)
        own["one"] = value

    for step in [write, write_again] * 16:  # often enough for the interpreter to take its short cuts
        step(id(step))
        step(len(own))
        if not all(watch.is_new() for watch in watches):
            return False
        for watch in watches:
            watch.seen = watch.now()
    table.pop("one")
    del Kind.one  # type: ignore[attr-defined]
    del thing.one  # type: ignore[attr-defined]
    return all(watch.is_new() for watch in watches)
