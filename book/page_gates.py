"""What a text may bring onto a page: pictures of its own folder; no HTML, no file of the machine, no path out.

`check` tells the author of all this with its line; here it holds for a lesson that nobody has checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from book import PLACES
from courses.own_files import picture_at


def close_files(app: Sphinx) -> None:
    """`{include}`, `{literalinclude}` and their like would read any file of this machine into a page."""
    app.env.settings["file_insertion_enabled"] = False


class KeepInside(SphinxTransform):
    """Take from a lesson's page what does not belong to the lesson; its pictures get their place beside the page."""

    default_priority = 15

    def apply(self, **kwargs: Any) -> None:
        place, _, lesson_id = self.env.docname.partition("/")
        if place not in PLACES:
            return
        for raw in list(self.document.findall(nodes.raw)):
            if not is_output(raw):
                raw.replace_self(comment_or_text(raw))
        folder = Path(self.app.srcdir) / place / lesson_id
        for image in list(self.document.findall(nodes.image)):
            self.keep_picture(image, folder)
        for link in [*self.document.findall(download_reference), *self.document.findall(pending_xref)]:
            if not str(link.get("reftarget", "")).startswith("#"):
                link.replace_self(nodes.inline("", link.astext()))
        for reference in list(self.document.findall(nodes.reference)):
            if not str(reference.get("refuri", "#")).startswith(("#", "http:", "https:", "mailto:")):
                reference.replace_self(nodes.inline("", reference.astext()))

    def keep_picture(self, image: nodes.image, folder: Path) -> None:
        """`boat.svg` in the text is `<lesson>/boat.svg` beside the page; a picture that is not there is its words."""
        if is_output(image) or image["uri"].startswith("data:image/"):
            return
        path = picture_at(folder, image["uri"])
        if not path:
            image.replace_self(nodes.emphasis("", image.get("alt", "")))
            return
        image["uri"] = f"{folder.name}/{path.relative_to(folder).as_posix()}"


def is_output(node: nodes.Node) -> bool:
    """Whether a node is part of what a cell has put out, which book/outputs.py has made harmless."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, nodes.Element) and parent.get("nb_element") == "cell_code_output":
            return True
        parent = parent.parent
    return False


def comment_or_text(raw: nodes.raw) -> nodes.Node:
    """HTML in a text is shown as it was written; a comment stays unseen."""
    text = raw.astext().strip()
    if text.startswith("<!--"):
        return nodes.comment("", "")
    return nodes.literal(text, text) if isinstance(raw.parent, nodes.TextElement) else nodes.literal_block(text, text)
