"""The site in real Chromium: from file:// and over http, nothing asked of elsewhere, nothing complained of."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from book.serve import address, open_server

pytestmark = pytest.mark.browser
PAGES = ["index", "catalogue", "family", "teachers", "about", "safety", "search", "lessons/p2-99", "plans/p2-99",
         "sheets/p2-99", "lessons/j7-99"]  # fmt: skip


@pytest.fixture(scope="module", params=["file", "http"])
def start(request: pytest.FixtureRequest, site: Path):
    if request.param == "file":
        yield site.as_uri() + "/"
        return
    server = open_server(site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address(server)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("width", "height", "dark"), [(1366, 768, False), (375, 740, True)])
def test_all_pages_are_quiet_and_fit(start: str, watched, width: int, height: int, dark: bool) -> None:
    seen = watched(start, width, height, dark)
    for name in PAGES:
        seen.page.goto(f"{start}{name}.html")
        over = seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{name} is {over} px too wide"
    assert seen.foreign == [] and seen.complaints == []


def test_filter_chips_filter(start: str, watched) -> None:
    page = watched(start).page
    page.goto(f"{start}index.html")
    cards = page.locator(".b-card:visible")
    assert cards.count() == 2
    page.get_by_role("button", name="写威海的").click()
    assert cards.count() == 1 and page.locator("#count").inner_text() == "找到 1 课"
    page.get_by_role("button", name="高中").click()
    assert cards.count() == 0 and page.locator("#none").is_visible()


@pytest.mark.parametrize(
    ("word", "title"), [("贝壳", "贝壳有几种"), ("扣子", "贝壳有几种"), ("藏好的词", "藏好的词不出门")]
)
def test_search_finds_a_word_of_a_lesson(start: str, watched, word: str, title: str) -> None:
    seen = watched(start)
    seen.page.goto(f"{start}search.html")
    seen.page.get_by_label("要找的词").fill(word)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#hits li")
    assert title in seen.page.locator("#hits").inner_text()
    seen.page.locator("#hits a").first.click()
    assert title in seen.page.title()
    assert seen.foreign == [] and seen.complaints == []


def test_search_does_not_know_a_secret(start: str, watched) -> None:
    page = watched(start).page
    page.goto(f"{start}search.html?q=潜水艇")
    assert "没有找到" in page.locator("#told").inner_text()


def test_the_widget_is_alive_and_kept_on_this_device(start: str, watched) -> None:
    seen = watched(start)
    seen.page.goto(f"{start}lessons/p2-99.html")
    widget = seen.page.locator(".haike-widget").first
    widget.get_by_text("圆的").click()
    seen.page.wait_for_function("document.querySelector('.haike-widget').innerText.includes('像扇子')")
    assert seen.foreign == [] and seen.complaints == []


def test_every_text_of_a_young_page_can_be_heard(start: str, watched) -> None:
    page = watched(start).page
    page.goto(f"{start}lessons/p2-99.html")
    names = page.locator(".b-hear").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert "读给我听：桶里有贝壳。" in names


def test_the_sheet_prints_on_one_page(start: str, watched) -> None:
    page = watched(start).page
    page.goto(f"{start}sheets/p2-99.html")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") == 1
