"""Sphinx extension: turns a lesson's headings into boxes and navigation, sets pinyin, and refuses unsafe sources.

What a page is filled from stands in the data file beside its source (see book/derive.py); the templates are in
book/theme/.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform

from book import MARKER
from book.drawing import file_svg
from book.page_gates import KeepInside, close_files
from book.search_words import SearchWords
from courses.formulas import mathml
from kits.widgets import cast

THEME = Path(__file__).parent / "theme"
#: The fixed name of a section → the class of its box.
BOXES = {
    "引入": "hook", "体验": "play", "讲解": "explain", "动手": "do",
    "自测": "check", "思考": "think", "小结": "recap", "家庭": "home",
}  # fmt: skip
HEADING = re.compile(rf"^({'|'.join(BOXES)})(?:[：:]\s*(.*))?$")
HALF = "第二课时"
EXERCISE = re.compile(r"^(必做|选做|挑战)([一二三四五六七八九十]*)[：:\s]*(.*)$")
EXERCISE_CLASS = {"必做": "must", "选做": "may", "挑战": "dare"}
#: Who looks on in which box.
COMPANION = {"think": "hui-think", "home": "hui-happy"}


class UnsafeSource(SphinxError):
    category = "海课"


class Pinyin(nodes.inline):
    """Text that is written with pinyin above; its child is the plain text, which the search reads."""


class Lead(nodes.container):
    """The words before a lesson's first section: shown in the page's head, not in its body."""


def refuse_unsafe_source(app: Sphinx) -> None:
    """lesson.md holds solutions and hidden tests: only a folder that `derive` has written may be built."""
    if not (Path(app.srcdir) / MARKER).is_file():
        raise UnsafeSource(
            "这里有带答案的课文原稿，不能直接生成网页。请改用：./haike book build（成品在 build/site/）。"
        )


def page_data(app: Sphinx, docname: str) -> dict[str, Any]:
    path = Path(app.srcdir) / f"{docname}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


class RememberData(SphinxTransform):
    """A page is out of date when its data file changes."""

    default_priority = 10

    def apply(self, **kwargs: Any) -> None:
        self.env.note_dependency(str(Path(self.app.srcdir) / f"{self.env.docname}.json"))


class DrawInPage(SphinxTransform):
    """An SVG picture goes into the page itself, so that it follows light and dark."""

    default_priority = 20

    def apply(self, **kwargs: Any) -> None:
        folder = Path(self.app.srcdir) / Path(self.env.docname).parent
        for number, image in enumerate(list(self.document.findall(nodes.image))):
            path = folder / unquote(image["uri"])
            svg = file_svg(path, f"d{number}-", image.get("alt", ""))
            if svg:
                self.env.note_dependency(str(path))
                paragraph = image.parent
                drawn = nodes.raw("", f'<figure class="b-drawing">{svg}</figure>', format="html")
                if isinstance(paragraph, nodes.paragraph) and len(paragraph) == 1:
                    paragraph.replace_self(drawn)
                else:
                    image.replace_self(drawn)


def shape_document(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    data = page_data(app, docname)
    place = docname.partition("/")[0] if "/" in docname else ""
    if place == "lessons":
        shape_lesson(doctree, data)
    if place:
        shape_tables(doctree)
        drop_title(doctree)
    if place in ("lessons", "sheets") and data.get("lesson", {}).get("pinyin"):
        set_pinyin(doctree)


def drop_title(doctree: nodes.document) -> None:
    """The page's head shows the title."""
    title = next(doctree.findall(nodes.title), None)
    if title is not None:
        title.parent.remove(title)


def shape_lesson(doctree: nodes.document, data: dict[str, Any]) -> None:
    top = next(doctree.findall(nodes.section), None)
    if top is None:
        return
    lead = [node for node in top.children if isinstance(node, nodes.paragraph)]
    first = next((number for number, node in enumerate(top.children) if isinstance(node, nodes.section)), len(top))
    lead = [node for node in lead if top.index(node) < first]
    if lead:
        box = Lead()
        top.insert(top.index(lead[0]), box)
        for node in lead:
            top.remove(node)
            box += node
    points = list(data.get("points", []))
    for section in top.findall(nodes.section):
        if section.parent is top:
            shape_section(section, data)
        else:
            shape_exercise(section, points, data["lesson"]["points_hidden"])


def shape_section(section: nodes.section, data: dict[str, Any]) -> None:
    """A `##` section gets its class, its label, and what the book adds to it."""
    title = section.next_node(nodes.title)
    found = HEADING.match(title.astext()) if title is not None else None
    if title is None or not found:
        section["classes"].append("b-step")
        if title is not None and title.astext().startswith(HALF):
            section["classes"].append("b-half")
        return
    name, own = found.groups()
    box = BOXES[name]
    section["classes"] += ["b-step", f"b-step-{box}"]
    if own:
        cut_start(title, len(title.astext()) - len(own))
        label = nodes.paragraph("", name, classes=["b-step-name"])
        section.insert(0, label)
    if box in COMPANION:
        section.insert(0, nodes.raw("", f'<div class="b-companion">{cast.svg(COMPANION[box])}</div>', format="html"))
    if box == "explain" and data.get("gloss"):
        section += gloss(data["gloss"])
        data["gloss"] = []
    if box == "recap" and data.get("map"):
        section += point_map(data["map"])


def cut_start(title: nodes.title, length: int) -> None:
    """Take `length` characters off the start of a title, whatever inline nodes it has."""
    for text in list(title.findall(nodes.Text)):
        if length <= 0:
            return
        rest = text.astext()[length:]
        length -= len(text.astext())
        text.parent.replace(text, nodes.Text(rest))


def shape_exercise(section: nodes.section, points: list[float], hidden: bool) -> None:
    """`### 必做一：…` becomes a card with a badge and its points; young children are shown no points."""
    title = section.next_node(nodes.title)
    found = EXERCISE.match(title.astext()) if title is not None else None
    if title is None or not found:
        return
    kind, number, rest = found.groups()
    section["classes"] += ["b-ex", f"b-ex-{EXERCISE_CLASS[kind]}"]
    cut_start(title, len(title.astext()) - len(rest))
    title.insert(0, nodes.inline("", kind + number, classes=["b-badge"]))
    worth = points.pop(0) if points else 0
    if worth and not hidden:
        title += nodes.inline("", f"{worth:g} 分", classes=["b-points"])


def gloss(points: list[dict[str, str]]) -> nodes.container:
    box = nodes.container(classes=["b-gloss"])
    for point in points:
        box += nodes.paragraph("", "", nodes.strong("", point["name"]), nodes.Text(f" {point['gloss']}。"))
    return box


def point_map(points: dict[str, Any]) -> nodes.container:
    """Where the lesson sits on the knowledge map: what it needs → its own point → what it opens."""
    box = nodes.container(classes=["b-map", *(f"no-{side}" for side in ("needs", "opens") if not points[side])])

    def column(names: list[str], css: str) -> nodes.container:
        inner = nodes.container(classes=["b-map-side", css])
        for name in names:
            inner += nodes.paragraph("", name)
        return inner

    if points["needs"]:
        box += column(points["needs"], "b-map-needs")
    box += nodes.container("", nodes.paragraph("", points["now"]), classes=["b-map-now"])
    if points["opens"]:
        box += column(points["opens"], "b-map-opens")
    return box


def shape_tables(doctree: nodes.document) -> None:
    """The plan table gets classes for its columns; every table can be scrolled sideways on a phone."""
    for table in list(doctree.findall(nodes.table)):
        head = table.next_node(nodes.entry)
        if head is not None and head.astext().strip() == "分钟":
            table["classes"].append("b-plan")
            names = ["b-when", "b-what", "b-mode", "b-short"]
            for row in table.findall(nodes.row):
                for name, entry in zip(names, row.findall(nodes.entry), strict=False):
                    entry["classes"] += [name]
                    if name == "b-mode" and entry.astext().strip() in MODE_CLASS:
                        entry["classes"].append(MODE_CLASS[entry.astext().strip()])
        else:
            box = nodes.container(classes=["b-scroll"])
            table.replace_self(box)
            box += table


MODE_CLASS = {"屏幕": "b-m-screen", "纸面": "b-m-paper", "讨论": "b-m-talk", "活动": "b-m-move"}


def set_pinyin(doctree: nodes.document) -> None:
    for text in list(doctree.findall(nodes.Text)):
        if re.search(r"[\u4e00-\u9fff]", text.astext()) and not under_code(text):
            text.parent.replace(text, Pinyin("", nodes.Text(text.astext())))


def under_code(node: nodes.Node) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, nodes.literal | nodes.literal_block | nodes.raw | nodes.math | nodes.math_block):
            return True
        parent = parent.parent
    return False


def visit_pinyin(translator: Any, node: Pinyin) -> None:
    translator.body.append(ruby(translator.encode(node.astext())))
    raise nodes.SkipNode


def visit_lead(translator: Any, node: Lead) -> None:
    node["start"] = len(translator.body)


def depart_lead(translator: Any, node: Lead) -> None:
    html = "".join(translator.body[node["start"] :])
    del translator.body[node["start"] :]
    translator.builder.app.haike_leads[translator.builder.current_docname] = html


def pass_by(translator: Any, node: nodes.Node) -> None:
    """Builders other than HTML, and the search's reader, go on to the text inside."""


def visit_math(translator: Any, node: nodes.math) -> None:
    tex = node.astext()
    translator.body.append(mathml(tex) or translator.encode(f"${tex}$"))
    raise nodes.SkipNode


def visit_math_block(translator: Any, node: nodes.math_block) -> None:
    tex = node.astext()
    shown = mathml(tex, as_block=True) or f"<pre>{translator.encode(tex.strip())}</pre>"
    translator.body.append(f'<div class="formula">{shown}</div>')
    raise nodes.SkipNode


def fill_template(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> str | None:
    """Give the template its data; the data names the template."""
    data = page_data(app, pagename)
    context.update(data)
    context["pagename"] = pagename
    context["drawn"] = cast.svg
    context["symbols"] = cast.symbols
    context["ruby"] = ruby
    context["zipped"] = lambda values: [(value, value) for value in values]
    context["lead"] = app.haike_leads.get(pagename, "")  # type: ignore[attr-defined]
    if pagename == "search":
        context["notes"] = page_data(app, "search-notes")
    if pagename.startswith("lessons/") and doctree is not None:
        context["steps"] = steps(doctree, data.get("section_minutes", []))
    return data.get("template")


def steps(doctree: nodes.document, minutes: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The navigation beside a lesson: its named sections with their minutes, by class hour."""
    found: list[dict[str, Any]] = []
    hour = 0
    for section in doctree.findall(nodes.section):
        if "b-half" in section["classes"]:
            hour += 1
            found.append({"name": HALF, "anchor": section["ids"][0], "minutes": "", "half": True})
        box = next((name for name, css in BOXES.items() if f"b-step-{css}" in section["classes"]), "")
        if box:
            own = minutes[hour] if hour < len(minutes) else {}
            found.append({"name": box, "anchor": section["ids"][0], "minutes": own.get(box, ""), "half": False})
    return found


def ruby(text: str) -> str:
    from kits import pinyin

    return pinyin.ruby(text)


def setup(app: Sphinx) -> dict[str, Any]:
    refuse_unsafe_source(app)
    app.haike_leads = {}  # type: ignore[attr-defined]
    app.add_html_theme("haike", str(THEME))
    app.add_search_language(SearchWords)
    passing = (pass_by, pass_by)
    app.add_node(Pinyin, html=(visit_pinyin, pass_by), latex=passing, text=passing)
    app.add_node(Lead, html=(visit_lead, depart_lead), latex=passing, text=passing)
    app.add_html_math_renderer("haike", (visit_math, pass_by), (visit_math_block, pass_by))
    app.add_transform(RememberData)
    app.add_transform(KeepInside)
    app.add_transform(DrawInPage)
    app.connect("builder-inited", close_files)
    app.connect("doctree-resolved", shape_document)
    app.connect("html-page-context", fill_template)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
