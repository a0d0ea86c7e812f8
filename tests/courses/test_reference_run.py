"""The decisive runs, and that only what changed runs again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from courses import reference_run as module
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson
from courses.reference_run import plan_runs, read_store, reference_run, reference_runs, store_path

CANARY = Path(__file__).resolve().parents[1] / "canary" / "grade-07" / "j7-99-canary"


@pytest.fixture
def own_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "grade-07" / "j7-99-canary"
    shutil.copytree(CANARY, folder)
    return folder


def jobs_run(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counts: list[int] = []
    run = module.run_jobs

    def counting(jobs, **more):  # type: ignore[no-untyped-def]
        counts.append(len(jobs))
        return run(jobs, **more)

    monkeypatch.setattr(module, "run_jobs", counting)
    return counts


@pytest.mark.parametrize("lesson", read_all(), ids=lambda lesson: lesson.id)
def test_reference_full_blank_zero_every_mistake_caught(lesson: Lesson) -> None:
    run = reference_run(lesson)
    assert run.scores and all(score == full for score, full in run.scores.values()), run.errors
    assert not any(score for score, _ in run.blank.scores.values())
    assert all(answer.is_full for answer in run.also_right.values())
    assert lesson.mistakes and not any(run.mistakes[mistake.id].is_full for mistake in lesson.mistakes)


def test_a_comma_in_the_story_runs_nothing_and_a_new_mistake_runs_itself(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = jobs_run(monkeypatch)
    reference_run(read_lesson(copy))
    assert counts == [len(plan_runs(read_lesson(copy)))]

    text = (copy / "lesson.md").read_text(encoding="utf-8")
    (copy / "lesson.md").write_text(text.replace("为什么要藏好它？", "为什么，要藏好它？"), encoding="utf-8")
    reference_run(read_lesson(copy))
    assert counts[1] == 0

    mistakes = (copy / "mistakes.md").read_text(encoding="utf-8")
    (copy / "mistakes.md").write_text(mistakes.replace("return 2\n", "return 3\n"), encoding="utf-8")
    reference_run(read_lesson(copy))
    assert counts[2] == 1


def test_data_is_part_of_the_key(copy: Path) -> None:
    before = plan_runs(read_lesson(copy))["reference"].job.key
    (copy / "data" / "words").mkdir(parents=True)
    (copy / "data" / "words" / "data.csv").write_text("词\n潮汐\n", encoding="utf-8")
    assert plan_runs(read_lesson(copy))["reference"].job.key != before


def test_a_damaged_store_is_an_empty_one(own_build: Path, copy: Path) -> None:
    reference_run(read_lesson(copy))
    store_path("j7-99").write_text("{half", encoding="utf-8")
    assert read_store("j7-99") == {}
    assert reference_run(read_lesson(copy)).scores


def test_progress_is_told_to_the_end(own_build: Path, copy: Path) -> None:
    told: list[tuple[int, int]] = []
    reference_runs([read_lesson(copy)], lambda done, total, what: told.append((done, total)))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1] > 0


def test_the_way_of_failing_has_line_and_value(copy: Path) -> None:
    way = reference_run(read_lesson(copy)).mistakes["always-two"].ways["secret-judge"]
    assert (way.line, way.ename) == (4, "AssertionError") and "2 个字" in way.seen


def test_without_variants_only_the_reference_runs_and_the_store_says_the_rest(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = jobs_run(monkeypatch)
    alone = reference_run(read_lesson(copy), variants=False)
    assert counts == [1] and alone.scores and not alone.mistakes and not alone.blank.scores
    reference_run(read_lesson(copy))
    again = reference_run(read_lesson(copy), variants=False)
    assert counts[2] == 0 and again.mistakes and again.blank.scores
