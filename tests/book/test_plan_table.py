"""The plan table of teacher.md: rows, minutes of sections, class hours, modes."""

from __future__ import annotations

from book.plan_table import class_hours, mode_minutes, read_plan, section_minutes

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
