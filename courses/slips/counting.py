"""Counting and collecting: where one begins, what is added, and how often."""

from __future__ import annotations

import ast

from courses.slips.shapes import (
    Function,
    Loop,
    appended,
    assigned,
    augmented,
    found,
    is_start,
    is_zero,
    lists,
    neighbours,
    reads,
    text_of,
)
from courses.slips.written import Written, slip


@slip("never-back-to-zero")
def never_back_to_zero(written: Written) -> str:
    for outer in written.loops:
        started = {name for name, one in assigned(outer.body) if not reads(one.value)[name]}
        for name in sorted(augmented(found(outer.body, *Loop)) - started):
            counting = sum(reads(one.value)[name] for other, one in assigned(outer.body) if other == name)
            if reads(outer.body)[name] > counting and not never_reset(written.model, name):
                return f"{name} 没有在每一轮开头从 0 数起，前面几轮的也算了进来。看看“{name} = 0”该放在哪个循环里。"
    return ""


def never_reset(model: Function, name: str) -> bool:
    """Whether the reference itself goes on counting in one name through an outer loop."""
    loops = found(model, *Loop)
    started = [{name for name, given in assigned(one.body) if not reads(given.value)[name]} for one in loops]
    grown = [augmented(found(one.body, *Loop)) for one in loops]
    return any(name in more - fresh for more, fresh in zip(grown, started, strict=True))


@slip("back-to-zero-each-time")
def back_to_zero_each_time(written: Written) -> str:
    for loop in written.loops:
        for name, one in assigned([part for part in loop.body if isinstance(part, ast.Assign)]):
            grows = name in augmented(loop.body) | appended(loop.body)
            inner = {id(part) for part in found(loop.body, ast.Name) if isinstance(part.ctx, ast.Load)}
            read = [part for part in found(written.own, ast.Name) if part.id == name and isinstance(part.ctx, ast.Load)]
            after = [part for part in read if id(part) not in inner]
            deep = found([part for part in loop.body if isinstance(part, ast.For | ast.While)], ast.stmt)
            if is_start(one.value) and grows and after and not deep:
                return f"“{text_of(one)}”写在循环里面，每转一圈就从头来过。把它放到循环前面。"
    return ""


@slip("not-added-up")
def not_added_up(written: Written) -> str:
    sums = augmented(written.model)
    if not sums or augmented(written.own) or appended(written.own):
        return ""
    starts = {name for name, one in assigned(written.own) if is_start(one.value)}
    for loop in written.loops:
        for name, one in assigned(loop.body):
            if name in starts & sums and name not in reads(one.value):
                return f"“{text_of(one)}”每次都把 {name} 换成新的，没有加起来。要加上去，写 +=。"
    return ""


@slip("one-more-for-which-one")
def one_more_for_which_one(written: Written) -> str:
    given = [one for loop in found(written.model, *Loop) for one in assigned(loop.body)]
    for name in sorted(({name for name, _ in given} - augmented(written.model)) & augmented(written.own)):
        return f"{name} 在循环里每次加了一个数。想一想，它该变成什么？"
    return ""


@slip("smallest-from-zero")
def smallest_from_zero(written: Written) -> str:
    zeros = {name for name, one in assigned(written.own.body) if is_zero(one.value)}
    zeros -= {name for name, one in assigned(written.model.body) if is_zero(one.value)}
    for one in found(written.loops, ast.If):
        test = one.test
        if not isinstance(test, ast.Compare) or len(test.ops) > 1:
            continue
        less = isinstance(test.ops[0], ast.Lt | ast.LtE)
        against = test.comparators[0] if less else test.left
        if not isinstance(test.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE) or not isinstance(against, ast.Name):
            continue
        if against.id in zeros and against.id in dict(assigned(one.body)):
            return f"{against.id} 一开始是 0，没有比 0 更小的，它就一直不变。让它从第一个开始。"
    return ""


@slip("else-takes-the-rest")
def else_takes_the_rest(written: Written) -> str:
    def takes_the_rest(function: Function) -> bool:
        """Of two things that must both be so, either may be missing."""
        questions = found(function, ast.If)
        elifs = [one.orelse[0] for one in questions if one.orelse]  # there the rest is what no question asked for
        both = [one for one in questions if isinstance(one.test, ast.BoolOp) and one.orelse and one not in elifs]
        rests = [one.orelse[0] for one in both if isinstance(one.test.op, ast.And)]
        return any(augmented([one]) for one in rests if not isinstance(one, ast.If))

    if takes_the_rest(written.own) and not takes_the_rest(written.model):
        return "最后用了 else，剩下的全都算了进去。剩下的里面，有不该算的吗？"
    return ""


@slip("after-the-loop")
def after_the_loop(written: Written) -> str:
    """What stands below a loop and looks at the loop's own variable: at its last value alone."""
    for first, second in neighbours(written.own):
        name = first.target.id if isinstance(first, ast.For) and isinstance(first.target, ast.Name) else ""
        if isinstance(second, ast.If) and reads(second)[name]:
            return f"“if {text_of(second.test)}”在循环外面，只看了最后一个。往右缩进，放回循环里。"
    return ""


@slip("if-within-if")
def if_within_if(written: Written) -> str:
    def within(function: Function) -> list[ast.If]:
        plain = [one for one in found(function, ast.If) if not one.orelse]
        return [one for outer in plain for one in outer.body if one in plain]

    same_number = len(found(written.own, ast.If)) == len(found(written.model, ast.If))
    if same_number and within(written.own) and not within(written.model):
        test = text_of(within(written.own)[0].test)
        return f"“if {test}”写在另一个 if 里面，外面的成立了才轮到它。往左退，两个 if 对齐。"
    return ""


@slip("list-replaced")
def list_replaced(written: Written) -> str:
    lost = lists(written.own) & appended(written.model) - appended(written.own)
    for loop in written.loops:
        for name, one in assigned(loop.body):
            if name in lost and not isinstance(one.value, ast.List) and not reads(one.value)[name]:
                return f"“{text_of(one)}”把 {name} 换成了新的，原来装的都没有了。要放进去，用 {name}.append(…)。"
    return ""
