"""A book of two tiny lessons, built once: p2-99 (pinyin, picture, widget, plan) and the canary lesson j7-99."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, sync_playwright

from book.build import build_site
from courses.lesson import Lesson
from courses.reading import read_all
from tests.book.tiny_book import building_in, stand_in_page

HERE = Path(__file__).parent
ROOTS = [HERE / "lessons", HERE.parent / "canary"]
CHROMIUM = os.environ.get("HAIKE_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def lessons() -> list[Lesson]:
    return read_all(ROOTS)


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory, lessons: list[Lesson]) -> Path:
    folder = tmp_path_factory.mktemp("书 build")
    with building_in(folder):
        build_site(lessons, page=stand_in_page)
    return folder


@pytest.fixture(scope="session")
def site(build_folder: Path) -> Path:
    return build_folder / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here; set HAIKE_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Watched:
    """A page that notes every request to elsewhere and every complaint of the console."""

    def __init__(self, page: Page, own: str) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self.miss)
        page.route("**/*", lambda route: self.decide(route, own))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def miss(self, request: Request) -> None:
        """A request given up because the next page was opened is no fault."""
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"{request.failure}: {request.url}")

    def decide(self, route: Route, own: str) -> None:
        url = route.request.url
        if url.startswith((own, "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(url)
            route.abort()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Callable[..., Watched]]:
    contexts = []

    def open_page(own: str, width: int = 1366, height: int = 768, dark: bool = False) -> Watched:
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        return Watched(context.new_page(), own)

    yield open_page
    for context in contexts:
        context.close()
