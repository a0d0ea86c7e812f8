"""Markdown as the class and the book read it: headings, pictures, links, formulas, and the rows that are prose.

The parser decides, not a pattern: what stands in a fence of any kind, in a code span or in a comment is none of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: A dollar before a price is money: no space inside the dollars of a formula, no digit right outside (as in Pandoc).
#: _config.yml tells the same to MyST.
DOLLARS: dict[str, bool] = {"allow_space": False, "allow_digits": False}


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    title: str


@dataclass(frozen=True)
class Link:
    """A picture or a link: the line its paragraph begins on or, where it can be found, its own."""

    line: int
    address: str
    words: str
    is_picture: bool


@dataclass(frozen=True)
class Formula:
    line: int
    tex: str
    is_block: bool


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, front matter, MyST's block marks and formulas: what jupytext and MyST agree on."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin
    from mdit_py_plugins.myst_blocks import myst_block_plugin

    reader = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(myst_block_plugin)
    return reader.use(dollarmath_plugin, **DOLLARS)


@lru_cache(maxsize=4096)
def blocks(text: str) -> tuple[Token, ...]:
    """The tokens of a text: blocks, with the pieces of each paragraph as children of its `inline` token."""
    return tuple(parser().parse(text))


def headings(text: str, first: int = 1) -> list[Heading]:
    """The headings of a text whose first line is line `first` of its file; not those within a quotation or a list."""
    found = blocks(text)
    return [
        Heading(first + token.map[0], int(token.tag[1]), found[number + 1].content.strip())
        for number, token in enumerate(found)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def fences(text: str, first: int = 1) -> Iterator[tuple[int, str]]:
    """(line, the words behind the opening marks) of every fenced block."""
    for token in blocks(text):
        if token.type == "fence" and token.map:
            yield first + token.map[0], token.info.strip()


def comments(text: str, first: int = 1) -> Iterator[int]:
    """The line on which each comment that stands by itself begins."""
    for token in blocks(text):
        if token.type == "html_block" and token.map and token.content.lstrip().startswith("<!--"):
            yield first + token.map[0]


def prose_rows(text: str, first: int = 1) -> list[tuple[int, str]]:
    """(line, row) of every row outside fences, indented code, comments and front matter."""
    hidden: set[int] = set()
    for token in blocks(text):
        is_comment = token.type == "html_block" and token.content.lstrip().startswith("<!--")
        if token.map and (token.type in ("fence", "code_block", "front_matter") or is_comment):
            hidden |= set(range(*token.map))
    return [(first + number, row) for number, row in enumerate(text.split("\n")) if number not in hidden]


def links(text: str, first: int = 1) -> list[Link]:
    """Every picture and link of a text, however it is written (titled, with a name, in brackets)."""
    rows = text.split("\n")
    found = []
    for token in blocks(text):
        if token.type != "inline" or not token.map:
            continue
        row = token.map[0]
        for child, words in _linking(token.children or []):
            address = str(child.attrs.get("src", child.attrs.get("href", "")))
            row = _row_of(address, rows, row, token.map[1])
            found.append(Link(first + row, address, words, child.type == "image"))
    return found


def pictures(text: str, first: int = 1) -> list[Link]:
    return [link for link in links(text, first) if link.is_picture]


def _linking(children: list[Token]) -> Iterator[tuple[Token, str]]:
    """The tokens of pictures and links with their words."""
    for number, child in enumerate(children):
        if child.type == "image":
            yield child, child.content
        elif child.type == "link_open":
            yield child, "".join(part.content for part in children[number + 1 :] if part.type == "text")


def _row_of(address: str, rows: list[str], start: int, end: int) -> int:
    """The row an address stands in; a parser gives the lines of a paragraph only, and writes addresses its own way."""
    plain = parser().normalizeLinkText(address)
    return next((row for row in range(start, end) if address in rows[row] or plain in rows[row]), start)


def formulas(text: str, first: int = 1) -> list[Formula]:
    """Every formula between dollars."""
    rows = text.split("\n")
    found = []
    for token in blocks(text):
        if token.type.startswith("math_block") and token.map:
            found.append(Formula(first + token.map[0], token.content, True))
        elif token.type == "inline" and token.map:
            for child in token.children or []:
                if child.type.startswith("math_inline"):
                    own = (row for row in range(*token.map) if f"${child.content}$" in rows[row])
                    found.append(Formula(first + next(own, token.map[0]), child.content, False))
    return found
