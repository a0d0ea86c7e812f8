"""A test in one line: call the pupil's function, look at what comes back, say in Chinese what was seen.

    from kits import judge
    judge.check("nearest", pictures, new, equals=2, hint="五张图的距离是 212、131、5、194、8")
    judge.check("right_rate", pictures, labels, exam, truth, near=0.75, within=0.001)
    judge.check("cheapest", bad, chance, gates, among=[0.08, 0.1])
    judge.check("bill", bad, chance, 0.5, named={"miss": 40}, near=83)
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
from builtins import abs, all, callable, int, isinstance, len, map, max, next, range, repr, round, str, type  # noqa: A004, UP029
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from types import MappingProxyType
from typing import Any

__all__ = ["check", "earlier", "returned", "using"]

NOTHING = object()
SHOWN = 60  # letters of a value in a sentence; a longer one is told by its size
TOLERANCE = 1e-9  # of the value's own size, where a decimal number is asked for
NO_RETURN = "函数没有走到 return，或者 return 后面没有值"
#: Kinds of values, and what a child calls one of them.
KINDS = {
    type(None): "空的 None", bool: " True 或 False", int: "一个整数", float: "一个小数", str: "一个文字",
    list: "一列", dict: "一个字典", set: "一个集合",
}  # fmt: skip
NUMBERS = (int, float)
NUMBER = "一个数"  # where any is near enough, it does not matter of which kind
ENDLESS = float("inf")
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
    named: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Call the pupil's `function`; AssertionError with a Chinese sentence where it does not return what it should.

    One of: `equals` a value (whole numbers and decimals of the same size are equal, True and 1 are not); `near` a
    number or numbers in lists, each up to `within`; `among` a list of values that are all right. `hint` follows the
    sentence, or what `when` says of a certain wrong value. Arguments in `named` are given by name; with `keeps` the
    function must leave all of them as they are. Raises NameError for a function that is not there, and what the
    function raises, or says `stops` of it.
    """
    asked = [one for one in (equals, near, among) if one is not NOTHING]
    if len(asked) != 1 or among == []:
        raise TypeError("judge.check 要 equals、near、among 里的一个")
    wanted = [plain(one) for one in (list(among) if among is not NOTHING else asked)]
    allowed = within if near is not NOTHING else None
    pupils, given = found(function), (arguments, dict(named))
    own = deepcopy(given)
    with untouched() as ask:
        try:
            value = plain(ask(pupils, *own))
        except (NameError, NotImplementedError):
            raise
        except Exception:
            if not stops:
                raise
            raise AssertionError(f"{call_text(function, arguments, named)} 没有算完。{closed(stops)}") from None
        message = ""  # made only where something is wrong: it costs more than the test
        faults = [difference(value, one, allowed) for one in wanted]
        if all(faults):
            known = (said for one, said in (when or {}).items() if not difference(value, plain(one), allowed))
            came = f"{call_text(function, arguments, named)} 交回来的是{told(value, allowed)}"
            message = sentence(came, faults[0], next(known, hint))
        elif keeps and are_different(plain(own), plain(given)):
            message = f"{call_text(function, arguments, named)} 算完以后，交给它的数变了。只看，不改。"
    if message:
        raise AssertionError(message)


def returned(function: str, /, *arguments: Any, **named: Any) -> Any:
    """What the pupil's function returns for copies of the arguments, as plain Python."""
    with untouched() as ask:
        return plain(ask(found(function), *deepcopy((arguments, named))))


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

    def ask(function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return function(*arguments, **named)
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


def difference(value: Any, wanted: Any, within: float | None) -> str:
    """What is wrong with a value, in a few words that do not tell the wanted one; empty where nothing is."""
    faults = list(differences(value, wanted, within))
    more = f"，后面还有 {len(faults) - 1} 个也不对" if len(faults) > 1 else ""
    return f"{faults[0]}{more}" if faults else ""


def differences(value: Any, wanted: Any, within: float | None, place: str = "") -> Iterator[str]:
    """Each thing that is wrong, with its place where the value is a list or a dict."""
    own, must = type(value), f"{place}应当是" if place else "要交回"
    if value is None and wanted is not None:
        yield f"{place}是空的 None" if place else NO_RETURN
    elif not are_one_kind(value, wanted):
        yield f"{must}{NUMBER if within is not None and type(wanted) in NUMBERS else kind(wanted)}，这里是{kind(value)}"
    elif own in NUMBERS:
        most = within if within is not None else max(TOLERANCE, TOLERANCE * abs(wanted))
        if not abs(value - wanted) <= most:  # what is no number at all is never near
            yield f"{place}是{told(value, within)}，不对" if place else "不对"
    elif own is list and len(value) != len(wanted):
        yield f"{must} {len(wanted)} 个，这里有 {len(value)} 个"
    elif own is list:
        one = "行" if is_table(wanted) else "个"
        for number in range(len(wanted)):
            yield from differences(value[number], wanted[number], within, f"{place}第 {number + 1} {one}")
    elif own is dict and value.keys() == wanted.keys():
        for key in wanted:
            yield from differences(value[key], wanted[key], within, f"{place}{key!r} 那一项")
    elif value != wanted:
        yield f"{place}是{told(value, within)}，不对" if place else "不对"


def is_table(value: list[Any]) -> bool:
    """Rows of numbers or texts, of one length."""
    rows = [one for one in value if type(one) is list and one and type(one[0]) is not list]
    return len(rows) == len(value) > 1 and all(len(row) == len(rows[0]) for row in rows)


# ---- sentences ----


def sentence(came: str, fault: str, hint: str) -> str:
    return f"{came}{'。' if fault == NO_RETURN else '，'}{fault}。{closed(hint)}"


def closed(words: str) -> str:
    return words if not words or words[-1] in "。？！" else f"{words}。"


def call_text(function: str, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """The call as a pupil would write it, long values by their size."""
    given = [told(plain(one)).strip() for one in arguments]
    given += [f"{name}={told(plain(one)).strip()}" for name, one in named.items()]
    return f"{function}({', '.join(given)})"


def kind(value: Any) -> str:
    own = "一个函数" if callable(value) else f"一个 {type(value).__name__}"
    return KINDS.get(type(value), own)


def told(value: Any, within: float | None = None) -> str:
    """A value in a sentence: as Python writes it, so that False and 'False' look different, or how much it is."""
    if value is not None and type(value) not in KINDS:
        return kind(value)
    text = repr(value if within is None else rounded(value, within))
    if len(text) <= SHOWN:
        return f" {text}"
    return size(value) if type(value) is list else f" {text[:SHOWN]}……"


def rounded(value: Any, within: float) -> Any:
    """Numbers by one digit more than they are compared by, whole ones without a point; in lists as well."""
    if type(value) is list:
        return [rounded(one, within) for one in value]
    if type(value) is not float or not abs(value) < ENDLESS:
        return value
    short = round(value, 1 + next((digits for digits in range(1, 15) if 10**-digits <= within), 15))
    return int(short) if short == int(short) else short


def size(value: list[Any]) -> str:
    """How many there are, in each direction."""
    sizes = shape(value)
    return f" {'×'.join(map(str, sizes))} 个数" if len(sizes) > 1 else f"一列 {len(value)} 个"


def shape(value: Any) -> list[int]:
    """Down to where the inner ones are of different shapes, or no lists."""
    if type(value) is not list:
        return []
    inner = [shape(one) for one in value]
    return [len(value), *(inner[0] if inner and all(one == inner[0] for one in inner) else [])]
