"""A finding as a person, a program and CI read it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from courses import report
from courses.finding import Finding

BASE = Path("/school")
WRONG = Finding(BASE / "j7-03" / "lesson.md", 12, "spacing", "“共5张”里少一个空格", "运行 ./haike check --fix")
NOTE = Finding(BASE / "j7-03" / "lesson.md", 3, "prerequisite-order", "它还在计划里", level="note")


def shown(findings: list[Finding], **how: bool) -> str:
    out = io.StringIO()
    report.show(
        findings,
        count=2,
        console=Console(file=out, force_terminal=False, color_system=None, width=40),
        base=BASE,
        **how,
    )  # type: ignore[arg-type]
    return out.getvalue()


def test_one_finding_is_one_line_with_place_sight_advice_and_rule() -> None:
    assert report.line(WRONG, BASE) == "j7-03/lesson.md:12  “共5张”里少一个空格  → 运行 ./haike check --fix (spacing)"
    assert report.line(NOTE, BASE) == "j7-03/lesson.md:3  （提醒）它还在计划里 (prerequisite-order)"


def test_terminal_keeps_a_finding_on_one_line_and_ends_with_a_summary() -> None:
    rows = shown([WRONG, NOTE]).splitlines()
    assert rows == [
        "✗ j7-03/lesson.md:12  “共5张”里少一个空格  → 运行 ./haike check --fix (spacing)",
        "· j7-03/lesson.md:3  它还在计划里 (prerequisite-order)",
        "查了 2 课：1 处要改，1 条提醒。",
    ]
    assert shown([]) == "查了 2 课：都好。\n"
    assert shown([NOTE]).endswith("查了 2 课：都好，1 条提醒。\n")


def test_brackets_in_a_finding_are_no_markup() -> None:
    seen = Finding(BASE / "lesson.md", 1, "cell-options", "写成 :tags: [public]")
    assert "[public]" in shown([seen])


def test_json_holds_every_field() -> None:
    rows = json.loads(shown([WRONG, NOTE], as_json=True))
    assert [row["level"] for row in rows] == ["error", "note"]
    assert rows[0] == {
        "path": "j7-03/lesson.md",
        "line": 12,
        "rule": "spacing",
        "level": "error",
        "seen": "“共5张”里少一个空格",
        "advice": "运行 ./haike check --fix",
    }


def test_annotation_is_one_escaped_line_a_finding() -> None:
    two_lines = Finding(BASE / "a,b.md", 1, "run-error", "错误：100%\n第二行", "改")
    assert shown([two_lines, NOTE], annotate=True).splitlines() == [
        "::error file=a%2Cb.md,line=1,title=run-error::错误：100%25%0A第二行 → 改",
        "::notice file=j7-03/lesson.md,line=3,title=prerequisite-order::它还在计划里",
    ]


@pytest.mark.parametrize(("findings", "wrong"), [([], 0), ([NOTE], 0), ([WRONG, NOTE], 1)])
def test_only_errors_count(findings: list[Finding], wrong: int) -> None:
    assert len(report.errors(findings)) == wrong
