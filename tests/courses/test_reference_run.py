"""The decisive runs, and that only what changed runs again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from courses import products, run_keys, where_run
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson
from courses.reference_run import ReferenceRun, reference_run, reference_runs
from courses.run_plan import plan_lesson
from courses.run_store import Store
from fault import Fault
from running.places import Walled
from running.runner import Branch, ParentFailed, Run

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


def run_and_count(folder: Path, *, variants: bool = True) -> tuple[ReferenceRun, int]:
    """The lesson's runs, and how many of them were made."""
    told: list[int] = []
    lesson = read_lesson(folder)
    found = reference_runs([lesson], lambda done, total, what: told.append(total), variants=variants)
    return found[lesson.id], told[0]


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("lesson", read_all(), ids=lambda lesson: lesson.id)
def test_reference_full_blank_zero_every_mistake_caught(lesson: Lesson) -> None:
    run = reference_run(lesson)
    assert run.scores and all(score == full for score, full in run.scores.values()), run.errors
    assert not any(score for score, _ in run.blank.scores.values())
    assert all(answer.is_full for answer in run.also_right.values())
    assert lesson.mistakes and not any(run.mistakes[mistake.id].is_full for mistake in lesson.mistakes)


def test_a_comma_in_the_story_runs_nothing_and_a_new_mistake_runs_itself(own_build: Path, copy: Path) -> None:
    plan = plan_lesson(read_lesson(copy))
    assert run_and_count(copy)[1] == 2 + len(plan.variants)
    replace_text(copy / "lesson.md", "为什么要藏好它？", "为什么，要藏好它？\n\n再来一段。")
    found, count = run_and_count(copy)
    assert count == 0 and found.scores
    replace_text(copy / "mistakes.md", "return 2\n", "return 3\n")
    assert run_and_count(copy)[1] == 1
    assert run_and_count(copy)[1] == 0


def test_a_cell_behind_the_tests_leaves_the_mistakes_before_it_alone(own_build: Path, copy: Path) -> None:
    run_and_count(copy)
    lesson = read_lesson(copy)
    last = lesson.exercise("guess")
    assert last is not None
    replace_text(copy / "lesson.md", last.tests[0].source, last.tests[0].source + "\nassert True")
    of_guess = [one for one in (*lesson.mistakes, *lesson.also_right) if one.of == "guess"]
    assert run_and_count(copy)[1] == 2 + len(of_guess)  # the reference and the blank with them


def test_points_are_part_of_the_key(copy: Path) -> None:
    before = plan_lesson(read_lesson(copy)).variants["mistake/always-two"].key
    replace_text(copy / "lesson.md", "points: 2", "points: 3")
    assert plan_lesson(read_lesson(copy)).variants["mistake/always-two"].key != before


def test_data_is_part_of_the_key(copy: Path) -> None:
    before = plan_lesson(read_lesson(copy)).reference.key
    (copy / "data" / "words").mkdir(parents=True)
    (copy / "data" / "words" / "data.csv").write_text("词\n潮汐\n", encoding="utf-8")
    assert plan_lesson(read_lesson(copy)).reference.key != before


@pytest.fixture
def own_kits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of kits and running, of which the keys are made."""
    cached = [
        getattr(run_keys, name) for name in ("how_code_is_run", "module", "module_path", "files_beside", "data_set")
    ]
    for room in ("kits", "running"):
        shutil.copytree(run_keys.ROOT / room, tmp_path / "house" / room)
    monkeypatch.setattr(run_keys, "ROOT", tmp_path / "house")
    monkeypatch.setattr(run_keys, "KITS", tmp_path / "house" / "kits")
    for function in cached:
        function.cache_clear()
    yield tmp_path / "house"
    for function in cached:
        function.cache_clear()


@pytest.mark.parametrize(
    ("file", "more", "is_other"),
    [
        ("kits/answers.py", "\nMORE = 1\n", True),  # the lesson imports it
        ("kits/error_sentences.py", "\nMORE = 1\n", True),  # through kits.startup
        ("kits/answers.py", "\n# a comment\n", False),
        ("kits/plots.py", "\nMORE = 1\n", False),  # out of its reach
        ("kits/haike.mplstyle", "\n# another\n", False),
        ("running/kernel_shell.py", "\nMORE = 1\n", True),
    ],
)
def test_a_key_depends_on_what_the_lesson_reaches(
    own_kits: Path, copy: Path, file: str, more: str, is_other: bool
) -> None:
    before = plan_lesson(read_lesson(copy)).reference.key
    path = own_kits / file
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    for function in (run_keys.how_code_is_run, run_keys.module):
        function.cache_clear()
    assert (plan_lesson(read_lesson(copy)).reference.key != before) is is_other


def test_kits_is_followed_from_module_to_module(own_kits: Path) -> None:
    reached = [line.split()[0] for line in run_keys.kits_reached(["from kits.widgets import choice"])]
    assert {"kits.startup", "kits.errors", "kits.widgets.choice", "kits.widgets.base", "kits.answers"} <= set(reached)
    assert "kits.plots" not in reached
    everything = run_keys.kits_reached(["import importlib"])
    assert len(everything) > len(reached) and any(line.startswith("kits.plots ") for line in everything)
    named = run_keys.kits_reached(["from kits import datasets", "datasets.load('sklearn-wine')"])
    assert len(named) < len(run_keys.kits_reached(["from kits import datasets", "datasets.load(name)"]))


def test_a_damaged_store_is_an_empty_one(own_build: Path, copy: Path) -> None:
    first = run_and_count(copy)[0]
    store = Store("j7-99")
    store.path.write_text("{half", encoding="utf-8")
    assert Store("j7-99").records == {}
    again, count = run_and_count(copy)
    assert count and again.mistakes.keys() == first.mistakes.keys() and run_and_count(copy)[1] == 0


def test_a_torn_line_costs_one_run(own_build: Path, copy: Path) -> None:
    run_and_count(copy)
    path = Store("j7-99").path
    path.write_bytes(path.read_bytes()[:-30])
    assert run_and_count(copy)[1] == 1
    assert run_and_count(copy)[1] == 0


def test_lost_outputs_run_the_reference_again(own_build: Path, copy: Path) -> None:
    run_and_count(copy)
    Store("j7-99").outputs_path.unlink()
    found, count = run_and_count(copy)
    assert count == 1 and found.outputs


def test_progress_is_told_to_the_end(own_build: Path, copy: Path) -> None:
    told: list[tuple[int, int]] = []
    reference_runs([read_lesson(copy)], lambda done, total, what: told.append((done, total)))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1] > 0


def test_the_way_of_failing_has_line_and_value(copy: Path) -> None:
    way = reference_run(read_lesson(copy)).mistakes["always-two"].ways["secret-judge"]
    assert (way.line, way.ename) == (4, "AssertionError") and "2 个字" in way.seen


def test_a_branched_run_says_what_a_run_of_its_own_says(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, branch, branches = [], Run.branch, list[bool]()

    def noting(self: Run, given: tuple[str, ...]) -> Branch | None:
        found = branch(self, given)
        branches.append(found is not None)
        return found

    monkeypatch.setattr(Run, "branch", noting)
    for name in ("branched", "alone"):
        monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / name))
        found = reference_run(read_lesson(copy))
        tried = (*found.mistakes.values(), *found.also_right.values(), *found.mutations.values())
        said.append([(one.scores, one.ways, one.errors) for one in tried])
        monkeypatch.setattr(Run, "branch", lambda self, given: None)
    assert branches == [True, True], "one for each exercise, behind walls as well"
    assert said[0] == said[1] and len(said[0]) == len(plan_lesson(read_lesson(copy)).variants)


def test_without_variants_only_the_reference_runs_and_the_store_says_the_rest(own_build: Path, copy: Path) -> None:
    alone, count = run_and_count(copy, variants=False)
    assert count == 1 and alone.scores and not alone.mistakes and not alone.blank.scores
    run_and_count(copy)
    again, count = run_and_count(copy, variants=False)
    assert count == 0 and again.mistakes and again.blank.scores


def test_what_stands_when_a_check_is_killed_is_not_run_again(own_build: Path, copy: Path) -> None:
    class Killed(BaseException):
        pass

    def kill(done: int, total: int, what: str) -> None:
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        reference_runs([read_lesson(copy)], kill)
    total = 2 + len(plan_lesson(read_lesson(copy)).variants)
    assert run_and_count(copy)[1] == total - 3


def test_an_endless_mistake_is_stopped_and_the_rest_goes_on(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courses import run_plan

    job = run_plan.Job
    monkeypatch.setattr(run_plan, "Job", lambda *args, **keys: job(*args, **keys, timeout=3))
    replace_text(copy / "mistakes.md", "return 2\n", "while True:\n        pass\n")
    found = reference_run(read_lesson(copy))
    assert found.mistakes["always-two"].ways["secret-judge"].ename == "CellTimeout"
    assert found.mistakes["always-two"].own_seconds >= 3 > found.seconds
    assert found.scores and not found.errors and found.blank.scores


def test_a_lesson_of_another_root_is_run_behind_walls(own_build: Path, copy: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("别人的", encoding="utf-8")
    replace_text(copy / "mistakes.md", "return 2\n", f"raise ValueError(open({str(secret)!r}).read())\n")
    way = reference_run(read_lesson(copy)).mistakes["always-two"].ways["secret-judge"]
    assert way.ename in ("FileNotFoundError", "PermissionError")


def test_without_walls_a_foreign_lesson_is_not_run_and_ours_is(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where_run, "_walled", {})
    monkeypatch.setenv("HAIKE_SANDBOX", "off")
    with pytest.raises(Fault, match="不是海课自带的.*换一台机器"):
        reference_run(read_lesson(copy))
    monkeypatch.setattr(where_run, "is_ours", lambda lesson: True)
    assert reference_run(read_lesson(copy), variants=False).scores


def test_a_parent_that_does_not_start_is_told_in_chinese(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Walled, folder: Path, name: str) -> Run:
        raise ParentFailed("Killed")

    monkeypatch.setattr(Walled, "open", fail)
    with pytest.raises(Fault, match="没能开始.*Killed.*再运行一次"):
        reference_run(read_lesson(copy))


def test_a_release_that_cannot_be_made_names_the_lesson(
    own_build: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lesson: Lesson) -> None:
        raise ValueError("no such cell")

    monkeypatch.setattr(products, "release", refuse)
    with pytest.raises(Fault, match="做不出这一课的学生版"):
        reference_run(read_lesson(copy))
