"""What a cell has put out, as a page shows it: the best form of it, without scripts and without foreign addresses."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from typing import Any

from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

from courses import markdown
from courses.formulas import mathml
from courses.svg_file import read_svg

WIDGET_MIME = "application/vnd.haike.widget+json"
#: Pictures that Sphinx writes into files of their own.
PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
TAGS = {
    "p", "br", "hr", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "mark", "code", "kbd", "pre", "span",
    "div", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "details", "summary", "ruby", "rt", "rp", "audio", "img",
    "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
}  # fmt: skip
_EMBEDDED = re.compile(r"data:(?:image/(?:png|jpeg|gif|webp)|audio/[\w.+-]+);base64,[A-Za-z0-9+/=\s]+")
_WITH_CONTENT = re.compile(r"<(script|style|template|svg|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_EMPTY_PICTURE = re.compile(r"<(?:img|audio)\b(?![^>]*\ssrc=)[^>]*>(?:</audio>)?")
_HEADING = re.compile(r"<(/?)h[1-6]\b[^>]*>", re.IGNORECASE)
_OWN_STYLE = re.compile(r"<script\b|<style\b(?! scoped)", re.IGNORECASE)
_ONE_DRAWING = re.compile(r"\s*<svg\b.*</svg>\s*", re.DOTALL | re.IGNORECASE)
#: `<Figure size …>`, `[<Line2D at 0x…>]`, `<IPython.core.display.Javascript object>`: words for programmers.
_BARE = re.compile(r"\[?\s*<[\w.]+(?: object| at 0x[0-9a-f]+|[^<>]*? with \d+ Axes|[^<>]* at 0x[0-9a-f]+)>\s*\]?")
_ONE_FORMULA = re.compile(r"\s*(\$\$?|\\\[|\\\()(.*?)(\$\$?|\\\]|\\\))\s*", re.DOTALL)

#: (what a widget is made from, its name on the page) → its HTML.
WidgetHtml = Callable[[dict[str, Any], str], str]


def show_outputs(cell: NotebookNode, uid: str, widget_html: WidgetHtml, modules: list[str]) -> None:
    """Leave in the cell what the page shows of it; the modules of its widgets join `modules`."""
    shown = []
    for number, output in enumerate(cell.outputs):
        if output.output_type == "stream" and output.name == "stdout":
            shown.append(output)
        elif output.output_type in ("display_data", "execute_result"):
            spec = output.data.get(WIDGET_MIME)
            if spec:
                modules += [spec["module"]] if spec["module"] not in modules else []
                data = {"text/html": f'<div class="b-live">{widget_html(spec, f"{uid}-{number}")}</div>'}
            else:
                data = page_data(output.data)
            if data:
                shown.append(NotebookNode({**output, "data": NotebookNode(data), "metadata": NotebookNode()}))
    cell.outputs = shown
    cell.execution_count = None


def page_data(data: dict[str, Any]) -> dict[str, str]:
    """The one form of an output that the page shows, by its MIME type; empty where there is nothing to be seen."""
    for mime in PICTURES:
        if mime in data:
            return {mime: text_of(data[mime])}
    plain = text_of(data.get("text/plain", ""))
    plain = "" if _BARE.fullmatch(plain.strip()) else plain
    html = ""
    if "text/html" in data:
        html = html_part(text_of(data["text/html"]), plain)
    elif "text/markdown" in data:
        html = markdown_part(text_of(data["text/markdown"]))
    elif "text/latex" in data:
        html = latex_part(text_of(data["text/latex"]))
    elif "application/json" in data:
        plain = json.dumps(data["application/json"], ensure_ascii=False, indent=1)
    if html:
        return {"text/html": f'<div class="b-out">{html}</div>'}
    return {"text/plain": plain} if plain.strip() else {}


def text_of(value: Any) -> str:
    """nbformat keeps a text as one string or as a list of its lines."""
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def html_part(html: str, plain: str) -> str:
    """HTML of a library or an author, made harmless; one that lives by its own style is told by its plain text."""
    if _ONE_DRAWING.fullmatch(html):
        return drawing_part(html)
    if plain and _OWN_STYLE.search(html):
        return ""
    return clean(html)


def drawing_part(svg: str) -> str:
    """A drawing as a picture of its own: nothing in it is run."""
    found = read_svg(svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    if not found:
        return ""
    return f'<img alt="" src="data:image/svg+xml;base64,{base64.b64encode(found.text.encode()).decode()}">'


@cache
def cleaner() -> Cleaner:
    def allowed(tag: str, name: str, value: str) -> bool:
        if name == "src":
            return tag in ("img", "audio") and bool(_EMBEDDED.fullmatch(value))
        if name == "class":
            return value == "dataframe"
        return name in ("alt", "colspan", "rowspan", "scope", "start", "controls", "open")

    return Cleaner(tags=TAGS, attributes=allowed, protocols={"data"}, strip=True)


def clean(html: str) -> str:
    """Only what says something: no script, style, frame or address; a heading is a line in bold."""
    cleaned = cleaner().clean(_HEADING.sub(in_bold, _WITH_CONTENT.sub("", html)))
    return _EMPTY_PICTURE.sub("", cleaned).strip()


def in_bold(found: re.Match[str]) -> str:
    return "</strong></p>" if found[1] else "<p><strong>"


def markdown_part(text: str) -> str:
    return _HEADING.sub(in_bold, renderer().render(text)).strip()


@cache
def renderer() -> MarkdownIt:
    """Markdown with tables and formulas, without HTML; links are their words, pictures only those it carries along."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.use(dollarmath_plugin, **markdown.DOLLARS, renderer=formula_part)
    made.add_render_rule("link_open", lambda *_: "")
    made.add_render_rule("link_close", lambda *_: "")
    made.add_render_rule("image", picture_part)
    return made


def picture_part(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    words, address = escape(tokens[index].content), str(tokens[index].attrs.get("src", ""))
    return f'<img alt="{words}" src="{escape(address)}">' if _EMBEDDED.fullmatch(address) else f"<em>{words}</em>"


def formula_part(tex: str, options: dict[str, Any]) -> str:
    return mathml(tex, as_block=bool(options.get("display_mode"))) or f"<code>{escape(tex, quote=False)}</code>"


def latex_part(text: str) -> str:
    """`Math` and `Latex`: one formula, or words with formulas in them."""
    one = _ONE_FORMULA.fullmatch(text)
    return formula_part(one[2], {"display_mode": one[1] in ("$$", r"\[")}) if one else markdown_part(text)
