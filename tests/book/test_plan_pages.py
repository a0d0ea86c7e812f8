"""A plan is two sheets of paper an hour: measured with Chromium as it prints, and as near as the check estimates it."""

from __future__ import annotations

import re
from math import ceil

import pytest
from playwright.sync_api import Browser

from book.build import build_site
from courses.checks.plan_pages import HEIGHT, PAGES_AN_HOUR, WIDTH, pages
from courses.lesson import Lesson
from courses.reading import read_all
from courses.roots import LESSONS
from tests.book.tiny_book import building_in, stand_in_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MILLIMETRE = 96 / 25.4
#: The estimate knows neither how a browser breaks words nor where a row may not be parted.
NEAR = 0.15


@pytest.fixture(scope="module")
def ours() -> list[Lesson]:
    return read_all([LESSONS])


@pytest.fixture(scope="module")
def printed(
    ours: list[Lesson], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[int, float]]:
    """Of each plan: sheets of paper, and how long it is in heights of a page."""
    with building_in(tmp_path_factory.mktemp("plans")):
        site = build_site(ours, page=stand_in_page)
    found = {}
    for lesson in ours:
        page = browser.new_page(viewport={"width": round(WIDTH * MILLIMETRE), "height": round(HEIGHT * MILLIMETRE)})
        page.goto((site / "plans" / f"{lesson.id}.html").as_uri())
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
        page.emulate_media(media="print")
        height = page.evaluate("document.body.getBoundingClientRect().height") / MILLIMETRE
        found[lesson.id] = sheets, height / HEIGHT
        page.close()
    return found


def test_no_plan_takes_more_than_two_pages_an_hour(ours: list[Lesson], printed: dict[str, tuple[int, float]]) -> None:
    over = {one.id: printed[one.id][0] for one in ours if one.front and printed[one.id][0] > most(one.front.hours)}
    assert printed and not over


def test_the_estimate_is_near_the_print(ours: list[Lesson], printed: dict[str, tuple[int, float]]) -> None:
    for lesson in ours:
        assert pages(lesson.texts["teacher.md"]) == pytest.approx(printed[lesson.id][1], abs=NEAR), lesson.id


def most(hours: float) -> int:
    return PAGES_AN_HOUR * ceil(hours)
