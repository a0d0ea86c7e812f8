"""A school of its own for the whole-way tests: the demo classes, a real hub, a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import hub

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(os.environ.get("HAIKE_BUILD") or ROOT / "build") / "screenshots"
LESSONS = ("j7-03", "p1-03")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
MAKE_CLASSES = """
import json, sys
from courses.reading import read_all
from grading.demo_class import accounts, answered, make_demo_classes
from grading.passwords import hash_secret
lessons = [lesson for lesson in read_all() if lesson.id in sys.argv[1:]]
make_demo_classes(lessons, hash_secret)
j7 = next(lesson for lesson in lessons if lesson.id == "j7-03")
answers = {c.metadata.nbgrader.grade_id: c.source for c in answered(j7, "good").cells
           if c.metadata.get("nbgrader", {}).get("solution") and c.cell_type == "code"}
print(json.dumps({"passwords": {a.id: a.password for a in accounts()}, "answers": answers}))
"""


class School:
    """The classroom under test, and the commands a teacher types."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {**os.environ, "HAIKE_DATA": str(data)}
        made = self.python("-c", MAKE_CLASSES, *LESSONS)
        found = json.loads(made.splitlines()[-1])
        self.passwords: dict[str, str] = found["passwords"]
        self.solutions: dict[str, str] = found["answers"]
        self.classroom = hub.start(data, progress=print)

    @property
    def address(self) -> str:
        return self.classroom.address

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def haike(self, *words: str) -> str:
        return self.python("door.py", *words)

    def scores(self, code: str, lesson: str, pupil: str) -> dict[str, tuple[float, float]]:
        """Test cell → (score, of how many), as the gradebook has it."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.data / 'classes' / code / 'gradebook.db'}") as gradebook:
            notebook = gradebook.find_submission_notebook(lesson, lesson, pupil)
            return {grade.name: (grade.score, grade.max_score) for grade in notebook.grades}

    def answers(self, pupil: str, code: str, lesson: str) -> list[dict[str, Any]]:
        path = self.data / "homes" / pupil / code / lesson / "answers.json"
        return json.loads(path.read_text("utf-8"))["events"] if path.exists() else []


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    school = School(tmp_path_factory.mktemp("学校 一") / "var")
    yield school
    school.classroom.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser; requests to other machines and console errors are kept for the end."""

    def __init__(self, chromium: Any, school: School, width: int = 1366, height: int = 768) -> None:
        self.school = school
        self.context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        self.context.set_default_timeout(90_000)
        self.page = self.context.new_page()
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", self._note_request)
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(f"{e} {(e.stack or '')[:300]}"))

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.school.address, "data:", "blob:")):
            self.foreign.append(request.url)

    def sign_in(self, name: str) -> None:
        self.page.goto(self.school.address)
        self.page.fill("#username", name)
        self.page.fill("#password", self.school.passwords[name])
        self.page.click("#enter")
        self.page.wait_for_url("**/haike/")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))

    def words(self, selector: str) -> str:
        """What is written there, without the pinyin."""
        copy = self.page.locator(selector).first.evaluate_handle("e => e.cloneNode(true)")
        return str(copy.evaluate("c => { c.querySelectorAll('rt').forEach(t => t.remove()); return c.innerText; }"))


@pytest.fixture
def visit(chromium: Any, school: School, request: pytest.FixtureRequest) -> Iterator[Any]:
    visitors: list[Visitor] = []
    request.node.visitors = visitors

    def come(**size: int) -> Visitor:
        visitors.append(Visitor(chromium, school, **size))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [url for visitor in visitors for url in visitor.foreign] == []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Iterator[None]:
    """What the browser showed when a test failed."""
    outcome: Any = yield
    if call.when == "call" and outcome.get_result().failed:
        for number, visitor in enumerate(getattr(item, "visitors", [])):
            with contextlib.suppress(Exception):  # the test has failed already, and says why
                visitor.picture(f"failed-{item.name.split('[')[0]}-{number}")
