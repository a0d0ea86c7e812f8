"""What a grading has to do: who handed in, and which of it is new or has changed since it was graded."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta

from grading.course import CourseFault
from grading.execute import METADATA
from grading.folders import folders
from grading.hand_in import HandIn
from grading.opened import OpenAssignment
from grading.result import Flag
from grading.submission import look_through
from grading.timestamps import Unreadable


def students(opened: OpenAssignment, pupil: str | None) -> list[str]:
    """Who handed the assignment in. Raises CourseFault if nobody did."""
    excluded = set(filter(None, opened.coursedir.student_id_exclude.split(",")))
    found = folders(opened.coursedir, "submitted", opened.name)
    students = [one for one in found if one not in excluded and pupil in (None, one)]
    if not students:
        whose = f"{pupil} 的" if pupil else ""
        advice = f"先用 ./haike class collect {opened.name} 收作业。"
        raise CourseFault(f"{opened.root} 里还没有{whose} {opened.name} 的作业。{advice}")
    return students


def find(opened: OpenAssignment, student: str, *, force: bool) -> HandIn:
    """A pupil's hand-in: what lies there, its fingerprints, and which of its notebooks have not changed."""
    folder = opened.path("submitted", student)
    own = HandIn(student, look_through(folder, opened.source.notebooks, opened.is_ignored))
    own.flags = list(own.found.flags)
    try:
        own.handed_in = opened.timestamp(folder)
    except Unreadable as said:
        if opened.source.duedate:
            own.flags.append(Flag("timestamp", f"{said}，没有算晚交。请看一看"))
    if not own.found.notebooks:
        return own.fail(own.found.flags[-1].reason, own.found.flags[-1].words) if own.found.flags else own
    with suppress(OSError):
        stamp(opened, own)
    if not force:
        for notebook in own.found.notebooks:
            old = opened.read_graded(student, notebook)
            about = old.metadata.get(METADATA, {}) if old else {}
            own.old_flags += [Flag(*one) for one in about.get("flags", [])]
            if old and about.get("stamp") == own.stamps.get(notebook):
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
    old = opened.readable_timestamp(str(opened.path("autograded", own.student)))
    return not (own.handed_in is not None and old is not None and own.handed_in > old)


def may_cost_something_else(opened: OpenAssignment, own: HandIn) -> bool:
    """Whether being late has to be looked at again: a due date, an extension or the clock's zone may have moved.

    Its cells need not run for that. What is neither late nor was costs nothing either way.
    """
    standing, due = opened.before[own.student], opened.source.duedate
    when = own.handed_in or standing.timestamp
    is_late = bool(when and due and when > due + (standing.extension or timedelta()))
    return is_late or standing.penalty > 0 or (own.handed_in or standing.timestamp) != standing.timestamp
