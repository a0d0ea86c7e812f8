"""A test in one line: call the pupil's function, look at what comes back, say in Chinese what was seen.

    from kits import judge
    judge.check("nearest", pictures, new, equals=2, hint="五张图的距离是 212、131、5、194、8")
    judge.check("right_rate", pictures, labels, exam, truth, near=0.75, within=0.001)
    judge.check("cheapest", bad, chance, gates, among=[0.08, 0.1])
    rule = judge.returned("learn", data)          # plain Python, for a test of one's own

The function is named by a text, so that a missing one is told from one that cannot be read. It gets copies of the
arguments. What it returns is made plain Python before it is compared and printed: numpy's numbers and arrays are
numbers and lists; kinds and lengths are looked at first. No message holds the value that was expected.

Needs Python's standard library only, and works in any course of nbgrader's.
"""

from __future__ import annotations

import ast
import re
import sys

# As they were before any pupil's code, which may put its own in their place while it is called.
from builtins import abs, all, callable, isinstance, len, max, next, range, repr, str, type  # noqa: A004, UP029
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

__all__ = ["check", "earlier", "returned", "using"]

NOTHING = object()
SHOWN = 60  # letters of a value in a sentence; a longer one is told by its size
TOLERANCE = 1e-9  # of the value's own size, where a decimal number is asked for
NO_RETURN = "你的函数没有 return"
#: Kinds of values, and what a child calls one of them.
KINDS = {
    type(None): "空的 None", bool: " True 或 False", int: "一个整数", float: "一个小数", str: "一个文字",
    list: "一列", dict: "一个字典", set: "一个集合",
}  # fmt: skip
NUMBERS = (int, float)
PLAIN_DTYPES = "biufU"  # of numpy's: what these hold is plain in a list
#: A value of a kind made from one of Python's own, which may say of itself what it likes: what it is underneath.
UNDERNEATH: dict[type, Callable[[Any], Any]] = {int: int.__pos__, float: float.__pos__, str: str.__str__}


def check(
    function: str,
    *arguments: Any,
    equals: Any = NOTHING,
    near: Any = NOTHING,
    among: Any = NOTHING,
    within: float = TOLERANCE,
    hint: str = "",
    when: Mapping[Any, str] | None = None,
    stops: str = "",
    keeps: bool = False,
) -> None:
    """Call the pupil's `function`; AssertionError with a Chinese sentence where it does not return what it should.

    One of: `equals` a value (whole numbers and decimals of the same size are equal, True and 1 are not); `near` a
    number or numbers in lists, each up to `within`; `among` a list of values that are all right. `hint` follows the
    sentence, or what `when` says of a certain wrong value. With `keeps` the function must leave its arguments as they
    are. Raises NameError for a function that is not there, and what the function raises, or says `stops` of it.
    """
    given = [one for one in (equals, near, among) if one is not NOTHING]
    if len(given) != 1 or among == []:
        raise TypeError("judge.check 要 equals、near、among 里的一个")
    wanted = [plain(one) for one in (list(among) if among is not NOTHING else given)]
    pupils, own = found(function), deepcopy(arguments)
    with untouched() as ask:
        try:
            value = plain(ask(pupils, own))
        except (NameError, NotImplementedError):
            raise
        except Exception:
            if not stops:
                raise
            raise AssertionError(f"{call_text(function, arguments)} 没有算完。{closed(stops)}") from None
        message = ""  # made only where something is wrong: it costs more than the test
        faults = [difference(value, one, within if near is not NOTHING else None) for one in wanted]
        if all(faults):
            words = {told(plain(one)): words for one, words in (when or {}).items()}.get(told(value), hint)
            message = sentence(call_text(function, arguments), value, faults[0], words)
        elif keeps and are_different(plain(own), plain(arguments)):
            message = f"{call_text(function, arguments)} 算完以后，交给它的数变了。只看，不改。"
    if message:
        raise AssertionError(message)


def returned(function: str, *arguments: Any) -> Any:
    """What the pupil's function returns for copies of the arguments, as plain Python."""
    with untouched() as ask:
        return plain(ask(found(function), deepcopy(arguments)))


def earlier(name: str, otherwise: Any) -> Any:
    """The pupil's own earlier value, on which the next task builds; `otherwise` where there is none of its kind."""
    value = plain(deepcopy(names().get(name)))
    return value if are_one_kind(value, plain(otherwise)) else otherwise


@contextmanager
def using(**references: Any) -> Iterator[None]:
    """While a test runs, the author's own functions stand where the pupil's earlier ones stood."""
    here = names()
    before = {name: here.get(name, NOTHING) for name in references}
    here.update(references)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is NOTHING:
                here.pop(name, None)
            else:
                here[name] = value


@contextmanager
def untouched() -> Iterator[Callable[..., Any]]:
    """Call a pupil's function, then judge by the names of this module as they were before.

    What the function changed here comes back in the end: whoever guards the run is to see it.
    """
    own, before = globals(), dict(globals())
    changed: dict[str, Any] = {}

    def ask(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            return function(*arguments)
        finally:
            changed.update({name: value for name, value in own.items() if before.get(name, NOTHING) is not value})
            own.update(before)

    try:
        yield ask
    finally:
        own.update(changed)


# ---- the pupil's names ----


def names() -> dict[str, Any]:
    """Those of the notebook."""
    return vars(sys.modules["__main__"])


def found(name: str) -> Callable[..., Any]:
    """The pupil's function. Raises NameError as Python would, AssertionError where there is one that is of no use."""
    function = names().get(name, NOTHING)
    if function is NOTHING:
        if line := unreadable(name):
            raise AssertionError(f"写 {name} 的那一格，Python 还读不懂：先看那一格的红字，把第 {line} 行改好。")
        raise NameError(f"name {name!r} is not defined", name=name)
    if not callable(function):
        value = told(plain(function))
        raise AssertionError(f"{name} 要是一个函数，现在它是{value}。有没有把别的东西也叫做 {name}？")
    return function  # type: ignore[no-any-return]


def unreadable(name: str) -> int:
    """The line (from 1) at which Python stopped reading the last cell that defines this name; 0 where it read it."""
    cells = [cell for cell in names().get("In", ()) if isinstance(cell, str) and re.search(rf"def\s+{name}\b", cell)]
    try:
        ast.parse(cells[-1] if cells else "")
    except SyntaxError as error:
        return error.lineno or 1
    return 0


# ---- values ----


def plain(value: Any) -> Any:
    """numpy's numbers and arrays, tuples and kinds made from Python's own: as plain numbers, texts and lists."""
    home = type(value).__module__.partition(".")[0]
    if home in ("numpy", "pandas") and hasattr(value, "tolist"):
        listed, holds = value.tolist(), getattr(getattr(value, "dtype", None), "kind", "O")
        return listed if holds in PLAIN_DTYPES else plain(listed)
    if home in ("decimal", "fractions"):
        return float(value)
    if isinstance(value, list):
        return [plain(one) for one in list.__iter__(value)]
    if isinstance(value, tuple):
        return [plain(one) for one in tuple.__iter__(value)]
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in dict.items(value)}
    if isinstance(value, set | frozenset):
        return {plain(one) for one in value}
    is_made = value is not None and type(value) not in KINDS
    return next((look(value) for base, look in UNDERNEATH.items() if is_made and isinstance(value, base)), value)


def are_one_kind(one: Any, other: Any) -> bool:
    """Whole numbers and decimals are; True is no number."""
    return type(one) is type(other) or type(one) in NUMBERS and type(other) in NUMBERS


def are_different(one: list[Any], other: list[Any]) -> bool:
    return one != other and repr(one) != repr(other)  # what is no number does not equal itself


def difference(value: Any, wanted: Any, within: float | None, place: str = "") -> str:
    """What is wrong with a value, in a few words that do not tell the wanted one; empty where nothing is."""
    own, must = type(value), f"{place}应当是" if place else "要交回"
    if value is None and wanted is not None:
        return f"{place}是空的 None" if place else NO_RETURN
    if not are_one_kind(value, wanted):
        return f"{must}{kind(wanted)}，这里是{kind(value)}"
    if own in NUMBERS:
        most = within if within is not None else max(TOLERANCE, TOLERANCE * abs(wanted))
        return "" if abs(value - wanted) <= most else f"{place}不对"  # what is no number at all is never near
    if own is list and len(value) != len(wanted):
        return f"{must} {len(wanted)} 个，这里有 {len(value)} 个"
    if own is list:
        pairs = [(f"第 {number + 1} 个", value[number], wanted[number]) for number in range(len(wanted))]
    elif own is dict and value.keys() == wanted.keys():
        pairs = [(f"{key!r} 那一项", value[key], wanted[key]) for key in wanted]
    else:
        return "" if value == wanted else f"{place}不对"
    faults = (difference(one, other, within, f"{place}{at}") for at, one, other in pairs)
    return next((fault for fault in faults if fault), "")


# ---- sentences ----


def sentence(called: str, value: Any, fault: str, hint: str) -> str:
    came = f"{called} 交回来的是{told(value)}"
    return f"{came}{'。' if fault == NO_RETURN else '，'}{fault}。{closed(hint)}"


def closed(words: str) -> str:
    return words if not words or words[-1] in "。？！" else f"{words}。"


def call_text(function: str, arguments: tuple[Any, ...]) -> str:
    """The call as a pupil would write it, long values by their size."""
    return f"{function}({', '.join(told(plain(one)).strip() for one in arguments)})"


def kind(value: Any) -> str:
    own = "一个函数" if callable(value) else f"一个 {type(value).__name__}"
    return KINDS.get(type(value), own)


def told(value: Any) -> str:
    """A value in a sentence: as Python writes it, so that False and 'False' look different, or how much it is."""
    if value is not None and type(value) not in KINDS:
        return kind(value)
    text = repr(value)
    if len(text) <= SHOWN:
        return f" {text}"
    return size(value) if type(value) is list else f" {text[:SHOWN]}……"


def size(value: list[Any]) -> str:
    """How many there are, in each direction."""
    sizes, inner = [], value
    while type(inner) is list and inner:
        sizes.append(str(len(inner)))
        inner = inner[0]
    return f" {'×'.join(sizes)} 个数" if len(sizes) > 1 else f"一列 {len(value)} 个"
