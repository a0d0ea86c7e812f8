"""The teacher's table at the end of a grading: scores, what changed, who needs a look and why, the slowest cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from grading.result import SubmissionResult, rounded
from running import sandbox

MOST_ROWS = 60  # beyond a class or two, only the rows that want something are shown


def outcome(results: Sequence[SubmissionResult], level_id: str, seconds: float) -> Iterator[Any]:
    """What to print, in order."""
    shown = [one for one in results if len(results) <= MOST_ROWS or one.flags or one.problem or one.changed]
    if shown:
        yield table(shown)
    if len(shown) < len(results):
        yield f"另有 {len(results) - len(shown)} 份评好了，没有要看的。"
    yield totals(results, seconds)
    slowest = sorted((one for one in results if one.slowest[1] >= 1), key=lambda one: -one.slowest[1])[:3]
    if slowest:
        cells = "；".join(f"{escape(one.pupil)} 的 {escape(one.slowest[0])} {one.slowest[1]:.1f} 秒" for one in slowest)
        yield f"最慢的格子：{cells}。"
    if level_id:
        level = sandbox.level(level_id)
        yield f"沙箱：{level.title}（{level.promises}）。"


def table(results: Sequence[SubmissionResult]) -> Table:
    found = Table("学生", "得分", "要看一看", box=None, header_style="bold")
    for one in results:
        words = [flag.words for flag in one.flags] or ([one.problem] if one.problem else [])
        if not one.problem and one.waits_for_teacher:
            words.append("有要老师评的题")
        found.add_row(escape(one.pupil), score_words(one), escape("；".join(dict.fromkeys(words))))
    return found


def score_words(one: SubmissionResult) -> str:
    """The score that counts, of how many, and what a teacher would ask about it."""
    if one.problem:
        return ""
    about = [f"晚交扣 {rounded(one.penalty)} 分"] if one.penalty else []
    about += [f"附加 {rounded(one.extra)} 分"] if one.extra else []
    about += [f"原来 {rounded(one.before)}"] if one.changed and one.before is not None else []
    return f"{rounded(one.score)} / {rounded(one.max_score)}" + (f"（{'，'.join(about)}）" if about else "")


def totals(results: Sequence[SubmissionResult], seconds: float) -> str:
    bad = sum(bool(one.problem) for one in results)
    same = sum(one.skipped for one in results)
    look = sum(bool(one.flags) and not one.problem for one in results)
    new = len(results) - bad - same
    parts = [f"评好 {new} 份"]
    if new and seconds > 0:
        parts[0] += f"（{seconds:.1f} 秒，每份 {seconds / new:.2f} 秒）"
    parts += [f"没有变的 {same} 份"] if same else []
    parts += [f"其中 {look} 份要看一看"] if look else []
    parts += [f"{bad} 份没能评"] if bad else []
    return "，".join(parts) + "。"


def exit_code(results: Sequence[SubmissionResult]) -> int:
    """0: all have a mark. 1: some have none."""
    return 1 if any(one.problem for one in results) else 0


def as_json(results: Sequence[SubmissionResult], level_id: str) -> dict[str, Any]:
    rows = [
        {
            "pupil": one.pupil,
            "score": None if one.problem else one.score,
            "max_score": one.max_score,
            "late_penalty": one.penalty,
            "waits_for_teacher": one.waits_for_teacher,
            "before": one.before,
            "unchanged": one.skipped,
            "problem": one.problem,
            "flags": [{"reason": flag.reason, "words": flag.words} for flag in one.flags],
            "seconds": round(one.seconds, 3),
            "cells": {cell.grade_id: cell.score for cell in one.cells},
        }
        for one in results
    ]
    return {"sandbox": level_id, "submissions": rows}
