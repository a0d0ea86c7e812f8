"""Whether a dictionary was written to, without touching what stands in it.

Comparing values counts references to them, and in a fork each count that is written copies a page: to look once at the
few thousand values that a guard watches costs a hand-in four milliseconds. CPython up to 3.13 numbers the states of
each dictionary (PEP 509) and changes the number with every write; reading it copies nothing. Where a Python keeps no
such number there is none to be had, and values have to be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ctypes import c_uint64, c_void_p
from functools import cache
from types import MappingProxyType
from typing import Any

POINTER = 8
#: Of a dict: reference count, type, number of items, then the version. Of a mappingproxy: count, type, the dict.
VERSION, MAPPING = 3 * POINTER, 2 * POINTER
_numbered = enumerate  # as it was before any pupil's code


def number_of(place: Mapping[Any, Any]) -> memoryview:
    """Where the number of a dictionary's state stands, to be read with `[0]`; the dictionary must outlive it.

    Read through a view, whose kind nobody can change; a class of ctypes can be given a `value` of one's own.
    """
    is_view = isinstance(place, MappingProxyType)
    address = c_void_p.from_address(id(place) + MAPPING).value if is_view else id(place)
    return memoryview((c_uint64 * 1).from_address((address or 0) + VERSION)).cast("B").cast("Q")


def version(place: Any) -> memoryview | None:
    """The number of a plain dictionary, or of the names of a class; None where none is kept."""
    names = vars(place) if isinstance(place, type) else place if type(place) is dict else None
    return number_of(names) if names is not None and is_kept() else None


class Versions:
    """The numbers of many places at once, each as it was when its values were last found to be as they should."""

    def __init__(self, places: Iterable[Any]) -> None:
        self.numbers = [version(place) for place in places]
        self.seen = self.now()

    def now(self) -> list[int | None]:
        return [number[0] if number else None for number in self.numbers]

    def new(self) -> list[tuple[int, int | None]]:
        """(which place, its number) of those written to since they were `seen`, and of those that have no number."""
        return [(at, now) for at, now in _numbered(self.now()) if now is None or now != self.seen[at]]


@cache
def is_kept() -> bool:
    """Whether this Python changes the number with every kind of write, asked of dictionaries made for it."""

    class Kind:
        pass

    thing = Kind()
    thing.one = 1  # type: ignore[attr-defined]
    table, names, own = {"one": 1}, vars(Kind), vars(thing)
    numbers = [number_of(place) for place in (table, names, own)]

    def write(value: int) -> None:
        table["one"] = value
        Kind.one = value  # type: ignore[attr-defined]
        thing.one = value  # type: ignore[attr-defined]

    def write_again(value: int) -> None:
        table.update(one=value)
        type.__setattr__(Kind, "one", value)
        own["one"] = value

    for step in [write, write_again] * 16:  # often enough for the interpreter to take its short cuts
        before = [number[0] for number in numbers]
        step(id(step))
        step(len(own))
        if any(number[0] == seen for number, seen in zip(numbers, before, strict=True)):
            return False
    before = [number[0] for number in numbers]
    table.pop("one")
    del Kind.one  # type: ignore[attr-defined]
    del thing.one  # type: ignore[attr-defined]
    return all(number[0] != seen for number, seen in zip(numbers, before, strict=True))
