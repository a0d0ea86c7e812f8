"""Every kind of hand-in in submissions/: the right scores, the reasons a teacher must look, and no harm.

`-k KIND` grades only that one. HAIKE_CORPUS_STOCK=all compares all that must be graded as stock nbgrader grades them.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.grading.corpus import NEIGHBOUR, REASONS, STOCK, Box, make_course, read_cases

CASES = read_cases()
#: Done with the sandbox switched off, these find what they look for: the harm checks are awake.
AWAKE = ("reach-canary", "reach-tcp", "reach-neighbour-write", "reach-daemon")


@dataclass(frozen=True)
class Run:
    box: Box
    results: dict[str, Any]


def stock_sample() -> list[str]:
    same = [kind for kind, case in CASES.items() if case.stock == "same"]
    return same if os.environ.get("HAIKE_CORPUS_STOCK") == "all" else sorted(random.Random(7).sample(same, 6))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("corpus")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAIKE_DATA", str(base / "var"))
        yield make_course(base / "template")


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """All cases that somebody asked for, graded in one go."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    kinds = CASES.keys() & {item.callspec.params.get("kind") for item in items if hasattr(item, "callspec")}
    if any(item.originalname == "test_scores_as_stock_nbgrader_gives_them" for item in items):
        kinds |= set(stock_sample())
    box = Box(tmp_path_factory.mktemp("box"), template, kinds)
    try:
        yield graded(box)
    finally:
        box.close()


def graded(box: Box, **more: Any) -> Run:
    from grading.autograde import autograde

    results = [each for name in box.assignments() for each in autograde(name, box.course, jobs=2, **more)]
    return Run(box, {result.pupil: result for result in results})


def test_the_cases_are_well_formed() -> None:
    for kind, case in CASES.items():
        assert len(kind) <= 32 and case.what and case.flags <= REASONS and case.stock in STOCK, kind
        assert bool(case.why) == (case.stock != "same"), f"{kind}: say why"
        assert case.scores or case.flags, f"{kind}: not graded, and nobody told"


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_scores(kind: str, run: Run) -> None:
    result, case = run.results[kind], CASES[kind]
    assert {cell.grade_id: cell.score for cell in result.cells if cell.score is not None} == case.scores
    assert run.box.scores(kind, case.assignment) == case.scores


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_reasons_to_look(kind: str, run: Run) -> None:
    flags = run.results[kind].flags
    assert {flag.reason for flag in flags} == CASES[kind].flags, flags


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_no_harm(kind: str, run: Run) -> None:
    assert run.box.harm(kind) == []


@pytest.mark.slow
def test_the_others_are_left_alone(run: Run) -> None:
    assert run.box.shared_harm() == []
    assert not run.results[NEIGHBOUR].problem and not run.results[NEIGHBOUR].flags


@pytest.mark.slow
def test_scores_as_stock_nbgrader_gives_them(run: Run, template: Path, tmp_path: Path) -> None:
    """Every row of the gradebook: marks, what waits for a person, penalties and comments."""
    box = Box(tmp_path, template, stock_sample())
    try:
        for assignment in box.assignments():
            stock_autograde(box.course, assignment)
        for kind, case in box.cases.items():
            ours, theirs = (each.rows(kind, case.assignment) for each in (run.box, box))
            assert ours == theirs, kind
    finally:
        box.close()


def stock_autograde(course: Path, assignment: str) -> None:
    """nbgrader's own command in a process of its own, without anything of ours."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    nbgrader = shutil.which("nbgrader", path=places)
    assert nbgrader
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("HAIKE_", "JUPYTER", "IPYTHON"))}
    done = subprocess.run(
        [nbgrader, "autograde", assignment],
        cwd=course,
        env=keep | {"PATH": places},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_without_a_sandbox_the_harm_is_found(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_SANDBOX", "off")
    box = Box(tmp_path, template, AWAKE)
    try:
        graded(box, level="none")
        found = {kind: box.harm(kind) for kind in AWAKE}
        assert all(found.values()), found
        assert any(NEIGHBOUR in each for each in box.shared_harm())
    finally:
        box.close()
