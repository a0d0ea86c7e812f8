"""Is a pupil's function written, or is it still the stub of the release?"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

STUB = "还没有写"


def is_written(what: Any) -> bool:
    """写好了就是 True；还没有写，就打印一句提醒，得到 False。可以给函数，也可以给名字：is_written("nearest")。"""
    name, value = _look_up(what, sys._getframe(1).f_globals)
    if any(_raises_stub(code) for code in _codes(value)):
        print(f"{name} 还没有写好：先写完它，删掉 raise 那一行并运行，再回来运行这一格。")
        return False
    if value is None or value is ...:
        print(f"{name} 还没有写好：先在上面写完它并运行，再回来运行这一格。")
        return False
    return True


def _look_up(what: Any, names: dict[str, Any]) -> tuple[str, Any]:
    if isinstance(what, str):
        return what, names.get(what)
    return getattr(what, "__name__", "这里"), what


def _codes(value: Any) -> Iterator[CodeType]:
    """The code of a function, or of every method of a class."""
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, type):
        for member in vars(value).values():
            yield from _codes(getattr(member, "__func__", member))
        return
    value = getattr(value, "__func__", value)
    if isinstance(value, FunctionType):
        yield value.__code__


def _raises_stub(code: CodeType) -> bool:
    """Does `raise NotImplementedError("还没有写")` stand where the function can get to?

    The instructions are read, not the text: the compiler has dropped a stub line that was left behind a `return`.
    """
    seen = {instruction.argval for instruction in dis.get_instructions(code) if isinstance(instruction.argval, str)}
    return "NotImplementedError" in seen and any(text.startswith(STUB) for text in seen)
