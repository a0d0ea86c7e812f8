"""The words of a feedback page: what was seen, maybe why, and nothing that is not the pupil's to read."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from courses.lesson import Lesson
from grading.feedback import page_words, total_words

MARKS = {"notebook": "j7-99", "assignment": "j7-99", "score": 1, "max_score": 6, "late_penalty": 0}


def cell(grade_id: str, source: str, **marks: Any) -> Any:
    error = marks.pop("error", None)
    keys = {"grade_id": grade_id, "grade": True, "solution": False, "points": 2, "score": 0, **marks}
    made = new_code_cell(source, metadata={"nbgrader": keys})
    if error:
        made.outputs = [new_output("error", ename=error[0], evalue=error[1], traceback=error[2])]
    return made


def words(lesson: Lesson | None, *cells: Any, waits: frozenset[str] = frozenset()) -> dict[str, Any]:
    return page_words(new_notebook(cells=list(cells)), MARKS, lesson, set(waits))


HIDDEN = "# 换一个词\n### BEGIN HIDDEN TESTS\nassert secret('zq') == 4\n### END HIDDEN TESTS"


def test_a_hidden_test_gives_its_message_and_nothing_else(lesson: Lesson) -> None:
    trace = ["Traceback (most recent call last)\n  assert secret('zq') == 4"]
    page = words(lesson, cell("secret-judge", HIDDEN, error=("AssertionError", "你数出了 2 个字", trace)))
    assert page["exercises"][0]["seen"] == ["你数出了 2 个字"]
    assert "zq" not in str(page) and "Traceback" not in str(page)


@pytest.mark.parametrize(
    "error",
    [
        ("AssertionError", "", [""]),
        ("AssertionError", "expected 4", ["Traceback\nassert secret('zq') == 4"]),
        ("KeyError", "'zq'", ["Traceback (most recent call last)\n d['zq']"]),
        ("TypeError", "unsupported operand", []),
    ],
)
def test_no_english_traceback_reaches_a_pupil(lesson: Lesson, error: tuple[str, str, list[str]]) -> None:
    page = words(lesson, cell("secret-judge", HIDDEN, error=error))
    (seen,) = page["exercises"][0]["seen"]
    assert "zq" not in seen and "Traceback" not in seen and any("\u4e00" <= char <= "\u9fff" for char in seen)


def test_what_is_not_written_is_called_so(lesson: Lesson) -> None:
    page = words(lesson, cell("secret-shown", "…", error=("NotImplementedError", "还没有写", ["还没有写"])))
    assert page["exercises"][0]["seen"] == ["这里还没有写。"]


def test_a_written_answer_waits_for_the_teacher_and_then_shows_the_comment(lesson: Lesson) -> None:
    keys = {"grade_id": "why", "grade": True, "solution": True, "points": 2, "score": 0, "comment": "再说说别人。"}
    answer = new_markdown_cell("因为要保密。", metadata={"nbgrader": keys})
    waiting = words(lesson, answer, waits=frozenset({"why"}))
    assert waiting["exercises"][0]["score"] == "等老师来评" and waiting["waiting"]
    marked = words(lesson, answer)
    assert marked["exercises"][0]["score"] == "0 / 2" and marked["exercises"][0]["comment"] == "再说说别人。"


def test_what_a_pupil_wrote_is_text_not_a_page(lesson: Lesson) -> None:
    keys = {"grade_id": "secret", "grade": False, "solution": True, "comment": "<script>1</script>"}
    answer = new_code_cell("# </pre><script>alert(1)</script>", metadata={"nbgrader": keys})
    page = words(lesson, answer, cell("secret-shown", "", score=2))
    assert "<script>" not in page["exercises"][0]["comment"]
    assert page["exercises"][0]["answer"] == answer.source, "the template escapes it"


def test_extra_exercises_stand_apart() -> None:
    exercises = [
        {"is_extra": False, "got": 2.5, "full": 3.0},
        {"is_extra": True, "got": 1.0, "full": 2.0},
    ]
    assert total_words(exercises) == "现在是 2.5 分，满分 3 分。选做和挑战另得 1 分。"


def test_a_course_without_haike_lessons_has_pages_too() -> None:
    page = words(None, cell("ex1", "assert False", error=("AssertionError", "看看第一行", [])))
    assert page["exercises"][0]["title"] == "ex1" and page["exercises"][0]["seen"] == ["看看第一行"]
