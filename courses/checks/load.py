"""The load of a lesson: the minutes an average pupil needs for it, counted by the cost table of the lesson guide.

Nothing is counted twice. Each minute comes from one of two sides:

- From the plan, as they stand: the rows of 讨论, 活动 and 纸面 (a written answer counts there), and 机动. A row at the
  screen says how long a teacher gives; what it takes is counted from the cells. The first row of an hour that begins at
  the screen is signing in, which has a cost of its own; what is told meanwhile (引入) is heard, not read.
- From the cells, by the table: words to read, cells to run, widgets, figures, functions, questions. A part of the
  lesson that the plan does wholly without a screen is in its rows, so its cells are not counted. 引入, 思考 and 小结
  that the plan does partly without one are heard there: their words are not counted as read, nor a written answer.

Left out are 选做, 挑战, 家庭 and what stands behind the last 小结. To mend a function until its tests pass belongs to
writing it; a cell that shows nothing to signing in. Pages run by themselves: there only what a child touches or looks
at is counted. Work on the sheet that the plan puts into a row at the screen is a question where the text sends to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table

from courses import markdown, python
from courses.checks import figures
from courses.checks.prose import GAP, HAN, front_line, markdown_lines
from courses.checks.rule import Seen, lesson_rule, of_the_second_edition
from courses.lesson import Cell, Lesson, Section
from courses.plan_table import CLASS_HOUR, class_hours, read_plan
from courses.regions import public_lines, region_lines

# ---- the cost table: minutes ----

#: A function written into an empty body, of six lines at most; two or three lines missing in what is given; one line.
EMPTY_BODY, FEW_LINES, ONE_LINE = 10, 6, 3
EMPTY_BODY_SENIOR, FEW_LINES_SENIOR = 7, 5
SENIOR = (10, 11, 12)
#: To run a cell and look, to run it again with another value, to run a test that says one sentence.
RUN, RUN_AGAIN, RUN_TEST = 2, 1, 1
#: A try of a widget, a question, a figure or picture to read, a written answer.
TRY, QUESTION, FIGURE, WRITTEN = 3, 1, 1, 4
#: Signing in, with a picture password and with a written one.
SIGNING_IN_BY_PICTURES, SIGNING_IN = 2, 3
#: Characters read (to grade 2 heard) in a minute; in other grades than these, those of junior school.
READING = dict.fromkeys((0, 1, 2), 100) | dict.fromkeys((3, 4, 5), 200) | dict.fromkeys(SENIOR, 400)
READING_JUNIOR = 300

#: Lines of a function that EMPTY_BODY (a longer one takes longer in proportion) and FEW_LINES are for.
BODY_LINES, SOME_LINES = 6, 3
#: What a teacher tells or the class says aloud, where the plan does so.
HEARD = ("引入", "思考", "小结")
QUESTIONS = {"choice", "number"}
SHEET = "学习单"
_WORD = re.compile(rf"[{HAN}{GAP}]|[A-Za-z0-9]+")


@dataclass(frozen=True)
class Cost:
    """Minutes in one part of the lesson (none for signing in and slack), and what they are spent on, in Chinese."""

    half: int
    part: str
    what: str
    minutes: float


def load(lesson: Lesson) -> float:
    """All minutes of a lesson, to the nearest whole one."""
    return round(sum(cost.minutes for cost in costs(lesson)))


def ceiling(lesson: Lesson) -> float:
    hours = lesson.front.hours if lesson.front else 1
    short = lesson.stage.lesson_minutes
    return short[1] if short and hours < 1 else CLASS_HOUR * hours


def costs(lesson: Lesson) -> list[Cost]:
    """Every minute of a lesson, in the order in which they pass."""
    plan = _Plan(lesson)
    found = [*plan.costs, *_costs_of_cells(lesson, plan)]
    order = {(section.half, section.name): number for number, section in reversed([*enumerate(lesson.sections)])}
    return sorted(found, key=lambda cost: (cost.half, order.get((cost.half, cost.part), -1)))


# ---- the plan's side ----


class _Plan:
    """What the plan says of each part of a lesson: how it is done, and the minutes that are taken as they stand."""

    def __init__(self, lesson: Lesson) -> None:
        self.costs: list[Cost] = []
        self.modes: dict[tuple[int, str], set[str]] = {}
        self.told_signing_in: set[tuple[int, str]] = set()
        signing_in = SIGNING_IN_BY_PICTURES if lesson.stage.tapped_password else SIGNING_IN
        for half, rows in enumerate(class_hours(read_plan(lesson.texts.get("teacher.md", ""))), 1):
            part = "引入"
            if any(row.mode == "屏幕" for row in rows):
                self.costs.append(Cost(half, "", "开机登录", signing_in))
            for number, row in enumerate(rows):
                part = row.section or part
                if row.what.startswith("机动"):
                    self.costs.append(Cost(half, "", "机动", row.minutes))
                elif row.mode == "屏幕" and number == 0:
                    self.told_signing_in.add((half, part))
                else:
                    self.modes.setdefault((half, part), set()).add(row.mode)
                    if row.mode != "屏幕":
                        self.costs.append(Cost(half, part, row.mode, row.minutes))

    def is_away(self, place: tuple[int, str]) -> bool:
        """Whether a part is done wholly without a screen."""
        return place in self.modes and "屏幕" not in self.modes[place]

    def is_heard(self, place: tuple[int, str]) -> bool:
        if place[1] == "引入" and place in self.told_signing_in:
            return True
        return place[1] in HEARD and bool(self.modes.get(place, set()) - {"屏幕"})


# ---- the cells' side ----


def _costs_of_cells(lesson: Lesson, plan: _Plan) -> Iterator[Cost]:
    recaps = [number for number, section in enumerate(lesson.sections) if section.name == "小结"]
    within = lesson.sections[: recaps[-1] + 1] if recaps else lesson.sections
    for section in within:
        place = (section.half, section.name)
        if section.name != "家庭" and not plan.is_away(place):
            for what, minutes in _costs_of_section(lesson, section, plan):
                yield Cost(*place, what, minutes)


def _costs_of_section(lesson: Lesson, section: Section, plan: _Plan) -> Iterator[tuple[str, float]]:
    place = (section.half, section.name)
    is_heard, on_paper = plan.is_heard(place), bool(plan.modes.get(place, set()) & {"纸面", "活动"})
    optional, characters = False, 0
    for number in section.cells:
        cell = lesson.cells[number]
        if cell.kind == "code":
            yield from () if optional else _costs_of_code(lesson, cell)
        elif cell.grade_id:
            yield from () if optional or is_heard else [("写几句话", WRITTEN)]
        else:
            for line in markdown_lines(cell.source, cell.line):
                if line.kind == "heading" and line.text.startswith(("必做", "选做", "挑战")):
                    optional = not line.text.startswith("必做")
                elif line.kind in ("text", "table") and not (optional or is_heard):
                    characters += len(_WORD.findall(line.text))
                    yield from [("写学习单", QUESTION)] if SHEET in line.text and not on_paper else ()
            yield from () if optional or is_heard else (("看图", FIGURE) for _ in markdown.pictures(cell.source))
    if characters:
        grade = lesson.front.grade if lesson.front else None
        speed = READING.get(grade, READING_JUNIOR) if isinstance(grade, int) else READING_JUNIOR
        yield f"{'听' if lesson.stage.read_aloud else '读'} {characters} 字", characters / speed


def _costs_of_code(lesson: Lesson, cell: Cell) -> Iterator[tuple[str, float]]:
    if cell.grade_id and lesson.exercise(cell.grade_id):
        yield from _cost_of_function(lesson, cell)
    elif cell.grade_id:
        yield from [("运行测试", RUN_TEST)] if _code(public_lines(cell)) and not lesson.stage.as_page else ()
    else:
        names = python.widget_names(lesson)
        widgets = [name for _, name in python.calls(cell) if name in names]
        yield from (("答题", QUESTION) if name in QUESTIONS else ("玩组件", TRY) for name in widgets)
        if not widgets and _shows(cell):
            yield from () if lesson.stage.as_page else [("运行", RUN)]
            yield from [("看图", FIGURE)] if "alt" in cell.options or figures.draws(cell) else ()
    if cell.runs > 1:
        yield "换个值再试", RUN_AGAIN * (cell.runs - 1)


def _cost_of_function(lesson: Lesson, cell: Cell) -> Iterator[tuple[str, float]]:
    is_senior = bool(lesson.front and lesson.front.grade in SENIOR)
    lines = len(_code(region_lines(cell, "SOLUTION")))
    given = len(_code(public_lines(cell)))
    if lines == 1:
        yield "补一行", ONE_LINE
    elif lines <= SOME_LINES and (given > 1 or lines < SOME_LINES):
        yield f"补 {lines} 行", FEW_LINES_SENIOR if is_senior else FEW_LINES
    elif lines:
        whole = EMPTY_BODY_SENIOR if is_senior else EMPTY_BODY
        yield f"写 {lines} 行", whole * max(1.0, lines / BODY_LINES)


def _code(lines: Iterable[tuple[int, str]]) -> list[str]:
    """Lines of code: no blank ones, comments or one-line docstrings."""
    return [text for _, text in lines if text.strip() and not text.lstrip().startswith(("#", '"""', "'''"))]


def _shows(cell: Cell) -> bool:
    """Whether a cell prints or draws when it is run: it has a statement that is an expression, outside of functions."""
    tree = python.parse(cell.source, cell.line)
    todo: list[ast.AST] = list(tree.body) if isinstance(tree, ast.Module) else []
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            return True
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return False


def table(lesson: Lesson) -> Table:
    """The count as an author reads it: a row for each part of the lesson, with what its minutes are spent on."""
    title = f"{lesson.id}：{load(lesson):g} 分钟，最多 {ceiling(lesson):g} 分钟"
    shown = Table(title=title, title_justify="left", box=None)
    shown.add_column("课时、部分", no_wrap=True)
    shown.add_column("分钟", justify="right")
    shown.add_column("用在哪里")
    for (half, part), group in groupby(costs(lesson), key=lambda cost: (cost.half, cost.part)):
        own: dict[str, list[float]] = {}
        for cost in group:
            own.setdefault(cost.what, []).append(cost.minutes)
        times = {what: f"（{len(spent)} 次）" if len(spent) > 1 else "" for what, spent in own.items()}
        told = "、".join(f"{what}{times[what]} {sum(spent):.2g}" for what, spent in own.items())
        shown.add_row(f"{half} {part}", f"{sum(map(sum, own.values())):.1f}", told)
    return shown


@lesson_rule(
    "load",
    what="按平均的学生算，一课时要的时间不超过 40 分钟，学前不超过 25 分钟",
    why="排得太满的课，只有快的学生上得完",
    advice="少一道必做，或者只留一行要补，或者减字；每一样几分钟，看 ./haike check 课号 --load",
)
def load_within_the_hour(lesson: Lesson) -> Iterator[Seen]:
    minutes, most = load(lesson), ceiling(lesson)
    if lesson.front and lesson.sections and minutes > most:
        parts: dict[str, float] = {}
        for cost in costs(lesson):
            parts[cost.part or cost.what] = parts.get(cost.part or cost.what, 0) + cost.minutes
        told = "、".join(f"{name} {spent:.3g}" for name, spent in parts.items())
        seen = f"学生要 {minutes:g} 分钟，只有 {most:g} 分钟：{told}"
        yield Seen(front_line(lesson, "hours"), seen, level=of_the_second_edition(lesson))
