"""Building the tiny book without running its lessons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbformat import NotebookNode

from courses import products
from courses.lesson import Lesson


@contextmanager
def building_in(folder: Path) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setenv("HAIKE_BUILD", str(folder))
    try:
        yield
    finally:
        patch.undo()


def stand_in_page(lesson: Lesson) -> NotebookNode:
    """The page without running the lesson: only the tiny lesson's widget is made."""
    from kits.widgets import choice

    outputs = {}
    if lesson.id == "p2-99":
        options = [("圆的", True, "对，它像扇子。"), ("尖的", False, "再看看边。")]
        data, _ = choice("", "哪一枚是扇贝？", options=options)._repr_mimebundle_()
        number = next(n for n, cell in enumerate(lesson.cells) if cell.kind == "code")
        outputs[number] = [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}]
    return products.page(lesson, outputs)
