"""Pinyin over the words of pages for children who are learning to read: in our templates and in Voila's text cells."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

LEFT_ALONE = "ruby|code|pre|script|style|svg"
TAG = re.compile(rf"(<(?:{LEFT_ALONE})\b.*?</(?:{LEFT_ALONE})>|<[^>]*>)", re.S)
ENTITY = re.compile(r"&#(\d{4,6});")


def ruby_where_young(young: bool) -> Callable[[object], Markup]:
    """For templates: `{{ say("打开") }}` carries pinyin on a young child's page and is plain text on others'."""
    return (lambda words: with_pinyin(escape(words))) if young else escape


def with_pinyin(html: str) -> Markup:
    """HTML with pinyin over its words; tags, code and what already has pinyin stay as they are."""
    from kits import pinyin

    # nbconvert writes a heading's characters as numbers
    html = ENTITY.sub(lambda found: chr(int(found[1])), str(html))

    parts = TAG.split(html)
    return Markup("".join(part if number % 2 else pinyin.ruby(part) for number, part in enumerate(parts)))
