"""The scale bench runs, small: its lessons are sound, its stages measure what they name, and none is run twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courses.checks import check
from courses.checks.sameness import skeleton
from courses.curriculum import read_curriculum
from courses.knowledge import read_knowledge
from courses.reading import read_all, read_lesson
from courses.roots import LESSONS
from tests.bench import scale
from tests.bench.scale_lessons import copy_lesson, house, id_of


def test_a_house_of_many_lessons_has_nothing_to_refuse(tmp_path: Path) -> None:
    house(tmp_path / "house", 9)
    lessons = read_all([tmp_path / "house" / "courses" / "lessons"])
    assert len({lesson.id for lesson in lessons}) == 9
    found = check(lessons, read_curriculum(), read_knowledge())
    assert [one for one in found if one.level == "error"] == []


def test_twenty_copies_of_a_lesson_have_twenty_skeletons(tmp_path: Path) -> None:
    model = next(LESSONS.glob("grade-07/j7-03*"))
    copies = [read_lesson(copy_lesson(model, number, tmp_path)) for number in range(1, 21)]
    assert len({skeleton(one) for one in [read_lesson(model), *copies]}) == 21


def test_copies_in_a_second_root_lie_beside_the_house(tmp_path: Path) -> None:
    house(tmp_path / "house", 6, second_root=True)
    (copy,) = (path.parent for path in (tmp_path / "school").glob("*/*/lesson.md"))
    assert id_of(copy) == "j7-30"
    assert len(list((tmp_path / "house" / "courses" / "lessons").glob("*/*/lesson.md"))) == 5


@pytest.mark.slow
def test_every_stage_says_what_it_cost_and_is_not_run_twice(tmp_path: Path) -> None:
    bench = scale.Bench(tmp_path, 2, second_root=False)
    found = scale.measure(bench, ["check", "release", "book", "up"])
    for name in ("check, cold", "check, one mistake added", "release", "book, one lesson changed", "up, second"):
        assert found[name]["processor"] > 0 and found[name]["memory"] > 0
    assert found["search index"]["megabytes"] > 0
    assert found["limit of check, cold"]["processor"] > found["check: references alone"]["processor"]
    found["check, cold"]["processor"] = -1
    (tmp_path / "figures.json").write_text(json.dumps(found), encoding="utf-8")
    assert scale.measure(bench, ["check", "book"])["check, cold"]["processor"] == -1
