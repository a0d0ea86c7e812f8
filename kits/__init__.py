"""海课的教具箱：课文里写 `from kits import plots, datasets, answers, is_written`。

The rooms' pupils import this package in every notebook, so it loads nothing until a name is used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; importing typing costs more than all the rest of this file
if TYPE_CHECKING:
    from typing import Any

    from kits.written import is_written

_MODULES = ("answers", "datasets", "errors", "judge", "pinyin", "plots", "startup", "widgets")

__all__ = ["answers", "datasets", "errors", "is_written", "judge", "pinyin", "plots", "startup", "widgets"]  # noqa: F822


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        import importlib

        return importlib.import_module(f"kits.{name}")
    if name == "is_written":
        from kits.written import is_written

        return is_written
    raise AttributeError(f"kits 里没有 {name}，可以用的有：{'、'.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
