"""The plan table of teacher.md: rows, minutes of sections, class hours, modes."""

from __future__ import annotations

import pytest

from courses.plan_table import class_hours, mode_minutes, read_plan, read_tables, section_minutes

PLAN = """
| 分钟 | 做什么、问什么、期待的回答 | 方式 | 25 分钟 |
|---|---|---|---|
| 0-3 | 看图，猜。 | 讨论 | 2 |
| 3-9 | **体验** 写一个 7。 | 屏幕 | 6 |
| 9-12 | 合上屏幕，说一说。 | 讨论 | 2 |
| 12-30 | 必做一，再做必做二。 | 屏幕 | 12 |
| 30-40 | 三句话齐读。 | 纸面 | 3 |

| 词 | 意思 |
|---|---|
| 距离 | 差多少 |
"""


def test_rows_of_other_tables_are_left_out() -> None:
    assert [(row.start, row.end, row.mode) for row in read_plan(PLAN)] == [
        (0, 3, "讨论"), (3, 9, "屏幕"), (9, 12, "讨论"), (12, 30, "屏幕"), (30, 40, "纸面"),
    ]  # fmt: skip


def test_a_row_without_a_section_goes_on_with_the_one_before() -> None:
    assert section_minutes(read_plan(PLAN)) == {"引入": "0-3", "体验": "3-12", "动手": "12-30", "小结": "30-40"}


def test_modes_add_up_in_their_fixed_order() -> None:
    assert list(mode_minutes(read_plan(PLAN)).items()) == [("屏幕", 24), ("纸面", 10), ("讨论", 6)]


def test_a_second_class_hour_starts_again_or_goes_on_at_40() -> None:
    again = read_plan(PLAN + PLAN)
    on = read_plan(PLAN.replace("\n\n| 词", "\n| 40-80 | 体验。再玩。 | 活动 | 20 |\n\n| 词"))
    assert [len(hour) for hour in class_hours(again)] == [5, 5]
    assert [len(hour) for hour in class_hours(on)] == [5, 1]


def test_a_text_without_a_plan_has_no_rows() -> None:
    assert read_plan("# 教案\n\n还没有写。") == [] and class_hours([]) == []


@pytest.mark.parametrize(
    "written",
    [
        "0-5",
        "0–5",
        "0—5",
        "0——5",
        "0~5",
        "0～5",
        "0〜5",
        "0－5",
        "0到5",
        "0 至 5",
        "０-５",
        "０～５",
        "**0-5**",
        "0-5 分",
        "第 0 分到第 5 分",
        "0−5分钟",
    ],
)
def test_minutes_are_read_as_teachers_write_them(written: str) -> None:
    (row,) = read_plan(PLAN.splitlines()[1] + f"\n|---|---|---|---|\n| {written} | 看图 | 讨论 | ２ |\n")
    assert (row.start, row.end, row.mode) == (0, 5, "讨论")


@pytest.mark.parametrize("written", ["十分钟", "0:00-5:00", "5", "", "0-5-10", "0/5"])
def test_minutes_that_cannot_be_read_are_a_row_with_its_line_and_no_part_of_the_plan(written: str) -> None:
    text = PLAN.replace("| 3-9 |", f"| {written} |")
    (table,) = read_tables(text)
    assert [row.line for row in table if row.start is None] == [5]
    assert [row.start for row in read_plan(text)] == [0, 9, 12, 30]


def test_a_table_in_a_fence_or_a_comment_is_no_plan() -> None:
    assert read_tables(f"~~~\n{PLAN}\n~~~\n\n<!--{PLAN}-->\n") == ()


def test_a_bar_within_a_cell_is_no_new_cell() -> None:
    (row,) = read_plan(r"| 分钟 | 做什么 | 方式 |" "\n|---|---|---|\n" r"| 0-5 | 左 \| 右 | 纸面 |")
    assert (row.mode, row.cells, row.columns) == ("纸面", 3, 3)
