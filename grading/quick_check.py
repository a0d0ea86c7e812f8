"""nbgrader's CheckCellMetadata that remembers what it has found sound: a class's notebooks carry the same metadata."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from nbformat import NotebookNode
from nbgrader.preprocessors import CheckCellMetadata


class QuickCheckCellMetadata(CheckCellMetadata):
    """The check, a JSON schema a cell, takes as long as many a hand-in; its answer depends on the metadata alone."""

    sound: ClassVar[set[str]] = set()

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        marks = json.dumps([(cell.cell_type, cell.metadata.get("nbgrader")) for cell in nb.cells], sort_keys=True)
        if marks not in self.sound:
            nb, resources = super().preprocess(nb, resources)
            self.sound.add(marks)
        return nb, resources
