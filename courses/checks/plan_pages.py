"""teacher.md on paper: two A4 pages for a class hour, estimated from the text as the book prints it.

The true measure is Chromium's, in tests/book/test_plan_pages.py, which also holds this estimate to it. The numbers are
those of `.b-at-plan` in the print style of book/theme/static/haike.css, and the theme's head of the page as measured.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING

from courses import markdown
from courses.checks.rule import Seen, lesson_rule, of_the_second_edition
from courses.lesson import Lesson

if TYPE_CHECKING:
    from markdown_it.token import Token

PAGES_AN_HOUR = 2
#: Millimetres: the printed part of a page, and what title, tags and the line of minutes take of the first.
WIDTH, HEIGHT, HEAD = 184.0, 273.0, 36.0
#: A Chinese character of 9 points; a Latin letter or a digit as a part of it.
CHARACTER, LATIN = 3.175, 0.55
LINE, TABLE_LINE, HEADING = 4.55, 4.4, 7.6
#: What stands around a paragraph, an item of a list, a row of a table, and beside the text of a cell.
PARAGRAPH_GAP, ITEM_GAP, ROW_GAP, CELL_SIDES = 1.1, 0.5, 1.5, 3.6
ITEM_INDENT = 4.5
#: Columns of the plan's table that have a width of their own: minutes and mode.
WHEN, MODE = 3.6 * CHARACTER, 4.6 * CHARACTER


def pages(text: str) -> float:
    """About how many pages a plan takes on paper."""
    return (HEAD + sum(_heights(markdown.blocks(text)))) / HEIGHT


def _heights(tokens: tuple[Token, ...]) -> Iterator[float]:
    rows: list[list[float]] = []
    lists = 0
    for number, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield PARAGRAPH_GAP + sum(_row_heights(rows))
            rows = []
        elif token.type == "inline":
            before = tokens[number - 1]
            if before.type in ("td_open", "th_open"):
                rows[-1].append(_width(token))
            elif before.type == "heading_open":
                yield 0.0 if before.tag == "h1" else HEADING  # the title stands in the head of the page
            elif lists:
                yield ITEM_GAP + LINE * ceil(_width(token) / (WIDTH - ITEM_INDENT * lists))
            else:
                yield PARAGRAPH_GAP + LINE * ceil(_width(token) / WIDTH)
        elif token.type in ("fence", "code_block"):
            yield PARAGRAPH_GAP + LINE * token.content.count("\n")


def _row_heights(rows: list[list[float]]) -> Iterator[float]:
    """The height of each row, in columns as wide as a browser makes them: by the longest cell where there is room."""
    columns = max(map(len, rows), default=0)
    longest = [max((row[place] for row in rows if place < len(row)), default=0.0) for place in range(columns)]
    room = WIDTH - CELL_SIDES * columns
    if columns == 3 and longest[1] > room - WHEN - MODE:
        wide = [WHEN, room - WHEN - MODE, MODE]
    elif sum(longest) > room:
        wide = [max(one * room / sum(longest), min(one, 4 * CHARACTER)) for one in longest]
    else:
        wide = longest
    for row in rows:
        lines = (ceil(width / wide[place]) for place, width in enumerate(row) if width)
        yield ROW_GAP + TABLE_LINE * max(lines, default=1)


def _width(token: Token) -> float:
    text = "".join(part.content for part in token.children or () if part.type in ("text", "code_inline"))
    return CHARACTER * sum(1.0 if unicodedata.east_asian_width(mark) in "WFA" else LATIN for mark in text)


@lesson_rule(
    "plan-pages",
    what="教案打印出来，一课时不超过两页 A4",
    why="老师拿在手里的，是两页纸",
    advice="删掉答案页里也有的话，把长句写短；书里的教案页能打印出来看",
)
def plan_pages(lesson: Lesson) -> Iterator[Seen]:
    text = lesson.texts.get("teacher.md", "")
    if not lesson.front or not text:
        return
    most = PAGES_AN_HOUR * ceil(lesson.front.hours)
    if (needed := pages(text)) > most:
        seen = f"教案打印出来约 {ceil(needed * 10) / 10:g} 页，最多 {most} 页"
        yield Seen(1, seen, file="teacher.md", level=of_the_second_edition(lesson))
