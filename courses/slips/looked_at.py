"""What is looked at: which value, which line of a table, which of the things given."""

from __future__ import annotations

import ast
import builtins

from courses import python
from courses.slips.shapes import (
    Function,
    assigned,
    called,
    compared,
    differences,
    found,
    lines,
    own_names,
    reads,
    stored,
    text_of,
)
from courses.slips.written import Written, slip

MOST_NODES = 12  # of a part of a line that is shown as the place to look at


@slip("other-axis")
def other_axis(written: Written) -> str:
    def axes(function: Function) -> dict[tuple[str, str], set[object]]:
        """(what is called, on what) → the axes given."""
        kept: dict[tuple[str, str], set[object]] = {}
        for name, call in called(function):
            on = call.args[:1] if python.dotted(call.func).startswith("np.") else [call.func]
            thing = ast.dump(on[0].value if isinstance(on[0], ast.Attribute) else on[0]) if on else ""
            for given in call.keywords:
                if given.arg == "axis" and isinstance(given.value, ast.Constant):
                    kept.setdefault((name, thing), set()).add(given.value.value)
        return kept

    model = axes(written.model)
    for (name, thing), own in axes(written.own).items():
        if not own & model.get((name, thing), own):
            return f"{name} 里的 axis 写了 {', '.join(map(str, own))}。想一想，是一列一列算，还是一行一行算？"
    return ""


@slip("other-order-of-arguments")
def other_order_of_arguments(written: Written) -> str:
    """Of three and more; two may change places in many a function."""
    model = [(name, [ast.dump(one) for one in call.args]) for name, call in called(written.model)]
    for name, call in called(written.own):
        own = [ast.dump(one) for one in call.args]
        same = [given for other, given in model if other == name and sorted(given) == sorted(own)]
        if len(own) >= 3 and same and own not in same:
            return f"{name} 括号里放的东西都对，先后不对。看看 {name} 是怎么写的，第一个要什么，第二个要什么。"
    return ""


@slip("one-step-off")
def one_step_off(written: Written) -> str:
    def stops(function: Function) -> list[ast.expr]:
        return [call.args[-1] for name, call in called(function) if name == "range" and 1 <= len(call.args) <= 2]

    model = stops(written.model)
    whole = {ast.dump(one) for one in model}
    numbers = {one.value for one in model if isinstance(one, ast.Constant) and isinstance(one.value, int)}
    for own in stops(written.own):
        if ast.dump(own) in whole:
            continue
        if isinstance(own, ast.Constant) and isinstance(own.value, int) and {own.value - 1, own.value + 1} & numbers:
            return f"range({own.value}) 数到 {own.value - 1} 就停了。要看的都在里面吗？有没有多？"
        if not isinstance(own, ast.BinOp) or not isinstance(own.right, ast.Constant):
            continue
        if ast.dump(own.left) in whole or not whole and is_all_but_the_last(own, written):
            missed = "最后一个没有看到" if isinstance(own.op, ast.Sub) else "最后一步已经在外面了"
            return f"range({text_of(own)}) 的步数不对，{missed}。"
    return ""


def is_all_but_the_last(stop: ast.BinOp, written: Written) -> bool:
    """len(given) - 1 or given.shape[1] - 1, where nothing looks one further on and the last is not begun with."""
    size = stop.left.value if isinstance(stop.left, ast.Subscript) else stop.left
    of = size.args[0] if isinstance(size, ast.Call) and python.dotted(size.func) == "len" and size.args else None
    of = size.value if isinstance(size, ast.Attribute) and size.attr == "shape" else of
    is_given = isinstance(of, ast.Name) and of.id in written.parameters and isinstance(stop.op, ast.Sub)
    steps = [ast.dump(one) for one in found(written.own, ast.BinOp) if isinstance(one.right, ast.Constant)]
    further = any(isinstance(one.op, ast.Add) for one in found(found(written.own, ast.Subscript), ast.BinOp))
    return is_given and steps.count(ast.dump(stop)) == 1 and not further


@slip("same-each-round")
def same_each_round(written: Written) -> str:
    for loop in written.loops:
        name = loop.target.id if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) else "_"
        if not name.startswith("_") and name not in reads(loop.body) and name in reads(written.model):
            return f"循环里没有用到 {name}，每一圈做的是同一件事。"
    return ""


@slip("only-its-length")
def only_its_length(written: Written) -> str:
    def in_len(function: Function, name: str) -> int:
        lengths = [call for called_name, call in called(function) if called_name == "len"]
        return sum(isinstance(one, ast.Name) and one.id == name for call in lengths for one in call.args)

    for name in written.parameters:
        own, model = reads(written.own)[name], reads(written.model)[name]
        if own and own == in_len(written.own, name) and model > in_len(written.model, name):
            return f"只用了 {name} 有多少个，没有把里面的取出来。第 i 个是 {name}[i]。"
    return ""


@slip("unused-parameter")
def unused_parameter(written: Written) -> str:
    own, model = reads(written.own), reads(written.model)
    for name in written.parameters:
        if not own[name] and model[name]:
            return f"函数里没有用到括号里给的 {name}。再读一遍题目，哪一步要用它？"
    return ""


@slip("from-outside")
def from_outside(written: Written) -> str:
    known = {*own_names(written.own), *reads(written.model), *vars(builtins)}
    known |= {name for name, _ in called(written.own)}
    for name in reads(written.own):
        if name in written.outside and name not in known:
            given = "、".join(written.parameters)
            return f"函数里用了外面的 {name}。换一批数据它不会跟着换，只用括号里给的 {given}。"
    return ""


@slip("whole-list-compared")
def whole_list_compared(written: Written) -> str:
    """A list beside a number; the reference makes an array of it first, or takes out one after another."""
    own, model = compared_with_a_number(written.own), compared_with_a_number(written.model)
    made_new = stored(written.own)
    for name in written.parameters:
        at = [one.value for one in found(written.model, ast.Subscript)]
        at += [one.iter for one in found(written.model, ast.For)]
        is_list = name in array_of(written.model) or any(isinstance(one, ast.Name) and one.id == name for one in at)
        if is_list and name in own - model - made_new:
            return f"{name} 是一列，不能整列和一个数比。先写 np.array({name})，或者用 {name}[i] 一个一个比。"
    return ""


def compared_with_a_number(function: Function) -> set[str]:
    """Names that stand beside a number or a parameter in a comparison."""
    parameters = {one.arg for one in function.args.args}

    def is_number(one: ast.expr) -> bool:
        return isinstance(one, ast.Constant) or isinstance(one, ast.Name) and one.id in parameters

    return {
        one.id
        for sides in compared(function)
        for one in sides
        if isinstance(one, ast.Name) and any(is_number(other) for other in sides if other is not one)
    }


def array_of(function: Function) -> set[str]:
    """Names that are given to np.array or np.asarray."""
    calls = [call for name, call in called(function) if name in ("array", "asarray")]
    return {one.id for call in calls for one in call.args if isinstance(one, ast.Name)}


@slip("one-place")
def one_place(written: Written) -> str:
    """One line is not the reference's, and differs from one of its lines in one place."""
    own, model = ({ast.dump(one): one for one in lines(function)} for function in (written.own, written.model))
    others = [one for text, one in own.items() if text not in model]
    missing = [one for text, one in model.items() if text not in own]
    if len(others) != 1 or len(own) == 1:
        return ""
    known = own_names(written.model) | reads(written.model).keys() | {*written.parameters, *vars(builtins)}
    for other in missing:
        pairs = differences(others[0], other)
        if len(pairs) == 1 and reads(pairs[0][0]).keys() <= known and (told := told_of(others[0], *pairs[0])):
            return told
    return ""


def told_of(line: ast.AST, own: ast.AST, model: ast.AST) -> str:
    """Where to look in a line that differs in one place. Never what should stand there."""
    text = text_of(line)
    if isinstance(own, ast.cmpop):  # `<=` may be as right as `<`: the mutations say whether it is
        return ""
    if isinstance(own, ast.operator):
        return f"再看看“{text}”里的加减乘除，用对了吗？"
    if isinstance(own, ast.boolop | ast.unaryop):
        return f"再看看“{text}”里的 and、or、not，用对了吗？"
    part, size = text_of(own), len(list(ast.walk(own)))
    if any(name in ("int", "float", "bool") for name, call in called([own]) if call is own):
        return ""  # the same value
    if size <= MOST_NODES and ast.dump(model) in {ast.dump(one) for one in ast.walk(own)}:
        return f"再看看“{text}”：是不是多做了一步？"
    is_whole = own is getattr(line, "value", None)
    if size <= MOST_NODES and not is_whole and len(part) <= len(text) / 2:  # most of a line is not one place
        times = text.count(part)
        return f"再看看“{text}”里的“{part}”：{'每一处都该是它' if times > 1 else '这里该放它'}吗？"
    return ""


@slip("never-used")
def never_used(written: Written) -> str:
    own = reads(written.own)
    loops = {name for one in written.loops if isinstance(one, ast.For) for name in stored(one.target)}
    for name, one in assigned(written.own):
        if not own[name] and name not in loops and not name.startswith("_"):
            return f"“{text_of(one)}”算出了 {name}，后面没有用到它。"
    return ""
