"""Widgets of the lessons: `from kits.widgets import choice`. Each loads when it is first asked for.

A widget is `<name>.py` (a function of the same name, and its Widget class), `<name>.js` and `<name>.css`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _Widgets(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # Importing kits.widgets.choice makes Python set the *module* `choice` here; a lesson means the function.
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            value = getattr(value, name, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Widgets


def __getattr__(name: str) -> Any:
    full = f"{__name__}.{name}"
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        importlib.import_module(full)
    except ModuleNotFoundError as err:
        if err.name != full:
            raise
        raise AttributeError(f"海课没有叫 {name} 的小部件，看看名字有没有写错") from None
    return globals()[name]
