"""How a test ended: whether its code ran to the end, and the value of its last line.

A kernel shows that value while the code under test may still have its hands on whatever shows it. Here the last line is
kept first, under a name nobody knows; it is shown when the shell has been put back as it was.
"""

from __future__ import annotations

import ast
import linecache
import secrets
import sys
from contextlib import suppress
from typing import Any


class Verdict:
    """An IPython AST transformer for one test."""

    def __init__(self, shell: Any) -> None:
        self.shell, self.name, self.seen = shell, f"_{secrets.token_hex(12)}", False
        shell.ast_transformers.append(self)

    def visit(self, tree: Any) -> Any:
        """Of the test itself, which comes first; what else is run meanwhile stays as it is."""
        if self.seen:
            return tree
        self.seen = True
        last = tree.body[-1] if tree.body else tree
        is_value = isinstance(last, ast.Expr)
        value = last.value if is_value else ast.copy_location(ast.Constant(None), last)
        kept = ast.Assign([ast.copy_location(ast.Name(self.name, ast.Store()), last)], value)
        tree.body[len(tree.body) - is_value :] = [ast.copy_location(kept, last)]
        return tree

    def take(self) -> tuple[bool, Any]:
        """Whether the last line was reached, and its value."""
        self.shell.ast_transformers[:] = [one for one in self.shell.ast_transformers if one is not self]
        reached = self.name in self.shell.user_ns
        return reached, self.shell.user_ns.pop(self.name, None)


def forget(shell: Any, result: Any, file: str) -> None:
    """What a shell remembers of the cell that ran last: a test's source is not for the cells after it."""
    linecache.cache.pop(file, None)
    with suppress(Exception):
        result.info.raw_cell = result.info.transformed_cell = ""
    shell._last_traceback = shell.InteractiveTB.tb = None
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)
