"""The cast: 小灰, 小船, places and icons, drawn once in cast.svg and taken from there by name."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path


@cache
def _drawings() -> dict[str, tuple[str, str]]:
    text = (Path(__file__).parent / "cast.svg").read_text("utf-8")
    found = re.findall(r'<symbol id="([^"]+)" viewBox="([^"]+)">(.*?)</symbol>', text, re.DOTALL)
    return {name: (box, shapes) for name, box, shapes in found}


def names() -> list[str]:
    return list(_drawings())


def svg(name: str, label: str = "") -> str:
    """One drawing as an <svg> of its own; with a label it is a picture to a screen reader, without it an ornament.

    Colours come from tokens.css: put it inside an element of class `hk`.
    """
    box, shapes = _drawings()[name]
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg viewBox="{box}" {spoken} focusable="false">{shapes}</svg>'


def art(*wanted: str) -> dict[str, str]:
    """Drawings for a widget's `art` trait."""
    return {name: svg(name) for name in wanted}


def symbols(wanted: list[str]) -> str:
    """A hidden sheet of symbols, for a page that uses each drawing often by <use href="#name">."""
    drawn = "".join(
        f'<symbol id="{name}" viewBox="{_drawings()[name][0]}">{_drawings()[name][1]}</symbol>' for name in wanted
    )
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false">{drawn}</svg>'
