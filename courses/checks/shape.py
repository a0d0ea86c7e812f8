"""The shape of a lesson: files that can be read, cells that are what they say, headings from the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from courses import markdown, python
from courses.checks.prose import front_line
from courses.checks.rule import Rule, Seen, lesson_rule
from courses.curriculum import grade_folder, grade_name
from courses.lesson import SECTIONS, Cell, Claim, Lesson, Variant
from courses.regions import has_region

_HTML = re.compile(r"<!--|</?[a-zA-Z][\w-]*(?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*\s*/?>")
_CODE_SPAN = re.compile(r"``[^`]+``|`[^`]+`")


def _found_in_reading(rule_id: str) -> Callable[[Lesson], Iterator[Seen]]:
    """Reading (courses/reading.py) has already seen these: a rule here gives them a name, a reason and a test."""

    def look(lesson: Lesson) -> Iterator[Seen]:
        for one in lesson.findings:
            if one.rule == rule_id:
                yield Seen(one.line, one.seen, one.advice, one.path.relative_to(lesson.folder).as_posix(), one.level)

    return look


def _reading_rule(rule_id: str, *, what: str, why: str, advice: str) -> Rule:
    return lesson_rule(rule_id, what=what, why=why, advice=advice)(_found_in_reading(rule_id))


missing_file = _reading_rule(
    "missing-file",
    what="一课的四个文件都要在：lesson.md、mistakes.md、teacher.md、sheet.md",
    why="少了教案没法上课，少了学习单没有电脑的班就上不了",
    advice="从 courses/starter/ 抄一份缺的文件再改",
)
not_utf8 = _reading_rule(
    "not-utf8",
    what="文件要用 UTF-8 编码",
    why="别的编码在别人的电脑上是乱码",
    advice="用编辑器另存为 UTF-8 编码",
)
front_matter = _reading_rule(
    "front-matter",
    what="前言要写全，键和取值都在规定里，课号与文件夹一致",
    why="目录、课时和知识地图都从前言算出来",
    advice="对照 courses/starter/lesson.md 改正",
)
cell_options = _reading_rule(
    "cell-options",
    what="格子的设置只用 tags、nbgrader、runs、alt，类型要对",
    why="写错的设置不会生效，也没有人发现",
    advice="改成规定的设置，或者删掉",
)
unclosed_cell = _reading_rule(
    "unclosed-cell",
    what="每个代码格都要用 ``` 结束",
    why="没有结束的代码格会把后面的课文全吞掉",
    advice="在代码后面补一行 ```",
)
unclosed_region = _reading_rule(
    "unclosed-region",
    what="BEGIN 与 END 要成对",
    why="没有结束的答案区会把答案发给学生",
    advice="补上缺的那一行",
)
exercise = _reading_rule(
    "exercise",
    what="测试和练习的名字要对得上，名字不能重复",
    why="对不上名字的测试谁也不考",
    advice="让测试叫作：练习名-shown 或 练习名-judge",
)
mistake_format = _reading_rule(
    "mistake-format",
    what="mistakes.md 的每一格写明是哪个练习的什么答案",
    why="错题本靠它找到提示",
    advice="照 courses/starter/mistakes.md 的样子写",
)


@lesson_rule(
    "answers-json",
    what="课的文件夹里不能有 answers.json",
    why="它会盖掉学生自己的作答记录",
    advice="删掉这个文件；试做时请在别的文件夹里做",
)
def answers_json(lesson: Lesson) -> Iterator[Seen]:
    for path in sorted(lesson.folder.rglob("answers*.json")):
        if re.match(r"answers(\.|-|$)", path.name):
            yield Seen(1, "课里有一个作答记录", file=path.relative_to(lesson.folder).as_posix())


@lesson_rule(
    "grade-folder",
    what="课放在它的年级的文件夹里",
    why="别人按年级找课",
    advice="把文件夹移过去，或者改正前言里的 grade",
)
def in_grade_folder(lesson: Lesson) -> Iterator[Seen]:
    if lesson.front and lesson.folder.parent.name != grade_folder(lesson.front.grade):
        seen = f"{grade_name(lesson.front.grade)}的课放在 {lesson.folder.parent.name} 里了"
        advice = f"移到 {grade_folder(lesson.front.grade)}/，或者改正 grade"
        yield Seen(front_line(lesson, "grade"), seen, advice)


@lesson_rule(
    "headings",
    what="大标题从规定的八个里选，一个不少；动手里分 必做、选做、挑战",
    why="书里的方框和导航、老师的时间都按它们来排",
    advice="大标题写成“## 引入：自己的话”，八个是：" + " ".join(SECTIONS),
)
def headings(lesson: Lesson) -> Iterator[Seen]:
    two_hours = bool(lesson.front and lesson.front.hours == 2)
    inside = ""
    tasks: list[str] = []
    for number, level, title in _headings(lesson):
        name = re.split(r"[：:]", title)[0].strip()
        if level == 2:
            inside = name
            if name not in SECTIONS and not (two_hours and name == "第二课时"):
                yield Seen(number, f"大标题“{title}”不在规定的八个里")
        elif level == 3 and inside == "动手":
            tasks.append(title)
            if not title.startswith(("必做", "选做", "挑战")):
                advice = "写成“### 必做：……”“### 选做：……”或“### 挑战：……”"
                yield Seen(number, f"动手里的小标题“{title}”看不出是必做还是选做", advice)
        elif level == 1 and (not lesson.front or title != lesson.front.title):
            yield Seen(number, f"一级标题“{title}”和前言里的课名不一样", "一级标题只写课名，放在最前面；也可以不写")
    if not lesson.cells:
        return
    present = {section.name for section in lesson.sections}
    lacking = [name for name in SECTIONS if name not in present]
    if lacking:
        yield Seen(1, f"少了这些部分：{'、'.join(lacking)}", "每一课八个部分都有，深浅可以不同")
    if "动手" in present and not any(task.startswith("必做") for task in tasks):
        line = next(section.line for section in lesson.sections if section.name == "动手")
        yield Seen(line, "动手里没有“### 必做”", "至少写一个人人做得完的必做")


def _headings(lesson: Lesson) -> Iterator[tuple[int, int, str]]:
    for cell in lesson.cells:
        if cell.kind != "text" or cell.grade_id:
            continue
        for one in markdown.headings(cell.source, cell.line):
            yield one.line, one.level, one.title


@lesson_rule(
    "second-hour",
    what="两课时的课用“## 第二课时”分开，前后各有一个小结；一课时的课不用",
    why="两节课常常隔一周，每一节都要有头有尾",
    advice="在一半的地方写“## 第二课时”，两边各写一个“## 小结”",
)
def second_hour(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front or not lesson.sections:
        return
    halves = {section.half for section in lesson.sections}
    if lesson.front.hours != 2:
        return
    if halves == {1}:
        yield Seen(front_line(lesson, "hours"), "前言写了 2 课时，课文里没有“## 第二课时”")
        return
    for half, name in ((1, "第一课时"), (2, "第二课时")):
        if not any(section.half == half and section.name == "小结" for section in lesson.sections):
            yield Seen(front_line(lesson, "hours"), f"{name}里没有小结")


@lesson_rule(
    "markdown-only",
    what="文字格只用普通的 Markdown：不用 HTML 和排版指令，围栏从行首开始，行首不用冒号",
    why="同一段文字要在书里、在教室里、在纸上都读得通",
    advice="改成普通的段落、列表、表格或图片",
)
def markdown_only(lesson: Lesson) -> Iterator[Seen]:
    for cell in lesson.cells:
        if cell.kind == "code":
            first = next((text for text in cell.source.split("\n") if text.strip()), "")
            if first.lstrip().startswith((":", "：")):
                advice = "设置写在代码格的最前面，用英文冒号：:tags: [public]"
                yield Seen(cell.line, f"像设置的一行混在代码里：{first.strip()}", advice)
            continue
        yield from _markdown_faults(cell)


def _markdown_faults(cell: Cell) -> Iterator[Seen]:
    rows = cell.source.split("\n")
    for number, words in markdown.fences(cell.source, cell.line):
        if rows[number - cell.line].startswith((" ", "\t")):
            yield Seen(number, "围栏前面有空格", "让 ``` 从行首开始")
        if words.startswith("{"):
            yield Seen(number, f"用了排版指令 {words}", "方框和拼音由海课自己加，这里写普通段落")
    for number in markdown.comments(cell.source, cell.line):
        yield Seen(number, "用了 HTML：<!--", "改成普通的 Markdown")
    for number, row in markdown.prose_rows(cell.source, cell.line):
        plain = _CODE_SPAN.sub("", row)
        if plain.lstrip().startswith((":", "：")):
            yield Seen(number, "行首是冒号，会被当成设置", "把冒号接在上一行的末尾")
        if tag := _HTML.search(plain):
            yield Seen(number, f"用了 HTML：{tag[0]}", "改成普通的 Markdown")
        if re.search(r"\{[a-z][\w:-]*\}`", row) or re.match(r"\([\w-]+\)=\s*$", row):
            yield Seen(number, "用了排版指令", "改成普通的文字或链接")


@lesson_rule(
    "heading-in-answer",
    what="答题格里不写标题",
    why="标题会把答题格切成两半，分数就丢了",
    advice="把标题移到上面的文字格里，或者改成加粗的一行",
)
def heading_in_answer(lesson: Lesson) -> Iterator[Seen]:
    for cell in lesson.cells:
        if cell.kind == "text" and (cell.grade_id or has_region(cell, "MARK SCHEME")):
            for number, row in markdown.prose_rows(cell.source, cell.line):
                if re.match(r"#{1,6}\s+(?!BEGIN |END )", row):
                    yield Seen(number, f"答题格里有标题“{row.lstrip('# ').strip()}”")


@lesson_rule(
    "code-syntax",
    what="每个代码格都是读得懂的 Python",
    why="一格读不懂，后面的格子都运行不了",
    advice="检查这一行的括号、引号、冒号和缩进",
)
def code_syntax(lesson: Lesson) -> Iterator[Seen]:
    pieces = [("lesson.md", cell.source, cell.line) for cell in lesson.cells if cell.kind == "code"]
    own: list[Variant | Claim] = [*lesson.also_right, *lesson.references, *lesson.claims]
    pieces += [("mistakes.md", one.source, one.line) for one in own]
    for file, source, line in pieces:
        error = python.parse(source, line)
        if isinstance(error, SyntaxError):
            yield Seen(line + (error.lineno or 1) - 1, "这一行不是正确的 Python", file=file)
