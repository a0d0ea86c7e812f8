"""A real browser on a page from disk, for widgets: the network is cut and every complaint of the console is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kits import answers
from kits.widgets import base, embed

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a lesson folder of its own: nothing is recorded in the repository."""
    folder = tmp_path / "lesson"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HAIKE_LESSON", raising=False)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield browser
        browser.close()


class WidgetPage:
    """A page from disk holding widgets; `errors` must stay empty."""

    def __init__(self, context: Any, folder: Path) -> None:
        self.context = context
        self.folder = folder
        self.errors: list[str] = []
        self.foreign: list[str] = []
        context.route("**/*", self._only_files)
        self.page = context.new_page()
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))

    def _only_files(self, route: Any) -> None:
        if route.request.url.startswith(("file:", "blob:", "data:")):
            route.continue_()
            return
        self.foreign.append(route.request.url)
        route.abort()

    def show(self, *widgets: base.Widget, lesson: str = "j7-03", wait: bool = True) -> Any:
        path = self.folder / "page.html"
        path.write_text(page_html(widgets, lesson), "utf-8")
        self.page.goto(path.as_uri())
        if wait:
            self.alive(len(widgets))
        return self.page

    def reload(self, count: int) -> None:
        self.page.reload()
        self.alive(count)

    def alive(self, count: int) -> None:
        self.page.wait_for_function(
            "n => document.querySelectorAll('.haike-widget[data-haike=alive]').length === n", arg=count, timeout=20_000
        )

    def stored(self, lesson: str = "j7-03") -> list[dict[str, Any]]:
        """What the browser keeps, read by the validator of the kernel's side."""
        text = self.page.evaluate("key => localStorage.getItem(key)", f"haike:answers:{lesson}")
        if text is None:
            return []
        events, trouble = answers.read_document(text)
        assert trouble == ""
        assert json.loads(text)["events"] == events, "the page must write exactly what the kernel would"
        return events


def page_html(widgets: tuple[base.Widget, ...], lesson: str) -> str:
    bundles = [w._repr_mimebundle_()[0][base.MIME] for w in widgets]
    places = [embed.widget_html(json.loads(json.dumps(spec)), f"w{i}") for i, spec in enumerate(bundles)]
    font = (ROOT / "kits/fonts/HaikeSansSC.otf").as_uri()
    return f"""<!doctype html><html lang="zh-CN" data-lesson="{lesson}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>试</title>
<style>@font-face {{ font-family: "Haike Sans SC"; src: url("{font}"); }}
body {{ margin: 0; background: var(--paper); color: var(--ink); }}
main {{ max-width: 1184px; margin: 0 auto; padding: 16px; }}
.haike-widget + .haike-widget {{ margin-top: 48px; }}</style>
</head><body><main>{"".join(places)}</main>{embed.modules_html(s["module"] for s in bundles)}
<script>{embed.host_js()}</script></body></html>"""


@pytest.fixture
def widget_page(chromium: Any, tmp_path: Path) -> Iterator[WidgetPage]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    shown = WidgetPage(context, tmp_path)
    yield shown
    context.close()
    assert shown.errors == []
    assert shown.foreign == []


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., WidgetPage]]:
    """Pages with other settings (a phone, night, no storage); the test itself looks at their errors."""
    contexts: list[Any] = []

    def make(**settings: Any) -> WidgetPage:
        contexts.append(chromium.new_context(**settings))
        return WidgetPage(contexts[-1], tmp_path)

    yield make
    for context in contexts:
        context.close()
