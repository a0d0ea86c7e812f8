"""What a grading has to do: who handed in, and which of it is new or has changed since it was graded."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress

from grading.course import CourseFault
from grading.execute import METADATA
from grading.hand_in import HandIn
from grading.opened import OpenAssignment
from grading.submission import look_through


def students(opened: OpenAssignment, pupil: str | None) -> list[str]:
    """Who handed the assignment in. Raises CourseFault if nobody did."""
    coursedir, root = opened.coursedir, opened.root
    pattern = coursedir.format_path(coursedir.submitted_directory, pupil or "*", opened.name)
    named = coursedir.format_path(coursedir.submitted_directory, "(?P<student>.*)", opened.name, escape=True)
    excluded = set(filter(None, coursedir.student_id_exclude.split(",")))
    paths = root.glob(str((root / pattern).relative_to(root)))
    found = [m["student"] for path in paths if (m := re.fullmatch(named, str(path), re.DOTALL))]
    students = sorted(set(found) - excluded)
    if not students:
        whose = f"{pupil} 的" if pupil else ""
        advice = f"先用 ./haike class collect {opened.name} 收作业。"
        raise CourseFault(f"{root} 里还没有{whose} {opened.name} 的作业。{advice}")
    return students


def find(opened: OpenAssignment, student: str, *, force: bool) -> HandIn:
    """A pupil's hand-in: what lies there, its fingerprints, and which of its notebooks have not changed."""
    folder = opened.path("submitted", student)
    own = HandIn(student, look_through(folder, opened.source.notebooks, opened.is_ignored))
    own.flags = list(own.found.flags)
    if not own.found.notebooks:
        return own.fail(own.flags[-1].reason, own.flags[-1].words) if own.flags else own
    with suppress(OSError):
        stamp(opened, own)
    if not force:
        for notebook in own.found.notebooks:
            old = opened.read_graded(student, notebook)
            if old is not None and old.metadata.get(METADATA, {}).get("stamp") == own.stamps.get(notebook):
                own.kept.add(notebook)
    return own


def stamp(opened: OpenAssignment, own: HandIn) -> None:
    """A fingerprint for each notebook of all that its marks depend on."""
    folder = opened.path("submitted", own.student)
    common = hashlib.sha256(opened.base.encode())
    for name in own.found.files:
        common.update(f"\0{name}\0".encode("utf-8", "surrogateescape"))
        common.update(hashlib.sha256((folder / name).read_bytes()).digest())
    for notebook, path in own.found.notebooks.items():
        whole = common.copy()
        whole.update(repr(opened.source.notebooks[notebook]).encode())
        whole.update(path.read_bytes())
        own.stamps[notebook] = whole.hexdigest()[:32]


def is_done(opened: OpenAssignment, own: HandIn) -> bool:
    """Whether a hand-in's marks stand as another grading would leave them."""
    standing = opened.before.get(own.student)
    if standing is None or not standing.is_whole:
        own.kept = set()
        return False
    if own.kept == own.found.notebooks.keys():
        return True
    return not own.kept and is_done_by_nbgrader(opened, own)


def is_done_by_nbgrader(opened: OpenAssignment, own: HandIn) -> bool:
    """nbgrader's own rule, for what it graded itself: there, and not older than the hand-in."""
    graded = [opened.read_graded(own.student, name) for name in own.found.notebooks]
    if any(one is None or "stamp" in one.metadata.get(METADATA, {}) for one in graded):
        return False
    new, old = (opened.timestamp(opened.path(step, own.student)) for step in ("submitted", "autograded"))
    return not (new is not None and old is not None and new > old)
