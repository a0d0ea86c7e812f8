"""A class's nbgrader course: what is made when it is opened, and what an exchange out of reach stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.course import CourseFault, open_course, ready_exchange

OUT_OF_REACH = "/proc/no-such-drive/exchange"


def course_with(tmp_path: Path, exchange: str) -> Path:
    """A plain nbgrader course with this exchange folder."""
    course = tmp_path / "course"
    course.mkdir()
    config = f"c = get_config()\nc.CourseDirectory.course_id = 'c1'\nc.Exchange.root = {exchange!r}\n"
    (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
    return course


def test_a_course_opens_though_its_exchange_is_out_of_reach(tmp_path: Path) -> None:
    api = open_course(course_with(tmp_path, OUT_OF_REACH))
    with pytest.raises(CourseFault, match="交换文件夹 /proc/no-such-drive/exchange 够不着") as said:
        ready_exchange(api)
    assert "\n" not in str(said.value)


def test_opening_a_course_makes_no_exchange_and_its_first_use_does(tmp_path: Path) -> None:
    exchange = tmp_path / "drive" / "exchange"
    api = open_course(course_with(tmp_path, str(exchange)))
    assert not exchange.exists()
    ready_exchange(api)
    assert exchange.stat().st_mode & 0o777 == 0o777
