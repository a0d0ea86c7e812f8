"""Every way of writing to a dictionary gives it another version; looking does not."""

from __future__ import annotations

import builtins
import ctypes
import sys
from collections.abc import Callable
from typing import Any

import pytest

from running.dict_version import Versions, is_kept, version

WRITES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "set": lambda own: own.__setitem__("one", 2),
    "set the same text": lambda own: own.__setitem__("one", object()),
    "new": lambda own: own.__setitem__("two", 2),
    "delete": lambda own: own.__delitem__("one"),
    "pop": lambda own: own.pop("one"),
    "popitem": lambda own: own.popitem(),
    "update": lambda own: own.update(one=3),
    "or": lambda own: own.__ior__({"one": 4}),
    "setdefault": lambda own: own.setdefault("two", 2),
    "clear": lambda own: own.clear(),
}


def test_this_python_keeps_them() -> None:
    assert is_kept() or sys.version_info >= (3, 13)


@pytest.mark.skipif(not is_kept(), reason="this Python keeps no versions of dictionaries")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_is_seen_and_a_look_is_not(write: Callable[[dict[str, Any]], Any]) -> None:
    own: dict[str, Any] = {"one": 1}
    watch = Versions([own])
    assert own["one"] == 1 and list(own.items()) and own.get("two") is None and not watch.new()
    write(own)
    assert watch.new() == [(0, watch.now()[0])]
    watch.seen = watch.now()
    assert not watch.new()


@pytest.mark.skipif(not is_kept(), reason="this Python keeps no versions of dictionaries")
def test_a_class_and_a_module_are_watched_by_their_names() -> None:
    class Kind:
        def method(self) -> int:
            return 1

    watch = Versions([Kind])
    assert Kind().method() == 1 and not watch.new()
    Kind.method = lambda self: 2  # type: ignore[method-assign]
    assert watch.new()


def test_what_is_no_plain_dictionary_has_none() -> None:
    class Own(dict[str, int]):
        pass

    assert version(Own()) is None and version([]) is None
    assert Versions([[], Own()]).new() == [(0, None), (1, None)], "these are looked at each time"


@pytest.mark.skipif(not is_kept(), reason="this Python keeps no versions of dictionaries")
def test_nobody_can_make_it_look_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, Any] = {"one": 1}
    watch = Versions([own])
    monkeypatch.setattr(ctypes.c_uint64, "value", watch.now()[0], raising=False)
    own["one"] = 2
    assert watch.new()


@pytest.mark.skipif(not is_kept(), reason="this Python keeps no versions of dictionaries")
def test_nobody_can_make_it_look_at_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, Any] = {"one": 1}
    watch = Versions([own])
    own["one"] = 2
    for name in ("enumerate", "zip", "map", "list"):
        monkeypatch.setattr(builtins, name, lambda *_: [])
    found = watch.new()
    monkeypatch.undo()
    assert found
