"""How much of the reference answer stands in a mistake: lines unchanged, or with one changed token."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from courses.lesson import Cell
from courses.regions import region_lines

#: References of up to so many lines are judged by a person: a count of lines says nothing about them.
JUDGED_BY_HAND = 3
_SILENT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT}


def reference_lines(answer: Cell) -> list[tuple[str, ...]]:
    """The code lines of the solution region as tokens: no comments, no docstring, no blanks, no indentation."""
    return code_lines("\n".join(text for _, text in region_lines(answer, "SOLUTION")))


def kept_lines(reference: list[tuple[str, ...]], source: str) -> int:
    """How many of the reference's lines stand in `source` unchanged or with one changed token, each used once."""
    left = code_lines(source)
    kept = 0
    for line in reference:
        match = next((other for other in left if other == line), None)
        match = match or next((other for other in left if _one_token_apart(line, other)), None)
        if match:
            left.remove(match)
            kept += 1
    return kept


def code_lines(source: str) -> list[tuple[str, ...]]:
    documented = _docstring_lines(source)
    found = []
    for number, line in enumerate(source.split("\n"), 1):
        tokens = _tokens(line.strip())
        if tokens and number not in documented:
            found.append(tokens)
    return found


def _docstring_lines(source: str) -> set[int]:
    try:
        tree = ast.parse(re.sub(r"^", "    ", source, flags=re.MULTILINE) if source[:1].isspace() else source)
    except SyntaxError:
        return set()
    return {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _tokens(line: str) -> tuple[str, ...]:
    """The tokens of one line; a line that is only part of a statement is split as far as it goes."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type not in _SILENT and token.string.strip():
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return tuple(found)


def _one_token_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one token was changed, added or left out."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) == 0:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return max(len(one), len(other)) - start - end <= 1
