"""What is known of a lesson is kept as long as it is true, and only so long."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from courses import kept
from courses.checks import check, to_run
from courses.curriculum import read_curriculum
from courses.finding import Finding
from courses.knowledge import read_knowledge
from courses.lesson import Lesson
from courses.reading import read_lesson
from courses.reference_run import ReferenceRun
from courses.roots import LESSONS

MODEL = next(LESSONS.glob("grade-07/j7-03*"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(kept, "_known", {})
    return Path(shutil.copytree(MODEL, tmp_path / "lessons" / "grade-07" / MODEL.name))


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process."""
    monkeypatch.setattr(kept, "_known", {})


def findings(lesson: Lesson, **more: object) -> list[Finding]:
    return check([lesson], read_curriculum(), read_knowledge(), **more)  # type: ignore[arg-type]


def test_a_lesson_is_read_and_judged_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_lesson(folder)
    found = findings(first)
    forget(monkeypatch)
    monkeypatch.setattr("courses.reading.read_myst", None)
    again = read_lesson(folder)
    assert again == first and again is not first
    monkeypatch.setattr("courses.checks.rule.Rule.findings", lambda rule, folder, *seen: iter(()))
    assert [one for one in findings(again) if one.path.is_relative_to(folder)] == [
        one for one in found if one.path.is_relative_to(folder) and one.rule != "prerequisite-order"
    ]


def test_an_exercise_still_knows_its_own_cells(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    findings(read_lesson(folder))
    forget(monkeypatch)
    lesson = read_lesson(folder)
    assert all(any(cell is one.answer for cell in lesson.cells) for one in lesson.exercises)


def test_a_change_of_any_file_is_seen_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "spacing" not in {one.rule for one in findings(read_lesson(folder))}
    sheet = folder / "sheet.md"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "\n看一看wow\n", encoding="utf-8")
    for _ in range(2):
        assert "spacing" in {one.rule for one in findings(read_lesson(folder))}
        forget(monkeypatch)


def test_a_change_of_the_rules_or_of_the_folder_forgets_everything(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings(read_lesson(folder))
    before = kept.fingerprint(folder)
    moved = folder.rename(tmp_path / folder.name)
    assert kept.fingerprint(moved) != before  # findings name the place
    moved.rename(folder)
    monkeypatch.setattr(kept, "_code_version", lambda: "another")
    assert kept.fingerprint(folder) != before


def test_a_damaged_store_is_an_empty_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_lesson(folder)
    findings(first)
    (store,) = (kept.build_dir() / "kept").glob(f"{folder.name}-*")
    whole = store.read_bytes()
    for damaged in (b"", whole[:-9], whole.partition(b"\n")[0] + b"\nnonsense"):
        store.write_bytes(damaged)
        forget(monkeypatch)
        assert read_lesson(folder) == first


def test_runs_are_judged_once_and_those_of_references_alone_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = read_lesson(folder)
    assert to_run([lesson]) == [lesson] == to_run([lesson], variants=False)
    run = ReferenceRun(errors=((0, "ZeroDivisionError：出错"),))
    found = findings(lesson, runs={lesson.id: run}, variants=False)
    assert len(found) > len(findings(lesson))
    forget(monkeypatch)
    lesson = read_lesson(folder)
    assert to_run([lesson], variants=False) == [] and to_run([lesson]) == [lesson]
    assert findings(lesson, runs={}, variants=False) == found
    monkeypatch.setattr(kept, "run_version", lambda: "other kits")
    assert to_run([lesson], variants=False) == [lesson]


def test_a_lesson_that_lacks_a_file_is_not_run(folder: Path) -> None:
    path = folder / "lesson.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n![一张图](gone.svg)\n", encoding="utf-8")
    assert to_run([read_lesson(folder)]) == []
