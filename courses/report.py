"""Findings → what an author reads in the terminal, what a program reads as JSON, what CI writes beside a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from courses.finding import Finding

MARKS = {"error": ("✗", "red"), "note": ("·", "yellow")}


def short_path(path: Path, base: Path | None = None) -> str:
    """The path from here where that is shorter to read."""
    try:
        return path.relative_to(base or Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def line(finding: Finding, base: Path | None = None) -> str:
    """One finding in one Chinese line: file:line  what was seen  → what to do (rule)"""
    advice = f"  → {finding.advice}" if finding.advice else ""
    note = "（提醒）" if finding.level == "note" else ""
    return f"{short_path(finding.path, base)}:{finding.line}  {note}{finding.seen}{advice} ({finding.rule})"


def lines(findings: Iterable[Finding], base: Path | None = None) -> str:
    """All findings as plain text, one a line."""
    return "".join(line(finding, base) + "\n" for finding in findings)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level == "error"]


def summary(findings: Sequence[Finding], lessons: int) -> str:
    """The last line of a check."""
    wrong, notes = len(errors(findings)), len(findings) - len(errors(findings))
    tail = f"，{notes} 条提醒" if notes else ""
    if wrong:
        return f"查了 {lessons} 课：{wrong} 处要改{tail}。"
    return f"查了 {lessons} 课：都好{tail}。"


def show(
    findings: Sequence[Finding],
    *,
    count: int,
    as_json: bool = False,
    annotate: bool = False,
    console: Console | None = None,
    base: Path | None = None,
) -> None:
    """Print the findings for a person, a program or CI."""
    console = console or Console()
    if as_json or annotate:
        text = in_json(findings, base) if as_json else for_ci(findings, base)
        console.file.write(text)
        return
    for finding in findings:
        mark, colour = MARKS[finding.level]
        row = Text(f"{mark} ", style=colour)
        row.append(f"{short_path(finding.path, base)}:{finding.line}", style="bold")
        row.append(f"  {finding.seen}")
        if finding.advice:
            row.append(f"  → {finding.advice}", style="cyan")
        row.append(f" ({finding.rule})", style="dim")
        console.print(row, soft_wrap=True)
    console.print(Text(summary(findings, count), style="red" if errors(findings) else "green"))


def in_json(findings: Iterable[Finding], base: Path | None = None) -> str:
    """The findings for a program: a list of {path, line, rule, level, seen, advice}."""
    rows = [
        {
            "path": short_path(one.path, base),
            "line": one.line,
            "rule": one.rule,
            "level": one.level,
            "seen": one.seen,
            "advice": one.advice,
        }
        for one in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def for_ci(findings: Iterable[Finding], base: Path | None = None) -> str:
    """The findings in the form which CI services show beside the line of a change."""
    kinds = {"error": "error", "note": "notice"}
    return "".join(
        f"::{kinds[one.level]} file={_escaped(short_path(one.path, base), ',:')},line={one.line},"
        f"title={_escaped(one.rule, ',:')}::{_escaped(one.seen + (' → ' + one.advice if one.advice else ''))}\n"
        for one in findings
    )


def _escaped(text: str, more: str = "") -> str:
    for mark in "%\r\n" + more:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text
