"""A lesson's page notebook → the notebook Sphinx reads: widgets as HTML, test cells in short, pictures with words.

The page notebook (courses.products.page) already holds nothing secret; here it only gets the book's form.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from book.outputs import WIDGET_MIME, WidgetHtml, show_outputs
from courses import markdown
from courses.lesson import Lesson

EXERCISE = re.compile(r"(必做|选做|挑战)")

#: What stands on the page where a pupil writes an answer in the assignment.
WRITTEN = "*在课堂的作业里写下你的回答，写在纸上也可以。*"


@dataclass
class BookNotebook:
    """The notebook, the widget modules its page needs, and the points of each 必做/选做/挑战 in order."""

    notebook: NotebookNode
    modules: list[str] = field(default_factory=list)
    points: list[float] = field(default_factory=list)


def book_notebook(page: NotebookNode, lesson: Lesson, widget_html: WidgetHtml) -> BookNotebook:
    result = BookNotebook(NotebookNode(page.copy()), points=exercise_points(page))
    cells: list[NotebookNode] = []
    for number, cell in enumerate(page.cells):
        shaped = shape_cell(NotebookNode(cell.copy()), lesson.stage.code_hidden)
        if shaped is None:
            continue
        if shaped.cell_type == "code":
            show_outputs(shaped, f"{lesson.id}-{number}", widget_html, result.modules)
        cells.append(shaped)
    if not any(cell.cell_type == "markdown" and is_title(cell.source) for cell in cells[:1]):
        cells.insert(0, new_markdown_cell(f"# {lesson.title}", id="title"))
    result.notebook.cells = cells
    # Nothing of the author's tools goes into the page: only what the highlighter needs.
    result.notebook.metadata = NotebookNode({
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "pygments_lexer": "python3"},
    })  # fmt: skip
    return result


def is_title(text: str) -> bool:
    return any(heading.level == 1 for heading in markdown.headings(text)[:1])


def exercise_points(page: NotebookNode) -> list[float]:
    """The points of each 必做/选做/挑战, in order: those of the graded cells below its heading."""
    points: list[float] = []
    in_exercise = False
    for cell in page.cells:
        if cell.cell_type == "markdown":
            for heading in markdown.headings(without_pinyin(cell.source)):
                in_exercise = heading.level == 3 and bool(EXERCISE.match(heading.title))
                points += [0.0] if in_exercise else []
        grading = cell.metadata.get("nbgrader", {})
        if in_exercise and grading.get("grade"):
            points[-1] += float(grading.get("points") or 0)
    return points


def shape_cell(cell: NotebookNode, code_hidden: bool) -> NotebookNode | None:
    """Tags and metadata as the book needs them; None for a cell a reader of the page has no use for."""
    about = cell.metadata.get("haike", {})
    role, alt = about.get("role", "plain"), about.get("alt")
    tags = [str(tag) for tag in cell.metadata.get("tags", [])]
    cell.metadata = NotebookNode()
    if cell.cell_type == "markdown":
        cell.source = WRITTEN if role == "written" else without_pinyin(cell.source)
        return cell
    if cell.cell_type != "code":
        return None
    if role == "test":
        if "assert" not in cell.source:
            return None
        tags = ["hide-input", "test"]
        cell.metadata["mystnb"] = {"code_prompt_show": "看看用什么例子检查", "code_prompt_hide": "收起检查的例子"}
    elif role == "answer":
        tags = ["answer"]
    elif code_hidden or only_makes_widget(cell):
        tags = ["remove-input"]
    elif has_widget(cell):
        tags = ["hide-input"]
    if "remove-input" in tags and not cell.outputs:
        return None
    if alt:
        cell.metadata.setdefault("mystnb", {})["image"] = {"alt": str(alt)}
    cell.metadata["tags"] = tags
    return cell


def without_pinyin(text: str) -> str:
    """The book sets pinyin itself, when it writes the page: the search must find 字卡, not 字zì卡kǎ."""
    return re.sub(r"<ruby>(.*?)<rt>.*?</rt></ruby>", r"\1", text)


def has_widget(cell: NotebookNode) -> bool:
    return any(WIDGET_MIME in output.get("data", {}) for output in cell.outputs)


def only_makes_widget(cell: NotebookNode) -> bool:
    """The cell is one call that shows a widget: on a page the widget itself says all."""
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return False
    return has_widget(cell) and len(statements) == 1 and isinstance(statements[0], ast.Expr)
