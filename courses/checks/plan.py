"""teacher.md: its parts, and the plan table whose minutes must add up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses.checks.rule import Course, Seen, course_rule, lesson_rule, of_the_second_edition
from courses.lesson import Lesson
from courses.plan_table import CLASS_HOUR, MODES, PlanRow, read_tables

PARTS = {
    "目标": r"目标",
    "不讲什么": r"不讲什么",
    "重点难点": r"重点|难点",
    "课前准备": r"课前准备",
    "常见误区": r"误区",
    "分层": r"分层",
    "评价量规": r"量规",
    "安全与隐私": r"安全|隐私",
    "课后服务或研学": r"课后服务|研学",
}


def tables(lesson: Lesson) -> tuple[tuple[PlanRow, ...], ...]:
    return read_tables(lesson.texts.get("teacher.md", ""))


@lesson_rule(
    "teacher-parts",
    what="教案写全：" + "、".join(PARTS) + "，还有教学过程的表",
    why="没教过人工智能的老师，周日晚上打开教案，周一就能上",
    advice="照 courses/starter/teacher.md 补上这一节",
)
def teacher_parts(lesson: Lesson) -> Iterator[Seen]:
    text = lesson.texts.get("teacher.md", "")
    if not text:
        return
    titles = re.findall(r"^#{1,6}\s+(.*)$", text, re.MULTILINE)
    lacking = [part for part, pattern in PARTS.items() if not any(re.search(pattern, title) for title in titles)]
    if lacking:
        yield Seen(1, f"教案里少了这些标题：{'、'.join(lacking)}", file="teacher.md")
    if not tables(lesson):
        advice = "表头写成：| 分钟 | 做什么、问什么、期待的回答 | 方式 |"
        yield Seen(1, "教案里没有教学过程的表", advice, file="teacher.md")


@lesson_rule(
    "plan-minutes",
    what="教学过程的分钟首尾相接，到下课为止",
    why="一分钟也没有落空，老师才敢照着上",
    advice="改这一行的分钟，让它从上一行结束的那一分钟开始",
)
def plan_minutes(lesson: Lesson) -> Iterator[Seen]:
    found = tables(lesson)
    if not lesson.front or not found or not any(found):
        return
    end = 0
    for table in found:
        for number, row in enumerate(table):
            if row.cells != row.columns:
                seen = f"这一行有 {row.cells} 格，应当是 {row.columns} 格"
                yield Seen(row.line, seen, "检查竖线 | 的个数", file="teacher.md")
            if row.start is None or row.end is None:
                yield Seen(row.line, "第一格看不出从几分到几分", "写成 0-3 这样的一段", file="teacher.md")
                continue
            if row.start != end and not (number == 0 and row.start == 0):
                yield Seen(row.line, f"上一行到第 {end} 分，这一行从第 {row.start} 分开始", file="teacher.md")
            if row.end <= row.start:
                yield Seen(row.line, f"从 {row.start} 到 {row.end}，时间没有往前走", file="teacher.md")
            end = row.end
    yield from _length(lesson, found)


def _length(lesson: Lesson, found: tuple[tuple[PlanRow, ...], ...]) -> Iterator[Seen]:
    assert lesson.front
    ends = [table[-1].end or 0 for table in found if table]
    restarted = len(ends) > 1 and found[1] and found[1][0].start == 0
    total = sum(ends) if restarted else ends[-1]
    line = found[-1][-1].line if found[-1] else 1
    short = lesson.stage.lesson_minutes
    if short and lesson.front.hours < 1:
        if not short[0] <= total <= short[1]:
            seen = f"学前的一节课到第 {total} 分，应当是 {short[0]} 到 {short[1]} 分钟"
            yield Seen(line, seen, "增减最后几行", file="teacher.md")
    elif total != CLASS_HOUR * lesson.front.hours:
        wanted = f"{lesson.front.hours:g} 课时是 {CLASS_HOUR * lesson.front.hours:g} 分钟"
        yield Seen(line, f"教学过程一共 {total} 分钟，{wanted}", "增减几行的分钟", file="teacher.md")


@lesson_rule(
    "plan-slack",
    what="教学过程留一行机动，表下面写一行“来不及，先砍：……”",
    why="真的课堂总有耽误；砍什么，老师要先知道",
    advice="机动写 2 到 3 分钟；“来不及，先砍：”后面按先后写",
)
def plan_slack(lesson: Lesson) -> Iterator[Seen]:
    found = tables(lesson)
    if not lesson.front or lesson.front.hours < 1 or not found or not any(found):
        return
    line, level = found[-1][-1].line if found[-1] else 1, of_the_second_edition(lesson)
    if not any("机动" in row.what for table in found for row in table):
        yield Seen(line, "教学过程里没有机动", file="teacher.md", level=level)
    if not re.search(r"来不及，先砍[：:]\s*\S", re.sub(r"\*", "", lesson.texts.get("teacher.md", ""))):
        yield Seen(line, "教案没有写来不及时先砍什么", file="teacher.md", level=level)


@lesson_rule(
    "plan-mode",
    what="方式一列只写 屏幕、纸面、讨论、活动 中的一个",
    why="屏幕时间从这一列算出来",
    advice="混着的一行拆成几行，每行一种方式",
)
def plan_mode(lesson: Lesson) -> Iterator[Seen]:
    for table in tables(lesson):
        for row in table:
            if row.mode not in MODES:
                yield Seen(row.line, f"方式写了“{row.mode}”", file="teacher.md")


@course_rule(
    "screen-minutes",
    what="看屏幕的时间不超过学段的上限",
    why="教育部 2021 年规定，屏幕教学原则上不超过总时间的三成",
    advice="把一部分改到纸面、讨论或活动",
)
def screen_minutes(course: Course) -> Iterator[Seen]:
    for lesson in course.lessons:
        ceiling = lesson.stage.screen_minutes
        if ceiling is None or not lesson.front:
            continue
        most = ceiling * max(1, lesson.front.hours)
        rows = [row for table in tables(lesson) for row in table if row.mode == "屏幕"]
        total = sum(row.minutes for row in rows)
        if total > most:
            seen = f"屏幕一共 {total} 分钟，最多 {most:g} 分钟"
            yield Seen(rows[-1].line, seen, file="teacher.md", folder=lesson.folder)
