"""Where a course keeps its work: nbgrader's folders, named and ordered as the course's own configuration has them.

nbgrader looks for names as if they were patterns; here a name is a name, whatever brackets and stars stand in it.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

from nbgrader.coursedir import CourseDirectory


def folder(coursedir: CourseDirectory, step: str, assignment: str, pupil: str = ".") -> Path:
    """Of one pupil's assignment at a step: source, release, submitted, autograded or feedback."""
    return Path(coursedir.format_path(getattr(coursedir, f"{step}_directory"), pupil, assignment))


def folders(coursedir: CourseDirectory, step: str, assignment: str) -> dict[str, Path]:
    """pupil → their folder of the assignment at this step, by name; only what is there."""
    names = {"nbgrader_step": getattr(coursedir, f"{step}_directory"), "assignment_id": assignment}
    pattern = spelled(coursedir.directory_structure, glob.escape, names, "*", "*")
    form = spelled(coursedir.directory_structure, re.escape, names, f"(?P<pupil>[^{os.sep}]+)", "(?P=pupil)")
    found = {}
    for path in glob.glob(pattern, root_dir=coursedir.root):  # noqa: PTH207  Path.glob would find hidden folders too
        if match := re.fullmatch(form, path):
            found[match["pupil"]] = Path(coursedir.root, path)
    return dict(sorted(found.items()))


def spelled(structure: str, escape: Callable[[str], str], names: dict[str, str], pupil: str, again: str) -> str:
    """directory_structure as a pattern: names and the text between them escaped, any pupil."""
    parts = []
    for text, field, *_ in Formatter().parse(structure):
        parts.append(escape(text))
        if field == "student_id":
            parts.append(pupil)
            pupil = again
        elif field:
            parts.append(escape(names[field]))
    return "".join(parts)
