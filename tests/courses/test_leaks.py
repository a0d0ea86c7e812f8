"""Every secret line is found in whatever form a product holds it; what is open is not called a secret."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rule_cases import STARTER

from courses.checks.leaks import leaks, secrets
from courses.lesson import Lesson
from courses.reading import read_lesson

LINE = "if wind > line:"
HINT = "正好压在红线上的风，喇叭不响。看看比较号里多了什么。"


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    folder = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, folder)
    (folder / "key.md").write_text("# 答案\n\n1. 六次里有三次要拉警报\n", encoding="utf-8")
    return read_lesson(folder)


def found(lesson: Lesson, content: str | bytes) -> list[str]:
    return [f"{one.path.name}:{one.line}" for one in leaks(lesson, [("页面", content)])]


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text,
        lambda text: text.encode(),
        html.escape,
        lambda text: json.dumps({"source": text}),
        lambda text: json.dumps({"source": text}, ensure_ascii=False),
        lambda text: "".join(f'<span class="n">{html.escape(word)}</span> ' for word in text.split(" ")),
        lambda text: "<ruby>" + "".join(f"{letter}\n" for letter in text) + "</ruby>",
    ],
    ids=["plain", "bytes", "html", "json-ascii", "json", "coloured", "spread"],
)
@pytest.mark.parametrize(
    "secret",
    [
        "count = count + 1",
        HINT,
        'judge.check("alarms", [9, 9, 2], 4, equals=2, hint="有一天两次大风一次小风。")',
        "一分：说出什么时候要请人来改这个数。",
        "1. 六次里有三次要拉警报",
    ],
)
def test_each_kind_of_secret_is_found_in_each_form(lesson: Lesson, form: Callable, secret: str) -> None:
    assert found(lesson, form(f"开头\n{secret}\n结尾"))


def test_the_finding_names_the_product_the_line_and_where_it_comes_from(lesson: Lesson) -> None:
    (one,) = leaks(lesson, [("build/site/j7-99.html", HINT)])
    assert one.path == lesson.mistakes_path and one.rule == "leak"
    assert "build/site/j7-99.html" in one.seen and HINT in one.seen


def test_what_a_pupil_sees_is_no_secret(lesson: Lesson) -> None:
    said = {secret.text.strip() for secret in secrets(lesson)}
    assert LINE in said and HINT in said
    assert "def alarms(winds, line):" not in said
    assert "count = 0" not in said and "" not in said
    from courses import products

    shown = "\n".join(cell.source for cell in products.release(lesson).cells)
    assert found(lesson, shown) == []
    assert found(lesson, "\n".join(cell.source for cell in products.source(lesson).cells))
