"""The grading bench runs, small, and its comparison of marks means something."""

from __future__ import annotations

import pytest

from running.sandbox import LEVELS
from tests.bench import grading


@pytest.mark.slow
def test_stock_and_haike_agree_and_the_table_says_on_which_level() -> None:
    outcomes = [grading.measure(name, 6, stock, jobs=2) for name, stock in (("plain", 3), ("light", 2))]
    with grading.console.capture() as captured:
        grading.console.print(grading.table(outcomes))
    for one in outcomes:
        assert one.different == []
        assert len({row for key, row in one.marks.items() if key[0] == "grade"}) > 2, "marks that vary"
        assert grading.late(one) == 1
        assert one.level in [level.id for level in LEVELS]
        assert one.figures[0] == one.figures[1] and one.errors[0] == one.errors[1] > 0
    assert outcomes[1].figures[0] > 0
    lines = {line[:40].strip(): line[40:].split() for line in captured.get().splitlines()}
    assert lines["identical marks"] == ["yes", "yes"]
    assert lines["sandbox level"] == [one.level for one in outcomes]


def test_a_mark_that_differs_is_told_and_ungraded_pupils_are_left_out() -> None:
    stock: grading.Marks = {("grade", "s1", "n", "a"): (1,), ("comment", "s1", "n", "a"): ("",)}
    others: grading.Marks = {("grade", "s2", "n", "a"): (0,)}
    assert grading.differences(stock, stock | others) == []
    (line,) = grading.differences(stock, stock | {("grade", "s1", "n", "a"): (0,)})
    assert "stock (1,), Haike (0,)" in line
    assert len(grading.differences(stock, {})) == 2
    assert len(grading.differences(stock, stock | {("late", "s1", "n", ""): (2,)})) == 1
