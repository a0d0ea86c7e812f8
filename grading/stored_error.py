"""An error kept in a graded notebook, told in the classroom's own sentences (kits.errors).

Where a lesson has loaded them, the sentence itself is what was kept. In other courses an exception's name, its message
and IPython's traceback are left: the exception is made again from them, the line is found, and the same rules speak.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import zip_longest
from typing import Any

from kits import errors
from kits.error_sentences import Scene
from kits.errors import Explanation

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: How IPython heads a step of a traceback that lies in a cell, or in code that has no file.
STEP = re.compile(
    r"^ *(?:Cell (?P<cell>In\[\d+\]), line |File (?P<file><[^>\n]*>):)(?P<line>\d+)(?:, in (?P<function>[^\n(]+)\()?",
    re.MULTILINE,
)
ARROW = re.compile(r"^-+> *\d+ ?(.*)$", re.MULTILINE)
CHAINED = re.compile(r"The above exception was the direct cause|During handling of the above exception")
SYNTAX = re.compile(r"(?P<message>.*) \([^()]*, line (?P<line>\d+)\)", re.DOTALL)
#: What follows def and class, for, import; what stands left of an equals sign.
GIVEN = re.compile(
    r"\b(?:def|class)\s+([^:\n]*)|\bfor\s+([^:\n]*?)\s+in\b|\bimport\s+([^\n]*)|^[ \t]*([\w\s,.*()\[\]]*?)\s*=(?!=)",
    re.MULTILINE,
)
#: What kits.errors shows in a traceback's place: Explanation.text.
TOLD = re.compile(r"(?P<sentence>[^\n]*[\u4e00-\u9fff][^\n]*)(?:\n\n→ (?P<line>\d+) │ (?P<snippet>[^\n]*))?\s*")
WHERE = re.compile(r"第 \d+ 行(?:（(?P<function>\w+) 里）)?：")
NO_FILES = ("<frozen", "<__array_function__")
#: Kinds of libraries' own: the kinds of Python's that the sentences know them by.
KINDS: dict[str, tuple[type[Exception], ...]] = {
    **dict.fromkeys(("UFuncTypeError", "_UFuncNoLoopError", "_UFuncBinaryResolutionError"), (TypeError,)),
    **dict.fromkeys(("LinAlgError", "JSONDecodeError", "StatisticsError", "AxisError"), (ValueError,)),
    "NotFittedError": (ValueError, AttributeError),
    "_ArrayMemoryError": (MemoryError,),
    "InvalidIndexError": (IndexError,),
}
#: What a cell that ran too long is ended with; in class, where the pupil has done it, it is no error.
STOPPED = {"KeyboardInterrupt": TimeoutError, "CellTimeoutError": TimeoutError}
#: Modules a lesson may name in an AttributeError: what else they hold is looked up for "did you mean".
KNOWN_MODULES = ("numpy", "math", "random", "statistics", "time", "datetime", "collections", "kits")
LONGEST = 500_000  # letters of a traceback that are looked at


@dataclass(frozen=True)
class Step:
    """A step on the way to an error: the cell as IPython counts it, the line, the function, the line as shown."""

    cell: str
    line: int
    function: str
    shown: str


@dataclass(frozen=True)
class StoredError:
    ename: str
    evalue: str
    steps: tuple[Step, ...]
    caret: int = 0
    told: Explanation | None = None

    def exception(self, source: str) -> BaseException:
        """The exception made again; `source` is the cell that Python could not read, if that is what is wrong."""
        kind: Any = STOPPED.get(self.ename) or getattr(builtins, self.ename, None)
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            kind = type(self.ename, KINDS.get(self.ename, (Exception,)), {})
        if issubclass(kind, SyntaxError):
            return self.syntax_error(kind, source.split("\n"))
        with suppress(Exception):
            error = kind(self.argument(kind))
            if isinstance(error, NameError):
                error.name = next(iter(re.findall(r"'(\w+)'", self.evalue)), None)
            if isinstance(error, AttributeError):
                error.obj = owner(self.evalue)
            return error
        own: Any = type(self.ename, (Exception,), {})
        return own(self.evalue)

    def last_step(self) -> Step | None:
        """The step behind the cell that ran, where it stopped in another one."""
        if self.told and self.told.line:
            return Step("", self.told.line, function_of(self.told), self.told.snippet)
        return self.steps[-1] if self.steps and self.steps[-1].cell != self.steps[0].cell else None

    def argument(self, kind: type[BaseException]) -> Any:
        if issubclass(kind, KeyError):  # its message is the key as Python writes it
            with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
                return ast.literal_eval(self.evalue)
        return self.evalue

    def syntax_error(self, kind: type[SyntaxError], lines: list[str]) -> SyntaxError:
        match = SYNTAX.fullmatch(self.evalue)
        number = int(match["line"]) if match else 1
        if match and "incomplete input" in match["message"]:  # as kits.errors does: Python itself knows what is missing
            try:
                compile("\n".join(lines), "<cell>", "exec", dont_inherit=True)
            except SyntaxError as plain:
                return plain.with_traceback(None)
            except (ValueError, MemoryError, RecursionError):
                pass
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        indented = len(line) - len(line.lstrip())
        return kind(match["message"] if match else self.evalue, ("<cell>", number, self.caret + indented, line))


def owner(message: str) -> Any:
    """What an AttributeError was about, as far as its message tells: a kind of Python's own, or a known module."""
    module = re.match(r"module '([\w.]+)'", message)
    if module and (module[1] in sys.modules or module[1].split(".")[0] in KNOWN_MODULES):
        with suppress(Exception):
            return import_module(module[1])
    kind = re.match(r"'(\w+)' object", message)
    return getattr(builtins, kind[1], None) if kind else None


def read_error(output: Any) -> StoredError:
    """An nbformat error output; whatever a hand-in has put there, something is read."""
    text = ANSI.sub("", "\n".join(map(str, output.get("traceback") or [])))[:LONGEST]
    text = text[max((chain.end() for chain in CHAINED.finditer(text)), default=0) :]
    heads = [head for head in STEP.finditer(text) if not (head["file"] or "").startswith(NO_FILES)]
    steps = []
    for head, after in zip_longest(heads, heads[1:]):
        end = after.start() if after else len(text)
        arrow = ARROW.search(text, head.end(), end)
        function = (head["function"] or "").split(".")[-1]
        shown = arrow[1] if arrow else ""
        steps.append(Step(head["cell"] or head["file"], int(head["line"]), "" if "<" in function else function, shown))
    caret = re.search(r"^    ( *)\^", text, re.MULTILINE)
    return StoredError(
        str(output.get("ename", "")),
        str(output.get("evalue", "")),
        tuple(steps),
        len(caret[1]) + 1 if caret else 0,
        None if steps else told_in_class(text),
    )


def told_in_class(text: str) -> Explanation | None:
    """What kits.errors has said, if it has."""
    found = TOLD.fullmatch(text)
    if not found:
        return None
    return Explanation(found["sentence"], int(found["line"]) if found["line"] else None, found["snippet"] or "")


def explain_cell(output: Any, own: str, others: Sequence[str], names: Iterable[str]) -> Explanation:
    """Why a pupil's own cell stopped, as it was told in class. `others` are the cells before it, the nearest first."""
    error = read_error(output)
    exception = error.exception(own)
    if error.told and error.ename not in STOPPED:
        return error.told
    if error.told and error.told.line:
        return errors.explained_at(exception, Scene(tuple(own.split("\n")), error.told.line), function_of(error.told))
    if isinstance(exception, SyntaxError):
        return errors.explained_at(exception, Scene(tuple(own.split("\n")), exception.lineno or 1, tuple(names)))
    if isinstance(exception, AssertionError) or not error.steps:
        return errors.explain(type(exception), exception)
    last = error.steps[-1]
    source = own if last.cell == error.steps[0].cell else next((one for one in others if shows(one, last)), "")
    return errors.explained_at(exception, Scene(tuple(source.split("\n")), last.line, tuple(names)), last.function)


def explain_test(output: Any, written: Sequence[str], names: Sequence[str], is_hidden: bool) -> Explanation:
    """Why a test stopped: in a line the pupil has written, or in the test itself, of which no line is told.

    `written` are the pupil's cells, the exercise's own first. What a hidden test gave a pupil's function is the
    test's secret: a sentence that would quote it is told without.
    """
    error = read_error(output)
    exception = error.exception("")
    if isinstance(exception, AssertionError):
        return errors.explain(type(exception), exception)
    last = error.last_step()
    source = next((one for one in written if shows(one, last)), None) if last else None
    if last and source is not None:
        scene = Scene(tuple(source.split("\n")), last.line, tuple(names))
        found = error.told or errors.explained_at(exception, scene, last.function)
        if is_hidden and not quotes_only(error.evalue, source):
            where = WHERE.match(found.sentence)
            sentence = f"{where[0] if where else ''}{errors.STOPPED_WITH_OTHERS}"
            return Explanation(sentence, found.line, found.snippet, secret=True)
        return found
    own = "" if is_hidden else errors.own_message(exception)
    return Explanation(own or errors.check_stopped(exception, names))


def function_of(told: Explanation) -> str:
    where = WHERE.match(told.sentence)
    return (where["function"] or "") if where else ""


def shows(source: str, step: Step) -> bool:
    """Whether this cell has the line that the step has shown, in that place."""
    lines = source.split("\n")
    return 0 < step.line <= len(lines) and bool(step.shown) and lines[step.line - 1].strip() == step.shown.strip()


def quotes_only(message: str, source: str) -> bool:
    """Whether all that a message quotes is the pupil's own, or Python's name for a kind of thing."""
    quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"|(\d[\d.]*)|([\u4e00-\u9fff]+)", message)
    kinds = {*vars(builtins), "NoneType", "ndarray", "function", "module"}
    return all(part in source or part in kinds for parts in quoted for part in parts if part)


def names_given(sources: Iterable[str]) -> list[str]:
    """The names that a pupil's cells give to something. Read as text: a cell that is no Python has names as well."""
    found = [words for source in sources for given in GIVEN.findall(source) for words in given if words]
    return list(dict.fromkeys(re.findall(r"[^\W\d]\w*", " ".join(found))))
