"""What Voila does to a lesson for the young: tests are for grading and do not run, words get pinyin, faults go on."""

from typing import Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from voila.exporter import VoilaMarkdownRenderer

from courses.stage import stage
from deploy import look
from deploy.page_pinyin import with_pinyin


class WithoutTests(Preprocessor):
    """Leaves out what a child has nothing to do with: graders' cells and raw cells."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb.cells = [cell for cell in nb.cells if cell.cell_type != "raw" and not _is_test(cell)]
        return nb, resources


class PicturesByAddress(VoilaMarkdownRenderer):
    """Voila writes pictures into the page, but asks the contents manager as if it answered at once, which ours does
    not. The browser asks for them instead."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return IPythonRenderer.image(self, text, url, title)


def _is_test(cell: NotebookNode) -> bool:
    keys = cell.metadata.get("nbgrader", {})
    return bool(keys.get("grade")) and not keys.get("solution")


def page_config(config: dict[str, Any], *, base_url: str, **_: Any) -> dict[str, Any]:
    """Voila would fetch MathJax from far away; young children's lessons hold no formulas."""
    config["fullMathjaxUrl"] = f"{base_url}haike/static/no_formulas.js"
    return config


def say(html: str, young: bool) -> Markup:
    return with_pinyin(html) if young else Markup(html)


def picture(name: str) -> Markup:
    return Markup(look.picture(name))


def is_young(about: dict[str, Any]) -> bool:
    """Whether a lesson's page speaks in pinyin; the notebook's metadata says it, or at least its grade."""
    return bool(about.get("read_aloud", stage(about.get("grade")).read_aloud))


FILTERS = {"haike_say": say, "haike_picture": picture, "haike_young": is_young}
