"""A box made warm for a class: the reference is run once, and what everybody was given is run once for all."""

from __future__ import annotations

import hashlib
import itertools
import json
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from build_paths import build_dir, write_atomically
from grading.opened import VERSION, OpenAssignment
from grading.part_of_points import results_of
from grading.submission import copy_files
from grading.warm_box import box_for, given_cells, read_reference, reference_cells
from running.box import Box, NoWalls
from running.runner import Dead, ParentFailed, Unresponsive
from running.sandbox import at_least

A_FEW, MANY = 3, 60  # hand-ins from which it pays to run the given cells once, and to make forks cheaper


def warm_box(opened: OpenAssignment, opening: Future[Box] | None, count: int) -> Box:
    """A box that has imported what the reference imports, for so many hand-ins. `opening` is one on its way already."""
    box = open_box(opened, opening)
    reference = read_reference(opened.source_dir)
    cells = reference_cells(reference)
    known = remembered(opened, box, cells)
    box.allowed, box.results = tuple(known["remarks"]), known["results"]
    box.needs_kernel = known["needs_kernel"]
    box.parent.preload(known["modules"])
    if count >= A_FEW and opened.runner.share_given and box.may_share and not box.needs_kernel:
        for name, given in given_cells(reference).items():
            good = list(itertools.takewhile(lambda cell: cell not in known["failed"], given))
            if good:
                share(opened, box, name, good, many=count >= MANY)
    if count >= MANY and len(box.branches) < len(opened.source.notebooks):
        box.parent.preload([], many=True)
    return box


def open_box(opened: OpenAssignment, opening: Future[Box] | None) -> Box:
    limits, level = opened.runner.limits(), opened.runner.level
    usual = not opened.runner.pass_environment and opened.source_dir.parent == opened.root / "source"
    if opening and usual:
        with suppress(NoWalls):
            box = opening.result()
            if at_least(box.level, level):
                box.limits = limits
                return box
    return box_for(opened.source_dir, opened.root, level, limits, opened.runner.passed())


def remembered(opened: OpenAssignment, box: Box, cells: list[str]) -> dict[str, Any]:
    """What a run of the reference shows, from an earlier grading if there was one."""
    key = hashlib.sha256("\0".join([VERSION, *cells, opened.base]).encode()).hexdigest()[:24]
    store = build_dir() / "warm" / f"{key}.json"
    try:
        return json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = scout(opened, box, cells)
        with suppress(OSError):
            write_atomically(store, json.dumps(known, ensure_ascii=False))
        return known


def scout(opened: OpenAssignment, box: Box, cells: list[str]) -> dict[str, Any]:
    """Run the reference: what it imports on its way, and which remarks are not a pupil's doing."""
    remarks: dict[str, None] = {}
    replies: list[tuple[str, dict[str, Any]]] = []
    modules: list[str] = []
    failed: list[str] = []
    needs_kernel = False
    with box.folder() as folder:
        copy_files(opened.source_dir, opened.source_files, folder)
        run = box.open(folder, opened.name)
        with suppress(Dead, Unresponsive):
            for cell in cells:
                reply, interrupted = run.execute(cell, opened.runner.timeout, trusted="assert" in cell)
                remarks.update(dict.fromkeys(reply["remarks"]))
                replies.append((cell, reply))
                failed += [cell] if interrupted or reply["status"] != "ok" else []
                needs_kernel |= reply["wants_kernel"]
            reply, _ = run.execute("import sys; print(' '.join(sys.modules))", 30)
            modules = reply["messages"][0]["content"]["text"].split()
        run.close()
    modules = [one for one in modules if one != "__main__"]
    found = {"remarks": list(remarks), "modules": modules, "needs_kernel": needs_kernel}
    return found | {"failed": failed if modules else cells, "results": dict(results_of(replies))}


def share(opened: OpenAssignment, box: Box, notebook: str, given: list[str], *, many: bool) -> None:
    """Run once what a class has been given; a notebook whose cells cannot be shared is run whole each time."""
    with box.folder() as folder, suppress(ParentFailed):
        copy_files(opened.source_dir, opened.source_files, folder)
        (folder / f"{notebook}.ipynb").touch()
        box.share(notebook, given, folder, opened.name, many=many)
