"""The decisive runs: reference full, blank zero, every other right answer full, every typical mistake caught."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from courses import python
from courses.checks.rule import Seen, run_rule
from courses.lesson import Cell, Exercise, Lesson, Mistake
from courses.regions import has_region

if TYPE_CHECKING:
    from courses.answer_run import AnswerRun, ReferenceRun

SLOWEST = 10.0  # seconds on one core
Scores = Mapping[str, tuple[float, float]]


def _graded(lesson: Lesson) -> list[Exercise]:
    return [one for one in lesson.exercises if one.form != "written" and one.tests]


def _full(scores: Scores, test: Cell) -> bool:
    score, most = scores.get(test.grade_id, (0.0, test.points))
    return score >= most


def _lost(scores: Scores, one: Exercise) -> list[str]:
    return [test.grade_id for test in one.tests if not _full(scores, test)]


@run_rule(
    "run-error",
    what="用参考答案从头运行，没有一格出错",
    why="出错的格子学生也会遇到",
    advice="在 JupyterLab 里从头运行一次，改好这一格",
)
def run_error(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for index, message in run.errors:
        if index < 0:  # the reference answer of a widget, which stands behind its cell
            yield Seen(1, f"组件的参考答案运行出错：{message}", "检查 reference 那一格", file="mistakes.md")
            continue
        cell = lesson.cells[index]
        # A failing test is a matter of marks: reference-full tells it with the name of the test.
        if not any(cell is test for one in lesson.exercises for test in one.tests):
            yield Seen(cell.line, f"运行出错：{message}")


@run_rule(
    "reference-full",
    what="参考答案得满分",
    why="连参考答案都通不过的测试，谁也通不过",
    advice="改参考答案或者改测试；写到 stderr 的警告也会丢分",
)
def reference_full(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for one in _graded(lesson):
        for test in one.tests:
            if not _full(run.scores, test):
                score, most = run.scores.get(test.grade_id, (0, test.points))
                yield Seen(test.line, f"参考答案在 {test.grade_id} 只得 {score:g} 分，满分 {most:g}")


@run_rule(
    "also-right-full",
    what="别样的正确答案也得满分",
    why="测试考的是对不对，不是像不像参考答案",
    advice="这个答案真的对，就放宽测试；不对，就把它改成典型错误",
)
def also_right_full(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for index, also in enumerate(lesson.also_right):
        one = lesson.exercise(also.of)
        if one and index in run.also_right and (lost := _lost(run.also_right[index].scores, one)):
            seen = f"{also.of} 的别样答案没有得满分（{'、'.join(lost)}）"
            yield Seen(also.line, seen, file="mistakes.md")


@run_rule(
    "too-slow",
    what="参考答案和别样的答案在一个核上 10 秒以内跑完",
    why="四十台旧电脑一起运行，慢课会停在那里",
    advice="减少数据或者循环的次数",
)
def too_slow(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    if run.seconds > SLOWEST:
        yield Seen(1, f"参考答案跑了 {run.seconds:.1f} 秒，最多 {SLOWEST:g} 秒")
    for index, also in enumerate(lesson.also_right):
        if index in run.also_right and (seconds := run.also_right[index].seconds) > SLOWEST:
            yield Seen(also.line, f"{also.of} 的别样答案跑了 {seconds:.1f} 秒", file="mistakes.md")


def _stops_nobody(test: Cell, one: Exercise, lesson: Lesson, run: ReferenceRun) -> bool:
    """Whether the blank release and every typical mistake pass this test."""
    tried = [run.mistakes[m.id] for m in lesson.mistakes if m.of == one.id and m.id in run.mistakes]
    wrong = [answer.scores for answer in (run.blank, *tried)]
    return bool(test.points) and all(_full(scores, test) and test.grade_id in scores for scores in wrong)


@run_rule(
    "blank-zero",
    what="什么也没写的作业得零分",
    why="白卷得分，分数就没有意义了",
    advice="让这个测试真的用到学生的答案",
)
def blank_zero(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for one in _graded(lesson):
        for test in one.tests:
            score, _ = run.blank.scores.get(test.grade_id, (0, test.points))
            if score > 0 and not _stops_nobody(test, one, lesson, run):
                yield Seen(test.line, f"白卷在 {test.grade_id} 得了 {score:g} 分")


@run_rule(
    "test-can-fail",
    what="每个测试至少拦得住一种错误",
    why="谁都能通过的测试什么也没考",
    advice="换一个典型错误会算错的例子来考",
)
def test_can_fail(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for one in _graded(lesson):
        for test in one.tests:
            if _stops_nobody(test, one, lesson, run):
                yield Seen(test.line, f"白卷和每个典型错误都通过了 {test.grade_id}")


def _tried(lesson: Lesson, run: ReferenceRun) -> Iterator[tuple[Mistake, Exercise, AnswerRun]]:
    for mistake in lesson.mistakes:
        one = lesson.exercise(mistake.of)
        if one and mistake.id in run.mistakes:
            yield mistake, one, run.mistakes[mistake.id]


@run_rule(
    "mistake-caught",
    what="每个典型错误都有测试拦住",
    why="拦不住的错误，学生会以为自己对了",
    advice="换一个这个错误会算错的例子来考",
)
def mistake_caught(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for mistake, one, tried in _tried(lesson, run):
        if not _lost(tried.scores, one):
            yield Seen(mistake.line, f"错误 {mistake.id} 得了满分", file="mistakes.md")


@run_rule(
    "mistake-typical",
    what="典型错误要像学生真会写的：示例上跑得通；一个函数的错误里，至少有一个和参考答案的写法不同",
    why="学生写不出来的错误，提示也用不上；学生也不会都照着参考答案写",
    advice="添一个换了循环、换了调用或者换了起始值的错误",
)
def mistake_typical(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for mistake, one, tried in _tried(lesson, run):
        if one.form != "widget" and (stopped := _stopped_example(one, tried)):
            seen = f"错误 {mistake.id} 在示例 {stopped} 上报错（{tried.ways[stopped].ename}）"
            yield Seen(mistake.line, seen, "典型错误要能跑完示例，只是答案不对", file="mistakes.md")
    for one in _graded(lesson):
        own = [mistake for mistake in lesson.mistakes if mistake.of == one.id and one.form == "function"]
        if own and {_shape(mistake.source) for mistake in own} == {_shape(one.answer.source)}:
            yield Seen(own[0].line, f"练习 {one.id} 的错误都只改了参考答案的几个字", file="mistakes.md")


def _stopped_example(one: Exercise, tried: AnswerRun) -> str:
    """The first shown test that did not end in a failed assertion but in an error; empty where there is none."""
    shown = [test.grade_id for test in one.tests if not has_region(test, "HIDDEN TESTS") or "-shown" in test.grade_id]
    ended = ((name, tried.ways[name].ename) for name in shown if name in tried.ways)
    return next((name for name, ename in ended if ename not in ("", "AssertionError")), "")


def _shape(source: str) -> frozenset[str]:
    """What a function is made of: its kinds of loops, what it calls, what its names start from."""
    tree = python.parse(source, 1)
    nodes = list(ast.walk(tree)) if isinstance(tree, ast.Module) else []
    found = {type(node).__name__ for node in nodes if isinstance(node, ast.For | ast.While | ast.comprehension)}
    found |= {f"{python.dotted(node.func)}()" for node in nodes if isinstance(node, ast.Call)}
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    return frozenset(found) | {ast.unparse(node) for node in assigned if isinstance(node.value, ast.Constant)}


@run_rule(
    "mistake-own-way",
    what="每个典型错误错得都不一样，除非提示相同",
    why="错题本从错的样子猜原因，两样相同就猜不准",
    advice="换一个能分开它们的示例，或者给两个错误写同一句提示",
)
def mistake_own_way(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    known: dict[tuple, Mistake] = {}
    for mistake, one, tried in _tried(lesson, run):
        ways = tuple((key, way.line, way.seen) for key, way in sorted(tried.ways.items()))
        if not ways:
            continue
        first = known.setdefault((one.id, ways), mistake)
        if first is not mistake and first.hint != mistake.hint:
            seen = f"错误 {mistake.id} 和 {first.id} 错得一模一样，提示却不同"
            yield Seen(mistake.line, seen, file="mistakes.md")
