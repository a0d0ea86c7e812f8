"""nbgrader's own pages around the grader: the formgrader's button runs the box, its pages show what came out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSON = "j7-03"


def test_the_formgraders_button_grades_in_the_box_and_its_pages_show_the_work(school: Any, visit: Any) -> None:
    school.haike("class", "collect", LESSON, "--class", "demo7")
    teacher = visit()
    teacher.sign_in("teacher")
    page = teacher.page
    formgrader = f"{school.address}services/demo7/formgrader"
    page.goto(f"{formgrader}/manage_submissions/{LESSON}")
    row = page.locator("tr", has_text="xiaocheng")
    row.locator(".autograde a").click()
    page.get_by_text("Successfully autograded").first.wait_for()
    teacher.picture("formgrader-autograded")
    scores = school.scores("demo7", LESSON, "xiaocheng")
    assert scores["nearest-judge"] == (1, 1), scores
    graded = school.data / "classes" / "demo7" / "autograded" / "xiaocheng" / LESSON / f"{LESSON}.ipynb"
    kinds = [out for cell in nbformat.read(graded, as_version=4).cells for out in cell.get("outputs", [])]
    assert any("image/png" in out.get("data", {}) for out in kinds)

    said = school.haike("autograde", LESSON, "--class", "demo7", "--student", "xiaorong")
    assert "评好 1 份" in said and "沙箱：独立房间" in said
    page.goto(f"{formgrader}/gradebook/{LESSON}/{LESSON}")
    page.locator("tbody tr").nth(1).wait_for()
    teacher.picture("formgrader-gradebook")
    link = page.locator("tbody a[href*='/submissions/']").first
    page.goto(school.address.rstrip("/") + link.get_attribute("href"))
    page.locator(".jp-RenderedImage img, .output_png img, img[src^='data:image/png']").first.wait_for()
    assert page.locator("input.score").count() >= 4
    teacher.picture("formgrader-submission")
    # nbgrader's own template of this page asks a CDN for MathJax and cannot be told another place; it does without.
    teacher.foreign = [url for url in teacher.foreign if "/mathjax/" not in url]


def test_nbgraders_own_feedback_shows_what_the_box_recorded(school: Any, tmp_path: Path) -> None:
    """`nbgrader generate_feedback` on a copy of the course without its nbgrader_config.py: all as nbgrader has it."""
    school.haike("class", "collect", LESSON, "--class", "demo7")
    school.haike("autograde", LESSON, "--class", "demo7", "--student", "xiaorong")
    here = school.data / "classes" / "demo7"
    course = shutil.copytree(here, tmp_path / "course", ignore=shutil.ignore_patterns("nbgrader_config.py"))
    school.python(
        "-m", "nbgrader", "generate_feedback", LESSON, "--student=xiaorong", "--force",
        f"--CourseDirectory.root={course}",
    )  # fmt: skip
    page = (course / "feedback" / "xiaorong" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "image/png" in page and re.search(r"Score: [\d.]+ / [\d.]+", page)
