"""Which cells between an answer and its tests the tests need: in doubt, a cell is needed.

A cell is needed if it binds a name that is read further down, may change the value of one (a method called, an argument
given, an item set, a function called that does such things), or may change what no name tells (files, seeds).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache

from courses import python

#: Builtins that leave what they are given as it is.
ONLY_LOOK = frozenset(
    """
    print len sorted sum max min range list dict set tuple str int float round abs zip enumerate isinstance type repr
    any all map filter reversed bool display
    """.split()  # noqa: SIM905  a list of names reads best as words
)
#: A cell with one of these may change what no name tells.
ELSEWHERE = frozenset(
    """
    open record write_text write_bytes savetxt save savez to_csv dump seed exec eval globals setattr delattr vars
    importlib environ chdir run_line_magic set_printoptions seterr
    """.split()  # noqa: SIM905
)


def needed_cells(sources: Sequence[str], between: range, always: set[int]) -> list[int]:
    """Of the cells `between`, those in `always` and those that they need."""
    effects = effects_of_functions(sources)
    names: set[str] = set()
    needed = []
    for place in reversed(between):
        if place in always or is_needed(sources[place], names, effects):
            needed.append(place)
            names |= read_names(sources[place])
            for function in read_names(sources[place]) & effects.keys():  # what it reads when it is called
                names |= effects[function][1]
    return needed[::-1]


def is_needed(source: str, names: set[str], effects: dict[str, tuple[set[str], set[str]]]) -> bool:
    tree = python.parse(source, 1)
    if not isinstance(tree, ast.Module) or source.lstrip().startswith(("%", "!")):
        return True
    changed, used = touched(tree), read_names(source)
    for function in used & effects.keys():
        changed, used = changed | effects[function][0], used | effects[function][1]
    return bool(changed & names) or bool(used & ELSEWHERE)


def effects_of_functions(sources: Iterable[str]) -> dict[str, tuple[set[str], set[str]]]:
    """Function → the names it may change and those it reads, with those of the functions that it calls."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for source in sources:
        tree = python.parse(source, 1)
        for node in ast.walk(tree) if isinstance(tree, ast.Module) else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                body = ast.Module(body=node.body, type_ignores=[])
                bound = {name for part in ast.walk(body) if isinstance(part, ast.Global) for name in part.names}
                own = found.setdefault(node.name, (set(), set()))
                own[0].update(bound, touched(body) - bound_here(node))
                own[1].update(names_in(body))
    for _ in found:  # until nothing is added, at most once for each function
        before = sum(len(changed) + len(used) for changed, used in found.values())
        for changed, used in found.values():
            for other in used & found.keys():
                changed |= found[other][0]
                used |= found[other][1]
        if sum(len(changed) + len(used) for changed, used in found.values()) == before:
            break
    return found


def bound_here(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """The names that are a function's own: they are nobody's outside."""
    stored = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored - {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}


@cache
def read_names(source: str) -> frozenset[str]:
    tree = python.parse(source, 1)
    return frozenset(names_in(tree)) if isinstance(tree, ast.Module) else frozenset()


def names_in(tree: ast.AST) -> set[str]:
    """The names that code uses, attributes with them: `random` of np.random."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def touched(tree: ast.Module) -> set[str]:
    """The names that code binds, or whose values it may change."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            found |= root(node)
        elif isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in ONLY_LOOK):
            found |= root(node.func) if isinstance(node.func, ast.Attribute) else set()
            for value in (*node.args, *(keyword.value for keyword in node.keywords)):
                found |= root(value)
        if isinstance(node, ast.Attribute) and node.attr == "random":
            found.add("random")
    return found


def root(node: ast.AST) -> set[str]:
    """`table` of table[0].rows."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
