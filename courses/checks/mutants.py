"""What the tests do not notice: small changes of the reference that get full marks. And claims that do not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from courses.checks.prose import bare
from courses.checks.rule import Seen, lesson_rule, of_the_second_edition, run_rule
from courses.lesson import Claim, Equivalent, Exercise, Lesson
from courses.mutations import HOLES, Mutation, mutations

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun

CLAIMS_SECONDS = 5.0  # for all claims of a lesson, on one core
#: What says that something is not always so.
MODEST = re.compile("常常|多半|往往|一般|大约|可能|有时|[一二三四五六七八九两几]成|分之|[%％]|里有|里至少")


def survivors(exercise: Exercise, run: ReferenceRun) -> list[Mutation]:
    """The mutations that got full marks, those included that the lesson names equivalent."""
    return [one for one in mutations(exercise) if one.name in run.mutations and run.mutations[one.name].is_full]


def is_named(mutation: Mutation, lesson: Lesson) -> str:
    """Why the lesson says that the change changes nothing; empty where it says nothing of it."""
    return next((one.why for one in lesson.equivalents if names(one, mutation)), "")


def names(one: Equivalent, mutation: Mutation) -> bool:
    """Whether it is this change; spaces do not matter."""
    said = (one.of, _bare(one.before), _bare(one.after))
    return said == (mutation.of, _bare(mutation.before), _bare(mutation.after))


def _bare(code: str) -> str:
    return "".join(code.split()).replace("'", '"')


@run_rule(
    "mutation-survives",
    what="参考答案改错一处比较、一个序号、一个参数，测试都看得出来",
    why="测试看不出的错，学生写了也得满分",
    advice="加一个结果会变的例子；怎么考结果都一样，就在 mistakes.md 写 equivalent（of、from、to、why）",
)
def mutation_survives(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    level = of_the_second_edition(lesson)
    for exercise in lesson.exercises:
        for one in survivors(exercise, run):
            if one.kind in HOLES and not is_named(one, lesson):
                seen = f"练习 {one.of} 里的 {one.before} 改成 {one.after}，还是满分"
                yield Seen(one.line, seen, level=level)


@run_rule(
    "equivalent-used",
    what="equivalent 写的改动，检查真的试过，结果也真的不变",
    why="写错一个字，它就什么也没有说",
    advice="from 和 to 照 ./haike check 课号 --mistakes 里的写；测试看得出的，删掉这一格",
)
def equivalent_used(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    for one in lesson.equivalents:
        exercise = lesson.exercise(one.of)
        own = [mutation for mutation in mutations(exercise) if names(one, mutation)] if exercise else []
        if not own:
            yield Seen(one.line, f"没有试过把 {one.before} 改成 {one.after}", file="mistakes.md")
        elif exercise and _were_tried(own, run) and not any(one in survivors(exercise, run) for one in own):
            yield Seen(one.line, f"把 {one.before} 改成 {one.after}，测试看得出来", file="mistakes.md")


def _were_tried(changed: list[Mutation], run: ReferenceRun) -> bool:
    """`up` runs the references alone: then there is nothing to say."""
    return any(one.name in run.mutations for one in changed)


@run_rule(
    "claim-holds",
    what="课文说数据的话，换一批数据也成立",
    why="只对一次抽样成立的话，换个版本、换个种子就成了假话",
    advice="把话说得准一点（常常、多半，或者写出几成），或者把 least 写成真的那个数",
)
def claim_holds(lesson: Lesson, run: ReferenceRun) -> Iterator[Seen]:
    tried = [(run.claims[number], claim) for number, claim in enumerate(lesson.claims) if number in run.claims]
    for found, claim in tried:
        for _, said in found.errors:
            yield _failed(claim, said)
    if (seconds := sum(found.own_seconds for found, _ in tried)) > CLAIMS_SECONDS:
        seen = f"这一课的话试了 {seconds:.1f} 秒，最多 {CLAIMS_SECONDS:g} 秒"
        yield Seen(lesson.claims[0].line, seen, "少算一点：数据小一些，或者少试几步", file="mistakes.md")


def _failed(claim: Claim, said: str) -> Seen:
    ename, _, told = said.partition("：")
    if ename == "AssertionError" and told.startswith("20 次"):
        return Seen(claim.line, f"“{claim.says}”不成立：{told}", file="mistakes.md")
    advice = "在 JupyterLab 里把课文从头运行一次，再运行 holds(1)，改好这一格"
    return Seen(claim.line, f"“{claim.says}”没有试成：{said}", advice, file="mistakes.md")


@lesson_rule(
    "claim-said",
    what="要试的话照课文、教案或者学习单的原话写；least 不到 0.9，话里带上常常、多半或者几成",
    why="课文改了，试的还是旧话，就等于没有试；十次里有两三次不成立的事，不能说得像每次都成立",
    advice="says 照抄原话，或者把课文的话说准",
)
def claim_said(lesson: Lesson) -> Iterator[Seen]:
    told = bare("".join([*(cell.source for cell in lesson.cells), *lesson.texts.values(), lesson.key]))
    for claim in lesson.claims:
        if bare(claim.says) not in told:
            yield Seen(claim.line, f"课文、教案和学习单里都没有“{claim.says}”", file="mistakes.md")
        if claim.least < 0.9 and not MODEST.search(claim.says):
            yield Seen(claim.line, f"“{claim.says}”只要成立 {claim.least:.0%}，话里没有说", file="mistakes.md")
