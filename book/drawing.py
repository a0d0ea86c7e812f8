"""An SVG file as a part of the page: drawn by the page's own colours, so that it follows light and dark."""

from __future__ import annotations

import re
from html import escape


def inline_svg(text: str, prefix: str, alt: str = "") -> str:
    """The <svg> element with ids of its own; with `alt` a picture to a screen reader, else as the file says."""
    svg = re.sub(r"<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", "", text, flags=re.DOTALL).strip()
    end = svg.index(">")
    head = re.sub(r'\s(width|height|xmlns)="[^"]*"', "", svg[:end])
    if alt:
        head = re.sub(r'\s(role|aria-label|aria-hidden)="[^"]*"', "", head) + f' role="img" aria-label="{escape(alt)}"'
    return own_ids(head + svg[end:], prefix)


def own_ids(svg: str, prefix: str) -> str:
    """Two drawings on one page may use the same id inside: give each its own."""
    for name in set(re.findall(r'\bid="([^"]+)"', svg)):
        quoted = re.escape(name)
        svg = re.sub(rf'\bid="{quoted}"', f'id="{prefix}{name}"', svg)
        svg = re.sub(rf'(href="#|url\(#|labelledby="){quoted}(?=["\)])', rf"\g<1>{prefix}{name}", svg)
    return svg
