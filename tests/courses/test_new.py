"""`haike new`: a copy of the starter that is itself a lesson."""

from __future__ import annotations

from pathlib import Path

import pytest

from courses.checks import check
from courses.curriculum import CURRICULUM, read_curriculum
from courses.knowledge import read_knowledge
from courses.new import NotMade, new
from courses.reading import read_lesson


@pytest.fixture
def curriculum(tmp_path: Path) -> Path:
    path = tmp_path / "curriculum.yml"
    path.write_text(CURRICULUM.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_new_lesson_takes_its_facts_from_the_plan_and_leaves_the_plan(tmp_path: Path, curriculum: Path) -> None:
    entry = next(one for one in read_curriculum(curriculum).plan if one.grade == 8)
    folder = new(entry.id, tmp_path / "lessons", curriculum)
    assert folder == tmp_path / "lessons" / "grade-08" / f"{entry.id}-{entry.slug}"
    lesson = read_lesson(folder)
    assert lesson.findings == () and lesson.front
    front = lesson.front
    assert (front.id, front.title, front.grade, front.hours) == (entry.id, entry.title, 8, entry.hours)
    assert tuple(front.knowledge) == entry.knowledge
    before, after = read_curriculum().plan, read_curriculum(curriculum).plan
    assert [one.id for one in after] == [one.id for one in before if one.id != entry.id]


def test_new_lesson_is_valid_but_for_the_words_of_the_starter(tmp_path: Path, curriculum: Path) -> None:
    entry = next(one for one in read_curriculum(curriculum).plan if one.grade == 8 and one.hours == 1)
    lesson = read_lesson(new(entry.id, tmp_path / "lessons", curriculum))
    found = check([lesson], read_curriculum(curriculum), read_knowledge(), only={lesson.id})
    assert {one.rule for one in found if one.level == "error"} - {"prerequisite-order"} == {"starter-words"}


@pytest.mark.parametrize(("grade", "folder"), [("voc", "vocational"), ("teacher", "teachers"), (0, "grade-00")])
def test_every_kind_of_lesson_can_be_begun(tmp_path: Path, curriculum: Path, grade: str | int, folder: str) -> None:
    entry = next(one for one in read_curriculum(curriculum).plan if one.grade == grade)
    made = new(entry.id, tmp_path / "lessons", curriculum)
    assert made.parent.name == folder
    assert read_lesson(made).findings == ()


def test_existing_lesson_is_refused_and_kept(tmp_path: Path, curriculum: Path) -> None:
    entry = read_curriculum(curriculum).plan[0]
    mine = new(entry.id, tmp_path / "lessons", curriculum) / "lesson.md"
    mine.write_text("我写了一上午", encoding="utf-8")
    with pytest.raises(NotMade, match="已经有了"):
        new(entry.id, tmp_path / "lessons", curriculum)
    assert mine.read_text(encoding="utf-8") == "我写了一上午"


def test_lesson_in_no_plan_is_refused_in_chinese(tmp_path: Path, curriculum: Path) -> None:
    with pytest.raises(NotMade, match="计划里没有 x9-99"):
        new("x9-99", tmp_path / "lessons", curriculum)
    assert not (tmp_path / "lessons").exists()


def test_folder_that_cannot_be_written_is_one_chinese_line(tmp_path: Path, curriculum: Path) -> None:
    (tmp_path / "lessons").write_text("这是一个文件", encoding="utf-8")
    with pytest.raises(NotMade, match="写不进"):
        new(read_curriculum(curriculum).plan[0].id, tmp_path / "lessons", curriculum)
