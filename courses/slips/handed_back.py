"""What is handed back: of which kind, and how much of it."""

from __future__ import annotations

import ast

from courses.slips.shapes import Function, appended, called, found, lists, returned, stored, text_of
from courses.slips.written import Written, slip

TO_ONE = {"mean", "sum", "max", "min", "len", "argmin", "argmax", "median", "std", "count"}  # many values to one


@slip("text-for-a-value")
def text_for_a_value(written: Written) -> str:
    def is_text(one: ast.expr) -> bool:
        is_made = isinstance(one, ast.Call) and any(
            name in ("str", "format", "join") for name, call in called([one]) if call is one
        )
        parts = (one.left, one.right) if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add) else ()
        is_written = isinstance(one, ast.JoinedStr) or isinstance(one, ast.Constant) and isinstance(one.value, str)
        return is_made or is_written or any(map(is_text, parts))

    if any(map(is_text, written.returned)) and not any(map(is_text, written.model_returned)):
        return "return 交回来的是一段文字。题目要的不是文字，去掉引号、str 或者 f，直接交回值。"
    return ""


@slip("two-for-one")
def two_for_one(written: Written) -> str:
    own = [len(one.elts) for one in written.returned if isinstance(one, ast.Tuple)]
    if own and not any(isinstance(one, ast.Tuple) for one in written.model_returned):
        return f"return 后面有逗号，交回来的是 {own[0]} 样。题目只要一样，看看它们还要怎么合成一个。"
    return ""


@slip("whole-list")
def whole_list(written: Written) -> str:
    collected = appended(written.own) & lists(written.own)
    last = written.model_returned[-1:]
    is_one = any(isinstance(one, ast.Call) and {name for name, _ in called([one])} & TO_ONE for one in last)
    if is_one or any(isinstance(one, ast.BinOp) for one in last):
        for one in written.returned:
            if isinstance(one, ast.Name) and one.id in collected:
                return f"交回来的是整列 {one.id}，最后还差一步。再读一遍题目，要交回的是什么？"
    return ""


@slip("whole-number-division")
def whole_number_division(written: Written) -> str:
    def cuts(function: Function) -> bool:
        """Halving a list is something else."""
        divisions = [one for one in found(function, ast.BinOp) if isinstance(one.op, ast.FloorDiv)]
        return any(not isinstance(one.right, ast.Constant) for one in divisions)

    return "// 会把小数部分丢掉。要留住小数，用 /。" if cuts(written.own) and not cuts(written.model) else ""


@slip("rounded-on-the-way")
def rounded_on_the_way(written: Written) -> str:
    def rounds(function: Function) -> bool:
        return any(name == "round" for name, _ in called(function))

    if rounds(written.own) and not rounds(written.model):
        return "这里用了 round，四舍五入以后就和原来的数不一样了。题目没有要，就不用。"
    return ""


@slip("given-back-unchanged")
def given_back_unchanged(written: Written) -> str:
    def as_given(function: Function) -> list[str]:
        parameters = {one.arg for one in function.args.args} - stored(function)
        last = returned(function)[-1:]
        parts = [part for one in last for part in (one.elts if isinstance(one, ast.Tuple) else [one])]
        return [one.id for one in parts if isinstance(one, ast.Name) and one.id in parameters]

    own = as_given(written.own)
    return f"{own[0]} 原样交回来了，还没有处理。" if own and not as_given(written.model) else ""


@slip("changes-what-was-given")
def changes_what_was_given(written: Written) -> str:
    """One of several things is put into the place of another of them."""

    def moved(function: Function) -> list[ast.Assign]:
        parameters = {one.arg for one in function.args.args} - stored(function)
        kept = []
        for one in found(function, ast.Assign):
            places = [part for part in (one.targets[0], one.value) if isinstance(part, ast.Subscript)]
            things = {text_of(part.value) for part in places}
            if len(places) == 2 and len(things) == 1 and things <= parameters:
                kept.append(one)
        return kept

    own = moved(written.own)
    if own and not moved(written.model):
        return f"“{text_of(own[0])}”换的是给你的东西，不是它的序号。要换的是哪一个？"
    return ""
