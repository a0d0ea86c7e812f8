"""Widgets on a page without a kernel: the markup of one widget, the modules it needs, and the host that runs them.

A browser refuses module files and fetch under file://, so everything stands in the page itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from kits.widgets import base

HOST = Path(__file__).parent / "host.js"


def widget_html(spec: Mapping[str, Any], uid: str, *, lesson: str = "", fallback: str = "") -> str:
    """The place of one widget; `spec` is what a notebook stores under application/vnd.haike.widget+json.

    `uid` is unique on the page. Without `lesson` the widget belongs to the nearest element with data-lesson.
    `fallback` is read where scripts do not run (print, an old browser).
    """
    belongs = f' data-lesson="{escape(lesson)}"' if lesson else ""
    words = escape(fallback or "这里有一个可以玩的小部件，要用浏览器打开网页才看得到。")
    return (
        f'<div class="haike-widget" id="{escape(uid)}" data-module="{escape(spec["module"])}"{belongs}>'
        f'<script type="application/json">{_json(spec["state"])}</script>'
        f'<p class="haike-fallback">{words}</p></div>'
    )


def modules_html(names: Iterable[str]) -> str:
    """Styles and module texts, once a page; put it anywhere before the host script."""
    wanted = sorted(set(names))
    if not wanted:
        return ""
    css = "\n".join([base.style(), *(base.own_style(name) for name in wanted)])
    parts = [f'<style class="haike-style">\n{css.replace("</", "<" + chr(92) + "/")}\n</style>']
    for name in wanted:
        text = _json(base.script(name))
        parts.append(f'<script type="application/json" class="haike-module" data-name="{escape(name)}">{text}</script>')
    return "\n".join(parts)


def host_js() -> str:
    """A classic script; run it after the widgets and modules_html, inline or from a file beside the page."""
    return HOST.read_text("utf-8")


def _json(value: Any) -> str:
    """JSON that can stand inside a script element: no end tag, no comment opener, whatever a lesson says."""
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
