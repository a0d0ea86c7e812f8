"""`haike watch`: what is said at once, what the runs add, and that a save brings a new round."""

from __future__ import annotations

import io
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rule_cases import STARTER, make_run

from courses.lesson import Lesson
from courses.reference_run import ReferenceRun
from courses.watch import OwnFiles, Round, one_save, rounds, show

WAIT = 30  # seconds; a limit for a machine in trouble, not a sleep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, path)
    return path


def run(lesson: Lesson) -> ReferenceRun:
    return make_run(lesson, {"scores": {"alarms-judge": 1}} if lesson.exercises else {})


def rules(one: Round) -> set[str]:
    return {finding.rule for finding in one.findings}


def test_first_what_the_text_says_then_what_the_runs_say(folder: Path) -> None:
    text, whole = one_save(folder, [], run)
    assert not text.with_runs and "reference-full" not in rules(text)
    assert whole.with_runs and "reference-full" in rules(whole)
    assert text.seconds <= whole.seconds


def test_text_alone_is_said_within_two_seconds_of_processor_time(folder: Path) -> None:
    import time

    next(one_save(folder, [], run))
    start = time.process_time()
    next(one_save(folder, [], run))
    assert time.process_time() - start < 2


def test_a_broken_lesson_is_reported_without_a_run(folder: Path) -> None:
    (folder / "lesson.md").write_text("---\nhaike: [\n---\n", encoding="utf-8")
    only = list(one_save(folder, [], run))
    assert len(only) == 1 and "front-matter" in rules(only[0])


def test_a_save_brings_a_new_round(folder: Path) -> None:
    seen: queue.Queue[Round] = queue.Queue()
    stop = threading.Event()

    def listen() -> None:
        for one in rounds(folder, run=run, stop=stop):
            seen.put(one)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert "spacing" not in rules(wait_for(seen, with_runs=True))
        lesson = folder / "lesson.md"
        text = lesson.read_text(encoding="utf-8").replace("## 小结\n", "## 小结\n\n一共3句。\n")
        # The watcher may not listen yet when the first round is out: save until it has heard one.
        for one in saved_until_heard(lesson, text, seen):
            if "spacing" in rules(one):
                break
    finally:
        stop.set()
        thread.join(WAIT)
    assert not thread.is_alive()


def wait_for(seen: queue.Queue[Round], *, with_runs: bool) -> Round:
    while True:
        one = seen.get(timeout=WAIT)
        if one.with_runs == with_runs:
            return one


def saved_until_heard(path: Path, text: str, seen: queue.Queue[Round]) -> Iterator[Round]:
    for _ in range(WAIT):
        path.write_text(text, encoding="utf-8")
        try:
            yield seen.get(timeout=1)
        except queue.Empty:
            continue
    pytest.fail("no round after a save")


@pytest.mark.parametrize(
    ("name", "heard"),
    [("lesson.md", True), ("data/winds.csv", True), ("answers.json", False), ("lesson.ipynb", False)],
)
def test_only_the_authors_own_files_count(name: str, heard: bool) -> None:
    from watchfiles import Change

    assert OwnFiles()(Change.modified, f"/school/j7-99-starter/{name}") is heard


def test_a_round_is_shown_with_its_stage(folder: Path) -> None:
    out = io.StringIO()
    for one in one_save(folder, [], run):
        show(one, Console(file=out, width=100))
    said = out.getvalue()
    assert "先看课文" in said and "连试做一起查完" in said and "reference-full" in said
