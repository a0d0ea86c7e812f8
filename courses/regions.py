"""The marked regions of a cell (### BEGIN SOLUTION … ### END SOLUTION): what is inside, and what a pupil sees."""

from __future__ import annotations

import re

from courses.lesson import Cell

SECRET = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_BEGIN = re.compile(r"###\s*BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
_END = re.compile(r"###\s*END (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


def region_lines(cell: Cell, *regions: str) -> list[tuple[int, str]]:
    """(line in the file, text) of every line inside the named regions (all three when none is named)."""
    return [(number, text) for number, text, region in _walk(cell) if region and (not regions or region in regions)]


def public_lines(cell: Cell) -> list[tuple[int, str]]:
    """(line in the file, text) of every line outside all regions, markers left out: what a release shows."""
    return [(number, text) for number, text, region in _walk(cell) if not region]


def public_source(cell: Cell) -> str:
    """The cell without its regions; blank lines stand for them, so that line numbers stay true."""
    shown = dict(public_lines(cell))
    return "\n".join(shown.get(cell.line + n, "") for n in range(cell.source.count("\n") + 1))


def has_region(cell: Cell, region: str) -> bool:
    return f"BEGIN {region}" in cell.source


def _walk(cell: Cell) -> list[tuple[int, str, str]]:
    inside = ""
    walked: list[tuple[int, str, str]] = []
    for number, text in enumerate(cell.source.split("\n"), cell.line):
        if begin := _BEGIN.search(text):
            inside = begin[1]
        elif _END.search(text):
            inside = ""
        else:
            walked.append((number, text, inside))
    return walked
