"""The words of a feedback page: what was seen, maybe why, and nothing that is not the pupil's to read."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from courses.lesson import Lesson
from grading.page_words import CELL_GONE, NOT_WRITTEN, page_words, total_words
from grading.pupil_marks import Mark, PupilMarks
from kits.errors import CHECK_STOPPED, NOT_PASSED

HIDDEN = "# 换一个词\n### BEGIN HIDDEN TESTS\nassert secret('zq') == 4\n### END HIDDEN TESTS"
STUB = '# 在这里写你的代码，写好后删掉下一行\nraise NotImplementedError("还没有写")'


def failed(ename: str, evalue: str, *traceback: str) -> Any:
    return new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))


def test_cell(grade_id: str, source: str, score: float | None = 0, points: float = 2, output: Any = None) -> Any:
    keys = {"grade_id": grade_id, "grade": True, "solution": False, "points": points, "score": score}
    return new_code_cell(source, metadata={"nbgrader": keys}, outputs=[output] if output else [])


test_cell.__test__ = False  # type: ignore[attr-defined]


def answer(grade_id: str, source: str, *outputs: Any) -> Any:
    keys = {"grade_id": grade_id, "grade": False, "solution": True}
    return new_code_cell(source, metadata={"nbgrader": keys}, outputs=list(outputs))


def written(grade_id: str, source: str, score: float | None) -> Any:
    keys = {"grade_id": grade_id, "grade": True, "solution": True, "points": 2, "score": score}
    return new_markdown_cell(source, metadata={"nbgrader": keys})


def task(grade_id: str, source: str, score: float | None, points: float = 4) -> Any:
    keys = {"grade_id": grade_id, "grade": False, "solution": False, "task": True, "points": points, "score": score}
    return new_markdown_cell(source, metadata={"nbgrader": keys})


def words(lesson: Lesson | None, *cells: Any, gone: tuple[Mark, ...] = (), **more: Any) -> dict[str, Any]:
    """A page of these cells, the gradebook saying what stands in their metadata, and of cells that are `gone`."""
    about = [cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata]
    marks = {one.grade_id: Mark(one.grade_id, one.score, one.points) for one in about if "points" in one}
    marks |= {mark.grade_id: mark for mark in gone}
    return page_words(new_notebook(cells=list(cells)), "ps1", PupilMarks(marks, **more), lesson, {})


def seen(page: dict[str, Any], number: int = 0) -> list[str]:
    return [one["words"] for one in page["exercises"][number]["seen"]]


# Hidden tests


def test_a_hidden_test_gives_its_message_and_nothing_else(lesson: Lesson) -> None:
    trace = "Traceback (most recent call last)\n  assert secret('zq') == 4"
    page = words(lesson, test_cell("secret-judge", HIDDEN, output=failed("AssertionError", "你数出了 2 个字", trace)))
    assert seen(page) == ["你数出了 2 个字"]
    assert "zq" not in str(page) and "Traceback" not in str(page)


@pytest.mark.parametrize(
    "error",
    [
        ("AssertionError", "", ""),
        ("AssertionError", "expected 4", "Traceback\nassert secret('zq') == 4"),
        ("AssertionError", "\nNot equal to tolerance\n ACTUAL: array(['zq'])\n长度不对\n DESIRED: 'zq'", ""),
        ("KeyError", "'zq'", "Traceback (most recent call last)\n d['zq']"),
        ("TypeError", "unsupported operand",),
        ("ValueError", "没有 zq 这个词，换一个词试试"),
    ],
)  # fmt: skip
def test_no_english_traceback_reaches_a_pupil(lesson: Lesson, error: tuple[str, ...]) -> None:
    page = words(lesson, test_cell("secret-judge", HIDDEN, output=failed(*error)))
    (told,) = seen(page)
    assert "zq" not in told and "Traceback" not in told and any("\u4e00" <= char <= "\u9fff" for char in told)


@pytest.mark.parametrize("name", ["t1", "cell-0123456789abcdef", "secret-judge"])
def test_no_test_of_any_course_is_shown_as_the_pupils_answer(name: str) -> None:
    mine = answer("add", "def add(a, b):\n    return a")
    page = words(None, mine, test_cell(name, HIDDEN, output=failed("AssertionError", "")))
    assert "zq" not in str(page["exercises"]) and "HIDDEN" not in str(page["exercises"])
    assert page["exercises"][-1]["answer"] in ("", mine.source)


@pytest.mark.parametrize("mark", ["### BEGIN HIDDEN TESTS", "# BEGIN HIDDEN TESTS", "### AUTOTEST add(1, 2)"])
def test_every_way_to_hide_a_test_hides_what_it_gave(mark: str) -> None:
    mine = answer("near", "def near(a):\n    return {}[a]")
    steps = ["Cell In[3], line 2\n----> 2 near('zq')\n", "Cell In[1], line 2, in near(a)\n----> 2     return {}[a]\n"]
    page = words(None, mine, test_cell("t1", f"{mark}\nnear('zq')", output=failed("KeyError", "'zq'", *steps)))
    assert seen(page)[0].startswith("第 2 行（near 里）：检查换了别的数") and "zq" not in str(page["exercises"])


def test_a_task_shows_neither_its_mark_scheme_nor_a_restored_answer() -> None:
    scheme = "画一张图。\n### BEGIN MARK SCHEME\n有标题就给两分 zq\n### END MARK SCHEME"
    page = words(None, task("draw", scheme, None), written("why", scheme, 1))
    assert "zq" not in str(page["exercises"])


# Marks


def test_a_task_and_a_deleted_cell_count_in_the_full_marks() -> None:
    mine = answer("add", "def add(a, b):\n    return a + b")
    gone = (Mark("t2", 0, 3), Mark("add-judge", 0, 1))
    page = words(None, mine, test_cell("t1", "assert add(1, 2) == 3", score=2), task("draw", "画图", None), gone=gone)
    assert page["total"] == "现在是 2 分，满分 10 分。"
    assert page["waiting"]
    by_title = {one["title"]: one for one in page["exercises"]}
    assert by_title["draw"]["score"] == "等老师来评" and by_title["t2"]["score"] == "0 / 3"
    assert by_title["t2"]["seen"][0]["words"] == CELL_GONE
    assert by_title["add"]["score"] == "2 / 3", "a test that is gone goes with the exercise it is named after"


def test_the_teachers_points_and_comments_stand_on_the_page() -> None:
    comments = {"draw": "图很清楚。", "add": "名字起得好。\n下次写上单位。", "why": "再说说别人。"}
    cells = [answer("add", "x = 1"), test_cell("t1", "", score=2), task("draw", "画图", 3), written("why", "因为", 1)]
    page = words(None, *cells, comments=comments)
    assert [one["comment"] for one in page["exercises"]] == [comments["add"], comments["draw"], comments["why"]]
    assert [one["score"] for one in page["exercises"]] == ["2 / 2", "3 / 4", "1 / 2"]
    assert page["waiting"] == ""


def test_a_late_penalty_is_taken_off_and_told() -> None:
    cells = [answer("add", "x = 1"), test_cell("t1", "", score=2), test_cell("t2", "", score=1.5, points=3)]
    page = words(None, *cells, penalty=1)
    assert page["total"] == "现在是 2.5 分，满分 5 分。" and page["late"] == "做出来的有 3.5 分，交晚了，扣 1 分。"
    page = words(None, *cells, penalty=5)
    assert page["total"].startswith("现在是 0 分") and "扣 3.5 分" in page["late"]


def test_extra_exercises_stand_apart() -> None:
    exercises = [
        {"is_extra": False, "got": 2.5, "full": 3.0},
        {"is_extra": True, "got": 1.0, "full": 2.0},
    ]
    assert total_words(exercises) == "现在是 2.5 分，满分 3 分。选做和挑战另得 1 分。"
    assert total_words(exercises, penalty=3) == "现在是 0 分，满分 3 分。选做和挑战另得 0.5 分。"
    assert total_words(exercises, penalty=3.5) == "现在是 0 分，满分 3 分。"


def test_a_written_answer_waits_for_the_teacher_and_then_shows_the_comment(lesson: Lesson) -> None:
    waiting = words(lesson, written("why", "因为要保密。", None))
    assert waiting["exercises"][0]["score"] == "等老师来评" and waiting["waiting"]
    marked = words(lesson, written("why", "因为要保密。", 0), comments={"why": "再说说别人。"})
    assert marked["exercises"][0]["score"] == "0 / 2" and marked["exercises"][0]["comment"] == "再说说别人。"


def test_a_blank_answer_is_called_so_and_not_by_the_teacher() -> None:
    cells = [
        answer("add", STUB, failed("NotImplementedError", "还没有写")),
        test_cell("t1", ""),
        written("why", "写", 0),
    ]
    page = words(None, *cells, blank=frozenset({"add", "why"}))
    assert seen(page)[0].startswith("这里还没有写") and seen(page, 1) == [NOT_WRITTEN]
    assert all(one["comment"] == "" for one in page["exercises"]) and page["exercises"][1]["answer"] == ""


# The pupil's own cell first


FULL_WIDTH = (
    "SyntaxError",
    "invalid character '：' (U+FF1A) (123.py, line 1)",
    "  Cell In[1], line 1\n    def add(a, b)：\n                 ^\nSyntaxError: invalid character '：' (U+FF1A)\n",
)
NO_NAME = ("NameError", "name 'add' is not defined", "Cell In[2], line 1\n----> 1 assert add(1, 2) == 3\n")


def test_a_cell_that_could_not_be_read_is_told_and_not_that_its_name_is_missing() -> None:
    mine = answer("add", "def add(a, b)：\n    return a + b", failed(*FULL_WIDTH))
    tests = [test_cell("add-shown", "assert add(1, 2) == 3", output=failed(*NO_NAME))]
    page = words(None, mine, *tests, test_cell("add-judge", HIDDEN, output=failed(*NO_NAME)))
    assert page["exercises"][0]["seen"] == [
        {"words": "第 1 行：你用了中文冒号：，换成英文的 : 。", "line": 1, "code": "def add(a, b)："}
    ]


def test_what_an_author_says_follows_what_stopped_the_pupils_cell() -> None:
    stopped = failed("NameError", "name 'c' is not defined", "Cell In[1], line 3\n----> 3 print(c)\n")
    mine = answer("add", "def add(a, b):\n    return a\nprint(c)", stopped)
    tests = [
        test_cell("add-shown", "", output=failed("AssertionError", "add(1, 2) 应该是 3")),
        test_cell("add-judge", HIDDEN, output=failed("AssertionError", "")),
    ]
    assert seen(words(None, mine, *tests)) == [
        "第 3 行：还没有叫 c 的东西：先运行给它值的那一格，或者看看名字拼对了没有。",
        "add(1, 2) 应该是 3",
    ]


def test_a_line_inside_the_pupils_function_is_told_when_a_test_met_it() -> None:
    mine = answer("add", "def add(a, b):\n    return a + '1'")
    steps = ["Cell In[3], line 9\n----> 9 assert add(1, 2) == 3\n"]
    steps += ["Cell In[1], line 2, in add(a, b)\n----> 2     return a + '1'\n"]
    met = failed("TypeError", "unsupported operand type(s) for +: 'int' and 'str'", *steps)
    page = words(None, mine, test_cell("t1", HIDDEN, output=met))
    (told,) = page["exercises"][0]["seen"]
    assert told["words"].startswith("第 2 行（add 里）：文字和数不能用 +") and told["code"] == "return a + '1'"


def test_the_line_of_a_test_is_never_told() -> None:
    mine = answer("add", "def add(a, b):\n    return None")
    met = failed("TypeError", "unsupported operand", "Cell In[3], line 9\n----> 9 assert add(1, 2) + 1 == 4\n")
    assert seen(words(None, mine, test_cell("t1", "", output=met))) == [CHECK_STOPPED]


def test_an_error_in_a_cell_whose_tests_pass_is_not_held_against_anybody() -> None:
    mine = answer("add", "def add(a, b):\n    return a + b\nadd(1)", failed("TypeError", "missing"))
    page = words(None, mine, test_cell("t1", "", score=2))
    assert page["exercises"][0]["seen"] == [] and page["exercises"][0]["state"] == "good"


def test_a_widget_that_stopped_is_told_from_its_own_cell(lesson: Lesson) -> None:
    cell = new_code_cell(
        'choice("guess", options=[甲])',
        outputs=[failed("NameError", "name '甲' is not defined", 'Cell In[1], line 1\n----> 1 choice("guess")\n')],
    )
    page = words(lesson, cell, test_cell("guess-judge", HIDDEN, output=failed("TypeError", "x")))
    assert seen(page) == ["第 1 行：还没有叫 甲 的东西：如果它是一段文字，两头要加英文引号。"]


def test_a_test_without_a_message_says_what_to_do() -> None:
    assert seen(words(None, test_cell("t1", "", output=failed("AssertionError", "")))) == [NOT_PASSED]


# What a pupil wrote


def test_what_a_pupil_wrote_is_text_not_a_page(lesson: Lesson) -> None:
    mine = answer("secret", "# </pre><script>alert(1)</script>")
    comments = {"secret": "<script>1</script>"}
    page = words(lesson, mine, test_cell("secret-shown", "", score=2), comments=comments)
    assert "<script>" not in page["exercises"][0]["comment"]
    assert page["exercises"][0]["answer"] == mine.source, "the template escapes it"


def test_very_much_of_everything_makes_no_page_of_twenty_megabytes() -> None:
    figure = new_output("display_data", data={"image/png": "A" * 3_000_000})
    small = new_output("display_data", data={"image/png": "QUJD"})
    mine = answer("add", "x = 1\n" * 1_000_000, figure, *[small] * 9)
    said = new_output("stream", name="stdout", text="很长。" * 5_000_000)
    page = words(
        None, mine, test_cell("t1", "", output=said), test_cell("t2", "", output=failed("AssertionError", "长" * 10**6))
    )
    assert page["exercises"][0]["pictures"] == ["QUJD"] * 4 and page["exercises"][0]["more"]
    assert len(str(page["exercises"])) < 50_000


def test_a_course_without_haike_lessons_has_pages_too() -> None:
    page = words(None, test_cell("ex1", "assert False", output=failed("AssertionError", "看看第一行")))
    assert page["exercises"][0]["title"] == "ex1" and seen(page) == ["看看第一行"]
    page = words(None, answer("cell-0123456789abcdef", "x"), test_cell("cell-fedcba9876543210", "", score=2))
    assert page["exercises"][0]["title"] == "第 1 题"
