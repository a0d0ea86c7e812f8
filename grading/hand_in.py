"""One hand-in on its way to its marks: what is the teacher's restored in it, its cells run in a box."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import OverwriteCells

from grading.execute import BoxedExecute
from grading.gradebook import lent
from grading.opened import OpenAssignment
from grading.result import Flag
from grading.submission import BadNotebook, Found, copy_files, read_notebook, settle
from running.box import Box

NBGRADERS_OWN = (Path("timestamp.txt"), Path("submission_secret.txt"))  # put into a hand-in when it is handed in


@dataclass
class HandIn:
    """What was found, run and is to be saved."""

    student: str
    found: Found
    handed_in: datetime | None = None
    stamps: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # graded before, nothing of them has changed
    graded: dict[str, NotebookNode] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    old_flags: list[Flag] = field(default_factory=list)  # of the grading before
    problem: str = ""
    part: Path | None = None  # where the graded folder is made
    is_done: bool = False  # graded before, and nothing has changed since
    seconds: float = 0.0
    slowest: tuple[str, float] = ("", 0.0)

    def fail(self, reason: str, words: str) -> HandIn:
        if all(one.reason != reason for one in self.flags):
            self.flags.append(Flag(reason, words))
        self.problem = self.problem or words
        return self


def prepare(opened: OpenAssignment, own: HandIn) -> None:
    """Read the notebooks and restore in them what is the teacher's."""
    started = time.monotonic()
    steps = opened.own_steps()
    for name, path in own.found.notebooks.items():
        if name in own.kept:
            continue
        notebook, flags = read_notebook(path)
        own.flags += flags
        resources = resources_of(opened, own.student, name)
        own.flags += settle(notebook, opened.source.notebooks[name])
        with lent(steps.modules, lambda: opened.source):
            for step in steps.sanitize:
                notebook, resources = sanitized(step, notebook, resources)
        own.graded[name], own.resources[name] = notebook, resources
    own.seconds = time.monotonic() - started


def sanitized(step: Any, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
    try:
        return step(notebook, resources)
    except (RuntimeError, ValueError, TypeError, KeyError) as error:
        if not isinstance(step, OverwriteCells):
            raise
        raise BadNotebook("changed-cell", "评分的格子被改得认不出来了。请孩子从原来的课文重新做") from error


def resources_of(opened: OpenAssignment, student: str, notebook: str) -> dict[str, Any]:
    """What nbgrader's converter hands from step to step."""
    db_url = opened.coursedir.db_url
    own = {"student": student, "assignment": opened.name, "notebook": notebook, "db_url": db_url}
    metadata = {"name": notebook, "path": ""}  # the stage, once there is one
    return {"unique_key": notebook, "output_files_dir": f"{notebook}_files", "nbgrader": own, "metadata": metadata}


def run_cells(opened: OpenAssignment, own: HandIn, box: Box, stage: Path) -> None:
    """Put the hand-in's files on the stage and run its notebooks there."""
    started = time.monotonic()
    copy_files(opened.path("submitted", own.student), own.found.files, stage)
    copy_files(opened.source_dir, opened.source_files, stage)
    for name in own.graded:
        # The pupil's own: in nbgrader the code finds the restored notebook here, hidden tests and all.
        shutil.copyfile(own.found.notebooks[name], stage / f"{name}.ipynb", follow_symlinks=False)
    has_own_files = not {*opened.source_files, *NBGRADERS_OWN}.issuperset(own.found.files)
    for name in list(own.graded):
        notebook, resources = own.graded[name], own.resources[name]
        resources["metadata"]["path"] = str(stage)
        for step in opened.own_steps().before_and_execute:
            if isinstance(step, BoxedExecute):
                step.box, step.has_own_files = box, has_own_files
                notebook, resources = execute(step, own, notebook, resources)
            else:
                notebook, resources = step(notebook, resources)
        own.graded[name], own.resources[name] = notebook, resources
    own.seconds += time.monotonic() - started


def execute(step: BoxedExecute, own: HandIn, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
    """Run the cells; what there is to say about them is said even if they end early."""
    try:
        return step(notebook, resources)
    finally:
        own.flags += [flag for flag in step.flags if flag not in own.flags]
        own.slowest = max(own.slowest, step.slowest, key=lambda one: one[1])
