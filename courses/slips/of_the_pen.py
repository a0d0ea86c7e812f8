"""What is surely not meant: a sign too many, a return too early, a name that hides another."""

from __future__ import annotations

import ast
import itertools
from typing import Any

from courses.slips.shapes import (
    Function,
    Loop,
    assigned,
    augmented,
    called,
    compared,
    found,
    may_fall_off,
    may_go_on,
    neighbours,
    reads,
    text_of,
)
from courses.slips.written import Written, slip


@slip("two-equals")
def two_equals(written: Written) -> str:
    for one in found(written.own, ast.Expr):
        if isinstance(one.value, ast.Compare) and isinstance(one.value.ops[0], ast.Eq):
            left = text_of(one.value.left)
            return f"“{text_of(one)}”这一行是两个等号，只比了一比，没有把值放进 {left}。放进去用一个等号。"
    return ""


@slip("plus-after-equals")
def plus_after_equals(written: Written) -> str:
    for one in found(written.own, ast.Assign):
        if isinstance(one.value, ast.UnaryOp) and isinstance(one.value.op, ast.UAdd):
            name = text_of(one.targets[0])
            return f"{name} 后面等号和加号的先后反了，=+ 每次都从头放进一个数。要加上去，写 +=。"
    return ""


@slip("and-without-brackets")
def and_without_brackets(written: Written) -> str:
    for sides in compared(written.own):
        inside = [part.op for part in sides if isinstance(part, ast.BinOp)]
        if any(isinstance(op, ast.BitAnd | ast.BitOr) for op in inside):
            return "& 和 | 比大于、小于先算。两边的比较各自加上括号再试。"
    return ""


@slip("return-after-return")
def return_after_return(written: Written) -> str:
    for first, second in neighbours(written.own):
        if isinstance(first, ast.Return) and isinstance(second, ast.Return):
            two = any(isinstance(one, ast.Tuple) for one in written.model_returned)
            cure = "要交回两样，写在一个 return 里" if two else "要交回的只有一个值，先合到一起，再 return"
            return f"一个 return 下面紧跟着另一个 return，第二个运行不到。{cure}。"
    return ""


@slip("print-for-return")
def print_for_return(written: Written) -> str:
    if _lacks_return(written) and any(name == "print" for name, _ in called(written.own)):
        return "结果用 print 打印出来了，函数没有把它交回去。把 print 换成 return。"
    return ""


@slip("no-return")
def no_return(written: Written) -> str:
    return "函数里没有 return，算好的结果没有交回去。" if _lacks_return(written) else ""


def _lacks_return(written: Written) -> bool:
    return not written.returned and bool(written.model_returned)


@slip("return-in-the-loop")
def return_in_the_loop(written: Written) -> str:
    def leaves_at_once(loop: Any) -> bool:
        return not all(map(may_go_on, loop.body))

    if any(map(leaves_at_once, written.loops)) and not any(map(leaves_at_once, found(written.model, *Loop))):
        return "循环转第一圈就碰到了 return，后面的都没有看。return 往左退，和 for 对齐。"
    return ""


@slip("return-at-the-first")
def return_at_the_first(written: Written) -> str:
    """What it counts in a loop it returns within that loop; the reference goes to the end of its own first."""

    def inside(function: Function) -> list[ast.Return]:
        return [
            one
            for loop in found(function, *Loop)
            for one in found(loop, ast.Return)
            if one.value is not None and reads(one.value).keys() & augmented(loop)
        ]

    if len(inside(written.own)) == len(written.returned) > 0 and not inside(written.model):
        return "循环还没有转完，碰到一个就 return 了，后面的都没有看。return 往左退，和 for 对齐。"
    return ""


@slip("no-return-at-the-end")
def no_return_at_the_end(written: Written) -> str:
    may_fall = may_fall_off(written.own.body) and not may_fall_off(written.model.body)
    if written.returned and may_fall and "None" in written.seen:
        return "有时候函数走到了最后也没有碰到 return，交回来的是 None。几种情况都要有 return。"
    return ""


@slip("own-value-for-a-parameter")
def own_value_for_a_parameter(written: Written) -> str:
    for name, one in assigned(written.own):
        if name in written.parameters and isinstance(one.value, ast.Constant):
            return f"函数里又写了“{text_of(one)}”，从括号里传进来的 {name} 就没有用了。"
    return ""


@slip("always-the-same")
def always_the_same(written: Written) -> str:
    own = {ast.dump(one) for one in written.returned}
    if len(own) == 1 and isinstance(written.returned[0], ast.Constant):
        model = {ast.dump(one) for one in written.model_returned}
        if own != model:
            return f"不管给什么，函数交回来的都是 {text_of(written.returned[0])}。"
    return ""


@slip("assigned-to-a-call")
def assigned_to_a_call(written: Written) -> str:
    for one in found(written.own, ast.Assign):
        for target in one.targets:
            if isinstance(target, ast.Attribute) and target.attr in ("append", "sort", "count", "index", "sum", "mean"):
                return f"{target.attr} 后面要用括号：{text_of(target)}(…)，不用等号。"
    return ""


@slip("break-too-early")
def break_too_early(written: Written) -> str:
    if len(written.loops) == 1 and found(written.own, ast.Break) and not found(written.model, ast.Break):
        return "一碰到 break 循环就停了，后面的都没有看。看看 break 该不该有。"
    return ""


@slip("compared-with-text")
def compared_with_text(written: Written) -> str:
    def texts(function: Function) -> list[ast.Constant]:
        sides = itertools.chain.from_iterable(compared(function))
        return [one for one in sides if isinstance(one, ast.Constant) and isinstance(one.value, str)]

    own = texts(written.own)
    return (
        f"{text_of(own[0])} 是文字，和数比永远不相等。看看里面放的是什么。" if own and not texts(written.model) else ""
    )
