"""What the front matter promises: objectives one can observe, and keys that fit the kind of lesson."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses.checks.prose import front_line
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson

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
