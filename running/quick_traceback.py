"""IPython's tracebacks at a fraction of their cost, to the letter the same.

IPython and stack_data build a lexer class for every frame, a formatter and a style for every traceback, look through
all loaded modules for the file of a cell, and format each error a second time for a history that nobody reads here. A
class makes hundreds of errors: these caches save half of the time of a hand-in that fails.
"""

from __future__ import annotations

import functools
import inspect
import os
from typing import Any


def install(shell: Any) -> None:
    """Once a process, before its first traceback. Whatever a later IPython names differently is left as it is."""
    for step in (cache_lexer, cache_style, cache_formatter):
        try:
            step()
        except (ImportError, AttributeError):
            continue
    type(shell)._format_exception_for_storage = lambda *_, **__: {}
    remember_cells(shell)


def cache_lexer() -> None:
    import pygments
    import stack_data.core
    from pygments.lexers import get_lexer_by_name

    class Lexer(type(get_lexer_by_name("python3"))):  # type: ignore[misc]
        """Marks the tokens of the part of a line that was being executed, as stack_data's own does."""

        ranges: tuple[tuple[int, int], ...] = ()

        def get_tokens(self, text: str) -> Any:
            length = 0
            for kind, value in super().get_tokens(text):
                if any(start <= length < end for start, end in self.ranges):
                    kind = kind.ExecutingNode
                length += len(value)
                yield kind, value

    def highlighted(formatter: Any, code: str, ranges: Any) -> list[str]:
        lexer = Lexer(stripnl=False)
        lexer.ranges = ranges
        try:
            return pygments.highlight(code, lexer, formatter).splitlines()
        except Exception:
            return code.splitlines()

    stack_data.core._pygmented_with_ranges  # noqa: B018  raises where there is none to replace
    stack_data.core._pygmented_with_ranges = highlighted


def cache_style() -> None:
    import stack_data
    from IPython.utils import PyColorize

    styles: dict[int, Any] = {}
    make = PyColorize.Theme.as_pygments_style

    def as_pygments_style(self: Any) -> Any:
        if id(self) not in styles:
            styles[id(self)] = make(self)
        return styles[id(self)]

    PyColorize.Theme.as_pygments_style = as_pygments_style  # type: ignore[method-assign]
    stack_data.style_with_executing_node = functools.cache(stack_data.style_with_executing_node)


def cache_formatter() -> None:
    from pygments.formatters import terminal256

    terminal256.Terminal256Formatter = functools.cache(terminal256.Terminal256Formatter)


def remember_cells(shell: Any) -> None:
    """A cell is no module's file; without this, inspect asks every module, frame by frame."""
    cache = shell.compile.cache

    def remembering(*args: Any, **kwargs: Any) -> Any:
        name = cache(*args, **kwargs)
        inspect.modulesbyfile[os.path.normcase(os.path.abspath(name))] = ""  # noqa: PTH100  inspect's own key
        return name

    shell.compile.cache = remembering
