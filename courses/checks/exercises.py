"""Graded exercises as they are written: answer cells, tests, messages, and the answers that mistakes.md must hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from courses import python
from courses.checks.prose import HAN
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Cell, Exercise, Lesson
from courses.regions import has_region, public_lines, region_lines

#: What would tell a pupil the key of a graded widget.
KEY_WORDS = {"key", "answer", "answers", "correct", "right"}
#: Calls that draw lots; without random_state each run gives another result.
SKLEARN_LOTS = {
    "train_test_split", "KMeans", "MiniBatchKMeans", "MLPClassifier", "MLPRegressor", "RandomForestClassifier",
    "RandomForestRegressor", "SGDClassifier", "Perceptron", "make_blobs", "make_moons", "make_classification",
}  # fmt: skip


@lesson_rule(
    "answer-cell",
    what="函数题的答题格只有一个函数，答案在 SOLUTION 区里；写答题的格子只有评分标准",
    why="区外的东西会原样发给学生",
    advice="把答案放进 ### BEGIN SOLUTION 与 ### END SOLUTION 之间",
)
def answer_cell(lesson: Lesson) -> Iterator[Seen]:
    for one in lesson.exercises:
        cell = one.answer
        if one.form == "function":
            yield from _function_cell(one)
        elif one.form == "written":
            if not has_region(cell, "MARK SCHEME"):
                advice = "写上 ### BEGIN MARK SCHEME … ### END MARK SCHEME"
                yield Seen(cell.line, f"写答题 {one.id} 没有评分标准", advice)
            elif outside := [line for line, text in public_lines(cell) if text.strip()]:
                seen = f"写答题 {one.id} 的评分标准外面还有文字"
                yield Seen(outside[0], seen, "题目写在上面的文字格里，这一格只放评分标准")
            if not cell.points:
                yield Seen(cell.line, f"写答题 {one.id} 没有分数", "写成 {grade_id: 名字, points: 2}")


def _function_cell(one: Exercise) -> Iterator[Seen]:
    cell = one.answer
    if not has_region(cell, "SOLUTION"):
        yield Seen(cell.line, f"练习 {one.id} 的答案没有放进 SOLUTION 区，会发给学生")
    if "points" in cell.nbgrader:
        yield Seen(cell.line, f"练习 {one.id} 的分写在了答题格上", "分写在它的测试格上")
    tree = python.parse(cell.source, cell.line)
    body = tree.body if isinstance(tree, ast.Module) else []
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return
    secret = {line for line, _ in region_lines(cell)}
    others = [node for node in body if node is not functions[0] and node.lineno not in secret]
    if others:
        advice = "别的函数和数据放到前面的普通格里"
        yield Seen(others[0].lineno, f"练习 {one.id} 的答题格里不只有一个函数", advice)


@lesson_rule(
    "test-cell",
    what="每个测试格都有分；只有隐藏测试的格子以一行中文注释开头；每个 assert 都用中文说出看到了什么",
    why="学生要知道这一格在考什么、错在哪里",
    advice='写成 assert n == 3, f"你数出了 {n} 只，再看看右上角？"',
)
def test_cell(lesson: Lesson) -> Iterator[Seen]:
    for one in lesson.exercises:
        touched = python.top_names(one.answer) | {"answers"}
        for test in one.tests:
            if not test.points:
                yield Seen(test.line, f"测试 {test.grade_id} 没有分", "写成 {grade_id: 名字, points: 1}")
            outside = [text.strip() for _, text in public_lines(test) if text.strip()] or [""]
            if has_region(test, "HIDDEN TESTS") and not outside[0]:
                advice = "在 BEGIN HIDDEN TESTS 前加一行，例如：# 换一叠新图再考一次"
                yield Seen(test.line, f"测试 {test.grade_id} 发给学生时是空的", advice)
            elif all(text.startswith("#") for text in outside) and not re.search(f"[{HAN}]", outside[0]):
                yield Seen(test.line, f"测试 {test.grade_id} 开头的注释不是中文", "用一句中文说它考什么")
            # What an author asserts of his own data never fails a pupil, so it needs no words.
            touched = python.depending_on(test, touched)
            for node in python.nodes(test):
                if isinstance(node, ast.Assert) and python.reads(node, touched) and not _speaks_chinese(node.msg):
                    yield Seen(node.lineno, f"测试 {test.grade_id} 的这个 assert 没有中文的话")


def _speaks_chinese(message: ast.expr | None) -> bool:
    if message is None:
        return False
    said = "".join(text for _, text in python.strings(message))
    return bool(re.search(f"[{HAN}]", said)) or not isinstance(message, ast.Constant | ast.JoinedStr)


@lesson_rule(
    "hidden-message",
    what="隐藏测试的话里不说出正确答案",
    why="没通过的学生会看到这句话",
    advice="只说看到了什么、该往哪里看",
)
def hidden_message(lesson: Lesson) -> Iterator[Seen]:
    for one in lesson.exercises:
        for test in one.tests:
            hidden = {line for line, _ in region_lines(test, "HIDDEN TESTS")}
            for node in python.nodes(test):
                if not isinstance(node, ast.Assert | ast.Call) or node.lineno not in hidden:
                    continue
                if told := _tells(*_said_of(node)):
                    yield Seen(node.lineno, f"测试 {test.grade_id} 的话里有正确答案 {told}")


def _said_of(node: ast.AST) -> tuple[list[ast.expr], ast.expr | None]:
    """What `assert seen == expected, said` or `judge.check(…, equals=…, hint=said)` compares, and what it says."""
    if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Eq):
        return [node.test.left, node.test.comparators[0]], node.msg
    if isinstance(node, ast.Call) and python.dotted(node.func) == "judge.check":
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        return [given[name] for name in ("equals", "near") if name in given], given.get("hint")
    return [], None


def _tells(sides: list[ast.expr], message: ast.expr | None) -> str:
    """The expected value where the message gives it away."""
    if message is None:
        return ""
    shown = {ast.dump(part.value) for part in ast.walk(message) if isinstance(part, ast.FormattedValue)}
    said = " ".join(text for _, text in python.strings(message))
    for side in sides:
        if isinstance(side, ast.Constant) and not isinstance(side.value, bool | None):
            if re.search(rf"(?<![\w.]){re.escape(str(side.value))}(?![\w.])", re.sub(f"[{HAN}]", " ", said)):
                return str(side.value)
            if isinstance(side.value, str) and re.search(f"[{HAN}]{{2}}", side.value) and side.value in said:
                return side.value
    has_value = any(isinstance(side, ast.Constant) for side in sides)
    return ast.unparse(sides[-1]) if sides and not has_value and all(ast.dump(one) in shown for one in sides) else ""


@lesson_rule(
    "bare-value",
    what="测试的话里，学生的函数交回来的值要写成 {n!r}，或者用 judge.check",
    why="不然 False 和 'False'、2 和 '2' 看起来一样，学生不知道错在哪里",
    advice='写成 f"你交回来的是 {n!r}"，或者 judge.check("函数名", …, equals=…)',
)
def bare_value(lesson: Lesson) -> Iterator[Seen]:
    for one in lesson.exercises:
        own = python.defined_names(one.answer) if one.form == "function" else set()
        for test in one.tests:
            came = {name for node in python.nodes(test) for name in _kept_call(node, own)}
            for part in _written_bare(test):
                if (name := python.dotted(part.value)) in came:
                    yield Seen(part.lineno, f"测试 {test.grade_id} 的话里直接写了 {{{name}}}")


def _kept_call(node: ast.AST, functions: set[str]) -> Iterator[str]:
    """The names that hold what one of the functions returned."""
    called = node.value if isinstance(node, ast.Assign) else None
    if isinstance(node, ast.Assign) and isinstance(called, ast.Call) and python.dotted(called.func) in functions:
        yield from (part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _written_bare(test: Cell) -> Iterator[ast.FormattedValue]:
    """The values in its messages that stand there without `!r` and without a format."""
    messages = [node.msg for node in python.nodes(test) if isinstance(node, ast.Assert) and node.msg]
    for part in (part for message in messages for part in ast.walk(message)):
        if isinstance(part, ast.FormattedValue) and part.conversion == -1 and not part.format_spec:
            yield part


@lesson_rule(
    "enough-answers",
    what="每个自动评分的练习至少有两个典型错误；函数还要一个别样的正确答案，组件还要一个参考答案",
    why="错题本靠典型错误猜原因，别样的答案证明测试不偏心",
    advice="在 mistakes.md 里补上，写法见 courses/starter/mistakes.md",
)
def enough_answers(lesson: Lesson) -> Iterator[Seen]:
    if any(one.path == lesson.mistakes_path for one in lesson.obstacles):
        return  # the file could not be read, and that has been said
    for one in lesson.exercises:
        if one.form == "written" or not one.tests:
            continue
        mistakes = sum(mistake.of == one.id for mistake in lesson.mistakes)
        if mistakes < 2:
            yield Seen(one.answer.line, f"练习 {one.id} 只有 {mistakes} 个典型错误，至少要两个")
        if one.form == "function" and not any(also.of == one.id for also in lesson.also_right):
            yield Seen(one.answer.line, f"练习 {one.id} 没有别样的正确答案（also-right）")
        if one.form == "widget":
            references = [reference for reference in lesson.references if reference.of == one.id]
            if not references:
                yield Seen(one.answer.line, f"组件 {one.id} 没有参考答案（reference）")
            for extra in references[1:]:
                yield Seen(extra.line, f"组件 {one.id} 的参考答案写了两次", "只留一个", file="mistakes.md")


@lesson_rule(
    "widget-key",
    what="计分的组件里不写正确答案",
    why="组件的设置学生看得见；答案只放在隐藏测试里",
    advice="选项只写文字，正确的那一个写进 -judge 测试的隐藏区",
)
def widget_key(lesson: Lesson) -> Iterator[Seen]:
    for one in lesson.exercises:
        if one.form != "widget":
            continue
        for call, _ in python.calls(one.answer):
            if not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == one.id):
                continue
            told = [keyword for keyword in call.keywords if keyword.arg in KEY_WORDS]
            truths = [node for node in ast.walk(call) if isinstance(node, ast.Tuple) and _holds_truth(node)]
            if told or truths:
                line = told[0].value.lineno if told else truths[0].lineno
                yield Seen(line, f"计分的组件 {one.id} 里写着哪个是对的")


def _holds_truth(node: ast.Tuple) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, bool) for part in node.elts)


@lesson_rule(
    "asks-if-written",
    what="普通格用到学生写的函数时，先问它写好了没有",
    why="没写完的学生运行到这里，不该看到一串报错",
    advice="写成 if is_written(函数名): …（from kits import is_written）",
)
def asks_if_written(lesson: Lesson) -> Iterator[Seen]:
    owners = _owners(lesson)
    for cell in python.code_cells(lesson):
        if cell.grade_id:
            continue
        asked = {name for call, called in python.calls(cell) if called == "is_written" for name in _named(call)}
        for name, line in python.used_names(cell).items():
            if name in owners and name not in asked | python.bound_names(cell):
                yield Seen(line, f"这一格用到 {name}，没有先问它写好了没有")


def _named(call: ast.Call) -> Iterator[str]:
    for arg in call.args:
        if isinstance(arg, ast.Name):
            yield arg.id
        elif isinstance(arg, ast.Constant):
            yield str(arg.value)


def _owners(lesson: Lesson) -> dict[str, Exercise]:
    """Each function a pupil writes → the exercise it belongs to."""
    return {
        name: one
        for one in lesson.exercises
        if one.form == "function"
        for name in python.defined_names(one.answer)
    }  # fmt: skip


@lesson_rule(
    "own-test",
    what="一个练习的隐藏测试只考这个练习：要用前面的函数，先在隐藏区里放好参考答案",
    why="前一题错了，不该连累后一题",
    advice="在隐藏区开头写上前面那个函数的参考答案",
)
def own_test(lesson: Lesson) -> Iterator[Seen]:
    owners = _owners(lesson)
    for one in lesson.exercises:
        needed = {name for name in python.used_names(one.answer) if name in owners and owners[name] is not one}
        placed: set[str] = set()
        for test in one.tests:
            if not has_region(test, "HIDDEN TESTS"):
                continue
            placed |= python.bound_names(test)
            used = {name for name in python.used_names(test) if name in owners and owners[name] is not one}
            for name in sorted((needed | used) - placed):
                seen = f"测试 {test.grade_id} 用的是学生自己写的 {name}，那是练习 {owners[name].id} 的"
                yield Seen(test.line, seen)


@lesson_rule(
    "fixed-seed",
    what="用随机数要先定下种子",
    why="每次运行结果不一样，课文里的话就会落空",
    advice="写成 rng = np.random.default_rng(7)，或者给函数加 random_state=7",
)
def fixed_seed(lesson: Lesson) -> Iterator[Seen]:
    seeded: set[str] = set()
    drawing = {"np.random", "numpy.random"}
    for cell in python.code_cells(lesson):
        imports = [node for node in python.nodes(cell) if isinstance(node, ast.Import)]
        drawing |= {"random" for node in imports if any(one.name == "random" for one in node.names)}
        for call, name in python.calls(cell):
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            module, _, function = name.rpartition(".")
            if function == "seed" and given:
                seeded.add(module)
            elif function in ("default_rng", "RandomState", "Random") and not given:
                yield Seen(call.lineno, f"{name}() 没有种子")
            elif module in drawing - seeded and function.islower():
                if function not in ("default_rng", "seed"):
                    yield Seen(call.lineno, f"{name} 用了随机数，没有种子")
            elif function in SKLEARN_LOTS and not any(keyword.arg == "random_state" for keyword in call.keywords):
                yield Seen(call.lineno, f"{function} 没有写 random_state")
