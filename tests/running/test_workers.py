"""Tasks and their threads."""

from __future__ import annotations

from functools import partial

import pytest

from running.workers import FIRST, Workers


def test_the_first_in_rank_is_begun_first_and_tasks_add_tasks() -> None:
    with Workers(1) as work:

        def longest() -> None:
            work.tell("longest")
            work.add(FIRST, partial(work.tell, "waited for"))

        work.add(-1, partial(work.tell, "short"))
        work.add(-9, longest)
        assert list(work.results()) == ["longest", "waited for", "short"]


def test_all_is_done_by_several() -> None:
    with Workers(4) as work:
        for number in range(100):
            work.add(number, partial(work.add, FIRST, partial(work.tell, number)))
        assert sorted(work.results()) == list(range(100))


def test_nothing_to_do_ends_at_once() -> None:
    with Workers() as work:
        assert list(work.results()) == []


def test_an_error_of_a_task_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"), Workers(1) as work:
        work.add(0, fail)
        work.add(1, partial(work.add, 5, partial(begun.append, 1)))
        list(work.results())
    work.add(0, partial(begun.append, 2))
    assert 2 not in begun and work.has_ended and not any(thread.is_alive() for thread in work.threads)
