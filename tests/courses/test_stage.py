"""What depends on a child's age is said once, in curriculum.yml; whoever shows a lesson reads it from there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from courses import products
from courses.reading import read_all
from courses.stage import CURRICULUM, GRADES, stage
from fault import Fault

ROOT = Path(__file__).resolve().parents[2]
#: A comparison of a grade with a number, in Python, a template or a script.
COMPARED = re.compile(r"grade[\w.'\"\]()]*\s*(?:<=?|>=?|==|!=|in)\s*[\d(\[]|\d\s*<=?\s*[\w.]*grade")


def grades(fact: str) -> list[object]:
    return [grade for grade in GRADES if getattr(stage(grade), fact)]


def test_each_fact_holds_for_its_grades() -> None:
    assert grades("pinyin") == [1, 2]
    assert grades("read_aloud") == grades("code_hidden") == grades("points_hidden") == [0, 1, 2]
    assert grades("tapped_password") == [0, 1, 2] and grades("as_page") == [0, 1, 2, 3, 4]
    assert grades("free_python") == [10, 11, 12, "voc", "teacher"]
    assert [stage(grade).screen_minutes for grade in range(7)] == [8, 15, 15, 20, 20, 20, None]
    assert (stage(1).sentence, stage(3).sentence, stage(0).lesson_minutes) == (15, None, (20, 25))


@pytest.mark.parametrize("grade", [None, 99, "99", [], {}, 1.5, "pupil"])
def test_what_is_no_grade_is_somebody_grown_up(grade: object) -> None:
    assert not any(getattr(stage(grade), fact) for fact in ("pinyin", "as_page", "tapped_password", "screen_minutes"))


def test_a_released_notebook_takes_its_facts_along() -> None:
    for lesson in read_all():
        about = products.release(lesson).metadata.haike
        assert {key: about[key] for key in ("pinyin", "read_aloud", "as_page")} == lesson.stage.travelling


def test_nobody_else_compares_grades() -> None:
    rooms = [ROOT / room for room in ("kits", "running", "courses", "grading", "book", "deploy")]
    files = [path for room in rooms for kind in ("py", "js", "html", "j2") for path in room.rglob(f"*.{kind}")]
    compared = {path.name for path in files if "lessons" not in path.parts and COMPARED.search(path.read_text("utf-8"))}
    assert not compared


@pytest.mark.parametrize(
    ("old", "new"),
    [("stage:", "stages:"), ("  pinyin: [1, 2]", "  pinyin: 1"), ("  as_page: [0, 4]", "  as_page: [0, 44]")],
)
def test_a_curriculum_without_its_facts_is_one_line(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "curriculum.yml"
    text = CURRICULUM.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Fault, match=r"curriculum\.yml:1  课程表里.*stage") as fault:
        stage(7, path)
    assert "\n" not in str(fault.value)
