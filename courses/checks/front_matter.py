"""What the front matter promises: objectives one can observe, keys that fit the lesson, words that its recap holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from courses.checks.prose import HAN, front_line
from courses.checks.rule import Course, Seen, course_rule, lesson_rule, of_the_second_edition
from courses.lesson import Lesson, Think

VAGUE = "了解|理解|掌握|体会|感受|认识|知道|懂得|熟悉|领会"
#: A verb somebody can watch a pupil do. Two characters ending in 出 (说出 画出 指出 …) are always one.
OBSERVABLE = (
    "比较|选|修好|预测|解释|讲|记录|测|量|改|标|判断|演示|设计|制作|编|实现|估计|计算|画|分辨|区分|验证|检查|纠正|整理|"
    "分类|填|补|摆|排|数|读|写|做|贴|拖|点|教|举|用|考|问|搭|拼|连|剪|调|试|找|挑|念|收|拍|建|定|拒绝|商量|拆|换"
)
_VAGUE = re.compile(rf"(?:^|能够?|[，、；]|并且?|地)(?:初步|真正|充分|进一步)?({VAGUE})")
_OBSERVABLE = re.compile(rf"[\u4e00-\u9fff]出|{OBSERVABLE}")


@lesson_rule(
    "objectives",
    what="四条目标都写，每条以“能”开头，用看得见的动词",
    why="看不见的目标没法知道达到了没有",
    advice="用看得见的动词：说出 画出 指出 算出 写出 比较 选出 修好 预测 解释给……听",
)
def objectives(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front:
        return
    given = lesson.front.objectives
    lacking = [name for name in ("知识", "技能", "思维", "价值观") if name not in given]
    if lacking:
        yield Seen(front_line(lesson, "objectives"), f"目标少了 {'、'.join(lacking)}", "四条目标都写一句")
    for name, text in given.items():
        line = front_line(lesson, name)
        if not text.startswith("能"):
            yield Seen(line, f"{name}目标没有以“能”开头：{text}", "写成“能说出……”“能画出……”")
        elif vague := _VAGUE.search(text):
            yield Seen(line, f"{name}目标用了看不见的“{vague[1]}”")
        elif not _OBSERVABLE.search(text):
            yield Seen(line, f"{name}目标里没有看得见的动词：{text}")


@lesson_rule(
    "tier",
    what="tier 只写在教师课里，教师课一定要写",
    why="教师课分管理者、骨干、全员三层，学生的课不分",
    advice="学生的课删掉 tier；教师课写 管理者、骨干 或 全员",
)
def tier(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front:
        return
    if lesson.front.grade == "teacher" and lesson.front.tier is None:
        yield Seen(front_line(lesson, "grade"), "教师课没有写 tier")
    if lesson.front.grade != "teacher" and lesson.front.tier is not None:
        yield Seen(front_line(lesson, "tier"), "学生的课写了 tier")


@lesson_rule(
    "lesson-keys",
    what="前言写明 think（思考问哪一问）、today（今天哪里用得上）、needs（要先会什么）、terms（课本的词）",
    why="老师周日晚上先看这几行，学期里六个问题也靠它轮着来",
    advice="对照 courses/starter/lesson.md 补上",
)
def lesson_keys(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front:
        return
    front = lesson.front
    lacking = [key for key in ("think", "today", "needs", "terms") if not getattr(front, key)]
    if lacking:
        yield Seen(front_line(lesson, "home"), f"前言少了 {'、'.join(lacking)}", level=of_the_second_edition(lesson))


@lesson_rule(
    "recap-words",
    what="小结里有 today 的那一句，也有 terms 里课本的词",
    why="学生带走的是课本的词，和今天用得上它的一处地方",
    advice="写进小结；不教的词从 terms 里删掉",
)
def recap_words(lesson: Lesson) -> Iterator[Seen]:
    recaps = [section for section in lesson.sections if section.name == "小结"]
    if not lesson.front or not recaps:
        return
    text = _bare("".join(lesson.cells[number].source for section in recaps for number in section.cells))
    level = of_the_second_edition(lesson)
    if lesson.front.today and _bare(lesson.front.today) not in text:
        yield Seen(recaps[-1].line, "小结里没有 today 的那一句", level=level)
    lacking = [term for term in lesson.front.terms if re.search(f"[{HAN}]", term) and _bare(term) not in text]
    if lacking:
        yield Seen(recaps[-1].line, f"小结里没有 {'、'.join(lacking)}", level=level)


def _bare(text: str) -> str:
    """A text without spaces and emphasis."""
    return re.sub(r"[\s*`]", "", text)


@course_rule(
    "think-again",
    what="一个年级六课以内，思考不问同一问",
    why="每一课都以同一问结束，学生就不再想了",
    advice="换一问：谁受益谁吃亏、谁来定、数据谁给的、换个地方还对吗、值不值、不用行不行",
)
def think_again(course: Course) -> Iterator[Seen]:
    asked: dict[object, dict[str, str]] = {}
    for lesson in course.lessons:
        if not lesson.front or not lesson.front.think:
            continue
        own = asked.setdefault(lesson.front.grade, {})
        if len(own) == len(get_args(Think)):
            own.clear()
        before = own.setdefault(lesson.front.think, lesson.id)
        if before != lesson.id:
            seen = f"{before} 的思考也问“{lesson.front.think}”，六问还没有都问过"
            level = of_the_second_edition(lesson)
            yield Seen(front_line(lesson, "think"), seen, folder=lesson.folder, level=level)
