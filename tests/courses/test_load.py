"""The load: every minute of a lesson is counted, and none of them twice."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from courses import cli
from courses.checks.load import ceiling, costs, load
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson
from courses.roots import is_ours

STARTER = Path(__file__).parents[2] / "courses" / "starter"
SECTIONS = ("引入", "体验", "讲解", "动手", "自测", "思考", "小结", "家庭")
TABLE = "| 分钟 | 做什么、问什么、期待的回答 | 方式 |\n|---|---|---|\n"
WRITTEN = '+++ {"nbgrader": {"grade_id": "why"}}\n\n### BEGIN MARK SCHEME\n一分。\n### END MARK SCHEME\n\n+++\n'
TASK = '```{code-cell}\n:nbgrader: {grade_id: f}\ndef f(a):\n    """做"""\n'


def lesson_with(folder: Path, plan: str = "", *, grade: int = 7, **parts: str) -> Lesson:
    """A lesson whose parts hold what is given, and its plan."""
    path = folder / "j7-99-case"
    shutil.copytree(STARTER, path)
    front = (STARTER / "lesson.md").read_text(encoding="utf-8").split("\n---\n")[0]
    text = "".join(f"\n## {name}\n\n{parts.get(name, '')}\n" for name in SECTIONS)
    (path / "lesson.md").write_text(f"{front.replace('grade: 7', f'grade: {grade}')}\n---\n{text}", encoding="utf-8")
    rows = "".join(f"{row}\n" for row in plan.strip().split("\n") if row)
    (path / "teacher.md").write_text(TABLE + rows, encoding="utf-8")
    return read_lesson(path)


def spent(lesson: Lesson) -> Counter[str]:
    """Minutes by what they are spent on."""
    found: Counter[str] = Counter()
    for cost in costs(lesson):
        found[cost.what] += cost.minutes  # type: ignore[assignment]
    return found


def function(*missing: str, given: str = "") -> str:
    body = "".join(f"    {line}\n" for line in missing)
    return f"### 必做\n\n{TASK}{given}    ### BEGIN SOLUTION\n{body}    ### END SOLUTION\n```\n"


def code(text: str, options: str = "") -> str:
    return f"```{{code-cell}}\n{options}{text}\n```\n"


@pytest.mark.parametrize(
    ("text", "grade", "what", "minutes"),
    [
        (function("return a"), 7, "补一行", 3),
        (function("b = a", "return b", given="    a = a + 1\n"), 7, "补 2 行", 6),
        (function("b = a", "return b", given="    a = a + 1\n"), 10, "补 2 行", 5),
        (function("b = 0", "for x in a:", "    b = b + x", "return b"), 7, "写 4 行", 10),
        (function("b = 0", "# 加起来", "", "for x in a:", "    b = b + x", "return b"), 11, "写 4 行", 7),
        (function(*["a = a"] * 12), 7, "写 12 行", 20),
        (code("print(1)"), 7, "运行", 2),
        (code("print(1)", ":runs: 4\n"), 7, "换个值再试", 3),
        (code("import math\nx = 1\n\n\ndef f():\n    print(x)"), 7, "运行", 0),
        (code("print(1)"), 3, "运行", 0),
        (code("print(1)", ":alt: 一条线\n"), 3, "看图", 1),
        (code("from kits.widgets import choice, digit_pad\ndigit_pad('p')"), 7, "玩组件", 3),
        (code("from kits.widgets import choice\nchoice('', '几？', options=[])"), 7, "答题", 1),
        ("字" * 600, 7, "读 600 字", 2),
        ("字" * 600, 5, "读 600 字", 3),
        ("字" * 600, 12, "读 600 字", 1.5),
        ("字" * 600, 2, "听 600 字", 6),
        ("![一条船](boat.svg)\n", 7, "看图", 1),
        ("先在学习单上猜。", 7, "写学习单", 1),
        (f"问题。\n\n{WRITTEN}", 7, "写几句话", 4),
        (f"### 选做\n\n{'字' * 600}\n\n{code('print(1)')}\n### 挑战\n\n{code('print(2)')}", 7, "运行", 0),
        (f"### 选做\n\n{code('print(1)')}\n### 必做二\n\n{code('print(2)')}", 7, "运行", 2),
    ],
)
def test_the_cost_table(tmp_path: Path, text: str, grade: int, what: str, minutes: float) -> None:
    assert spent(lesson_with(tmp_path, grade=grade, 动手=text))[what] == minutes


def test_a_shown_test_is_run_and_a_hidden_one_is_not(tmp_path: Path) -> None:
    hidden = "# 换一叠\n### BEGIN HIDDEN TESTS\nassert f(1)\n### END HIDDEN TESTS"
    tests = code("assert f(1) == 1", ":nbgrader: {grade_id: f-shown, points: 1}\n")
    tests += code(hidden, ":nbgrader: {grade_id: f-judge, points: 1}\n")
    assert spent(lesson_with(tmp_path, 动手=function("return a") + tests))["运行测试"] == 1


def test_what_the_plan_does_without_a_screen_is_counted_there_alone(tmp_path: Path) -> None:
    plan = "| 0-3 | **引入** 登录 | 屏幕 |\n| 3-9 | **自测** 举手 | 讨论 |\n| 9-15 | **思考** 写 | 纸面 |"
    lesson = lesson_with(tmp_path, plan, 引入="字" * 300, 自测=code("print(1)"), 思考=f"{'字' * 300}\n\n{WRITTEN}")
    assert spent(lesson) == {"开机登录": 3, "讨论": 6, "纸面": 6} and load(lesson) == 15


def test_a_recap_that_is_partly_said_is_heard_and_its_cells_are_run(tmp_path: Path) -> None:
    plan = "| 0-3 | 登录 | 屏幕 |\n| 3-6 | **思考** 看 | 屏幕 |\n| 6-9 | **思考** 说 | 讨论 |"
    lesson = lesson_with(tmp_path, plan, 思考=f"{'字' * 300}\n\n{code('print(1)')}\n{WRITTEN}")
    assert spent(lesson) == {"开机登录": 3, "讨论": 3, "运行": 2}


def test_an_explanation_beside_a_talk_is_still_read(tmp_path: Path) -> None:
    plan = "| 0-3 | 登录 | 屏幕 |\n| 3-6 | **讲解** 看 | 屏幕 |\n| 6-9 | **讲解** 记在学习单上 | 纸面 |"
    lesson = lesson_with(tmp_path, plan, 讲解="记在学习单上。" + "字" * 294)
    assert spent(lesson) == {"开机登录": 3, "纸面": 3, "读 300 字": 1}


def test_slack_counts_once_whatever_its_mode(tmp_path: Path) -> None:
    plan = "| 0-3 | 登录 | 屏幕 |\n| 3-5 | **机动** 补 | 屏幕 |\n| 5-8 | 机动：补 | 活动 |"
    assert spent(lesson_with(tmp_path, plan)) == {"开机登录": 3, "机动": 5}


def test_the_smallest_sign_in_with_pictures_and_without_machines_nobody_does(tmp_path: Path) -> None:
    assert spent(lesson_with(tmp_path / "a", "| 0-2 | 登录 | 屏幕 |", grade=1)) == {"开机登录": 2}
    assert spent(lesson_with(tmp_path / "b", "| 0-2 | 说 | 讨论 |", grade=1)) == {"讨论": 2}


def test_each_hour_signs_in_and_what_follows_the_last_recap_is_done_later(tmp_path: Path) -> None:
    plan = "| 0-5 | 登录 | 屏幕 |\n| 5-40 | 小结 | 讨论 |\n| 40-44 | 登录 | 屏幕 |\n| 44-80 | 小结 | 讨论 |"
    text = f"一。\n\n## 第二课时\n\n{code('print(1)')}\n## 小结\n\n二。\n\n## 自测：课后\n\n{code('print(2)')}"
    assert spent(lesson_with(tmp_path, plan, 小结=text)) == {"开机登录": 6, "讨论": 71, "运行": 2}


def test_a_lesson_without_a_plan_is_counted_from_its_cells(tmp_path: Path) -> None:
    assert load(lesson_with(tmp_path, 引入="字" * 300, 体验=code("print(1)"))) == 3


def test_our_lessons_fit_and_are_not_empty() -> None:
    for lesson in read_all():
        if is_ours(lesson.folder):
            assert 0.8 * ceiling(lesson) <= load(lesson) <= ceiling(lesson), lesson.id
    assert [ceiling(lesson) for lesson in read_all() if lesson.id in ("j7-03", "v-01")] == [40, 80]


def test_half_an_hour_of_preschool_has_its_own_ceiling(tmp_path: Path) -> None:
    lesson = lesson_with(tmp_path, grade=0)
    assert ceiling(lesson) == 40  # a whole hour
    path = lesson.folder / "lesson.md"
    path.write_text(path.read_text(encoding="utf-8").replace("hours: 1", "hours: 0.5"), encoding="utf-8")
    assert ceiling(read_lesson(lesson.folder)) == 25


def test_the_command_shows_where_the_minutes_go() -> None:
    app = typer.Typer()
    cli.register(app)
    done = CliRunner().invoke(app, ["check", "j7-03", "--load"])
    assert done.exit_code == 0 and "j7-03" in done.stdout and "最多 40 分钟" in done.stdout
    assert "开机登录" in done.stdout and "动手" in done.stdout
