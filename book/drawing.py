"""An SVG file as a part of the page: drawn by the page's own colours, so that it follows light and dark."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from courses.svg_file import read_svg

_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)


def file_svg(path: Path, prefix: str, alt: str = "") -> str:
    """The drawing of a file, made harmless, as a part of the page; empty if there is no SVG that can be read."""
    if path.suffix.lower() != ".svg" or not path.is_file():
        return ""
    found = read_svg(path.read_bytes().decode("utf-8", "replace"))
    return inline_svg(found.text, prefix, alt) if found else ""


def inline_svg(text: str, prefix: str, alt: str = "") -> str:
    """The <svg> element with ids of its own; with `alt` a picture to a screen reader, else as the file says."""
    svg = _PROLOGUE.sub("", text).strip("\ufeff \r\n\t")
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
