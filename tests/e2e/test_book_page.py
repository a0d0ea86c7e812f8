"""The game of p1-03 on the book's page: from disk, with the network cut, tapped wrong and repaired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from book.build import build_site
from courses.reading import find_lesson
from kits.answers import check_event
from tests.e2e.test_classroom import FOOL, game, send

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    lesson = find_lesson("p1-03")
    assert lesson is not None
    return build_site([lesson]) / "lessons" / "p1-03.html"


@pytest.mark.parametrize("width", [375, 1366])
def test_the_game_plays_from_disk_without_a_network(page_on_disk: Path, chromium: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 768}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    noise: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: noise.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(page_on_disk.as_uri())
    page.locator(".zi").first.wait_for()

    fool = game(page, "fool")
    send(fool, "c29", "目", FOOL)
    send(fool, "c31", "日", FOOL)
    page.wait_for_function("Object.values(localStorage).some(text => text.includes('wrong-names'))")
    send(fool, "c29", "日", FOOL)
    send(fool, "c31", "目", FOOL)
    page.wait_for_function('Object.values(localStorage).some(text => /"mended":\\s*\\{/.test(text))')

    document = json.loads(page.evaluate("localStorage.getItem('haike:answers:p1-03')"))
    assert document["version"] == 1
    mine = [event for event in document["events"] if event["exercise"] == "wrong-names"]
    assert mine
    for event in mine:
        check_event(event)
    assert mine[-1]["value"]["wrong"]["c29"] == "目" and mine[-1]["value"]["mended"]["c29"] == "日"
    assert not [url for url in asked if not url.startswith(("file:", "blob:", "data:"))]
    assert noise == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
