"""key.md: what the sheet's numbered blanks come to, for the teacher alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses.checks.rule import Seen, lesson_rule, of_the_second_edition
from courses.lesson import Lesson

#: The number of a blank stands behind what is to be filled in, ticked or ringed.
_BLANK = re.compile(r"（(\d{1,2})）")
_ANSWER = re.compile(r"^(\d+)[.．]\s*\S")


@lesson_rule(
    "key-complete",
    what="学习单的空都编了号，写成 ＿＿（1）；key.md 用“1. ……”一条一条写答案，不多也不少",
    why="没教过的老师，也要知道每一空填什么、还有什么算对",
    advice="在 key.md 里一空写一条；开放的空写清怎样算对",
)
def key_complete(lesson: Lesson) -> Iterator[Seen]:
    sheet, level = lesson.texts.get("sheet.md", ""), of_the_second_edition(lesson)
    if not sheet:
        return
    blanks: dict[int, int] = {}
    for line, text in enumerate(sheet.splitlines(), 1):
        for found in _BLANK.finditer(text):
            blanks.setdefault(int(found[1]), line)
    if not lesson.key:
        yield Seen(1, "没有 key.md，老师没有答案", "给学习单的空编号，再写 key.md", file="sheet.md", level=level)
        return
    if not blanks:
        yield Seen(1, "学习单里没有编了号的空", "写成 ＿＿（1）", file="sheet.md", level=level)
    answers: dict[int, int] = {}
    for line, text in enumerate(lesson.key.splitlines(), 1):
        if answer := _ANSWER.match(text):
            if int(answer[1]) in answers:
                yield Seen(line, f"第 {answer[1]} 空写了两次答案", "只留一条", file="key.md", level=level)
            answers.setdefault(int(answer[1]), line)
    for number in sorted(blanks.keys() - answers):
        yield Seen(blanks[number], f"key.md 里没有第 {number} 空的答案", file="sheet.md", level=level)
    for number in sorted(answers.keys() - blanks):
        yield Seen(
            answers[number],
            f"学习单里没有第 {number} 空",
            "删掉这一条，或者给学习单的空编号",
            file="key.md",
            level=level,
        )
