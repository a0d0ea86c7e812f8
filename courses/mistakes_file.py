"""The cells of mistakes.md: mistakes, other right answers, widgets' reference answers, equal changes, claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from courses.lesson import Cell, Claim, Equivalent, Lesson, Mistake, Variant

Entry = dict[str, Any]
Fault = Callable[[int, str, str, str], None]


def gather_answers(cells: Iterable[Cell], lesson: Lesson, fault: Fault) -> dict[str, Any]:
    """What mistakes.md gives to a Lesson; `fault` is told (line, rule, what was seen, what to do)."""
    found: dict[str, list[Any]] = {kind: [] for kind in READ}
    for cell in cells:
        if cell.kind != "code":
            continue
        kinds = [kind for kind in found if kind in cell.options]
        entry = cell.options.get(kinds[0]) if len(kinds) == 1 else None
        if not isinstance(entry, dict):
            advice = "每格写 mistake、also-right、reference、equivalent、claim 五种中的一种"
            fault(cell.line, "mistake-format", "看不出这一格是什么答案", advice)
            continue
        of = entry.get("of") or "（空）"
        if lesson.cells and kinds[0] != "claim" and not lesson.exercise(str(of)):
            fault(cell.line, "mistake-format", f"lesson.md 里没有练习 {of}", "of: 写练习的名字")
            continue
        try:
            answer = READ[kinds[0]](entry, cell)
        except ValueError as error:
            fault(cell.line, "mistake-format", *error.args)
            continue
        if isinstance(answer, Mistake) and any(one.id == answer.id for one in found["mistake"]):
            fault(cell.line, "mistake-format", f"错误 id {answer.id} 用了两次", "换一个名字")
        else:
            found[kinds[0]].append(answer)
    return {
        "mistakes": tuple(found["mistake"]),
        "also_right": tuple(found["also-right"]),
        "references": tuple(found["reference"]),
        "equivalents": tuple(found["equivalent"]),
        "claims": tuple(found["claim"]),
    }


def ask_for(entry: Entry, what: str, *keys: str) -> list[str]:
    """The values of an entry. Raises ValueError (what was seen, what to do)."""
    if lacking := [key for key in keys if not str(entry.get(key) or "").strip()]:
        raise ValueError(f"{what}缺少 {'、'.join(lacking)}", f"补上：{'、'.join(keys)}")
    return [str(entry[key]) for key in keys]


def read_mistake(entry: Entry, cell: Cell) -> Mistake:
    own, shows, hint = ask_for(entry, "这个错误", "id", "shows", "hint")
    return Mistake(str(entry.get("of", "")), own, shows, hint, cell.source, cell.line)


def read_variant(entry: Entry, cell: Cell) -> Variant:
    return Variant(str(entry.get("of", "")), cell.source, cell.line)


def read_equivalent(entry: Entry, cell: Cell) -> Equivalent:
    before, after, why = ask_for(entry, "这处改动", "from", "to", "why")
    return Equivalent(str(entry.get("of", "")), before, after, why, cell.line)


def read_claim(entry: Entry, cell: Cell) -> Claim:
    (says,) = ask_for(entry, "这句话", "says")
    least = entry.get("least", 1.0)
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 < least <= 1:
        raise ValueError(f"least 写的是 {least}", "least 写 0 到 1 的数，比如 0.9：20 次里至少成立几成")
    if not re.search(r"^def holds\(\w+\)", cell.source, re.MULTILINE):
        raise ValueError("这句话没有写 holds", "写成 def holds(draw): …，成立就 return True")
    return Claim(says, float(least), cell.source, cell.line)


READ: dict[str, Callable[[Entry, Cell], Any]] = {
    "mistake": read_mistake,
    "also-right": read_variant,
    "reference": read_variant,
    "equivalent": read_equivalent,
    "claim": read_claim,
}
#: What a cell of mistakes.md can be.
KINDS = frozenset(READ)
