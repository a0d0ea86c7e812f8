"""How Chinese is set: spaces beside Latin letters and digits, width of punctuation, Latin words only where named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from courses.checks.prose import HAN, Line, front_lines, hint_lines, lesson_lines, spoken_lines
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson

FILES = ("lesson.md", "teacher.md", "sheet.md")
#: Latin that needs no introduction: units, and the two names every lesson may use.
KNOWN = {"ai", "python", "cm", "mm", "km", "kg", "mg", "ml", "min", "hz", "khz", "db", "px", "kb", "mb", "gb"}
FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。", "(": "（", ")": "）"}

_COMMONMARK = MarkdownIt("commonmark").enable("table")
_TIGHT = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")
_NARROW = re.compile(rf"(?<=[{HAN}”’）》])\s?([,;:?!()])|([,;:?!()])(?=[{HAN}“‘（《])|(?<=[{HAN}”’）》])(\.)(?![\w.])")
_WIDE = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
_STRAIGHT = re.compile(rf"[\"']([^\"']*[{HAN}][^\"']*)[\"']")
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*[A-Za-z]")
_LESSON_ID = re.compile(r"\b[kpjsvt]\d*-\d\d\b")


def _all_prose(lesson: Lesson) -> Iterator[Line]:
    yield from front_lines(lesson)
    yield from lesson_lines(lesson, *FILES)
    yield from hint_lines(lesson)


@lesson_rule(
    "spacing",
    what="汉字和字母、数字之间空一格",
    why="挤在一起的字读起来累",
    advice="运行 ./haike check --fix",
)
def spacing(lesson: Lesson) -> Iterator[Seen]:
    for line in _all_prose(lesson):
        if tight := _TIGHT.search(line.text):
            yield Seen(line.number, f"“{_around(line.text, tight)}”里少一个空格", file=line.file)


@lesson_rule(
    "punctuation",
    what="中文用全角标点，字母和数字用半角",
    why="半角标点会让中文挤成一团，全角数字程序读不懂",
    advice="换成中文标点",
)
def punctuation(lesson: Lesson) -> Iterator[Seen]:
    for line in (*_all_prose(lesson), *spoken_lines(lesson)):
        if narrow := _NARROW.search(line.text):
            mark = next(group for group in narrow.groups() if group)
            seen = f"“{_around(line.text, narrow)}”里的 {mark} 是半角"
            yield Seen(line.number, seen, f"换成 {FULL_WIDTH[mark]}", file=line.file)
        elif wide := _WIDE.search(line.text):
            yield Seen(line.number, f"“{wide[0]}”是全角的字母或数字", "换成半角", file=line.file)
        elif line.kind != "spoken" and (straight := _STRAIGHT.search(line.text)):
            yield Seen(line.number, f"“{straight[1]}”用了英文引号", "换成中文引号 “ ”", file=line.file)
        elif line.kind != "spoken" and re.search(rf"[{HAN}]\s?(?:\.\.\.|---?)", line.text):
            yield Seen(line.number, "省略号或破折号是半角的", "换成 …… 或 ——", file=line.file)


@lesson_rule(
    "broken-bold",
    what="**加粗** 真的是粗的",
    why="两个星号紧贴标点又紧贴字时，哪里都不会变粗，学生看到的是星号",
    advice="把标点移到星号外面：**这句话**。后面",
)
def broken_bold(lesson: Lesson) -> Iterator[Seen]:
    texts = [("lesson.md", cell.line, cell.source) for cell in lesson.cells if cell.kind == "text"]
    texts += [(name, 1, lesson.texts.get(name, "")) for name in FILES[1:]]
    for file, first, text in texts:
        for token in _COMMONMARK.parse(text):
            left = "".join(part.content for part in token.children or () if part.type == "text")
            if "**" in left and token.map:
                place = left.index("**")
                yield Seen(first + token.map[0], f"“{left[max(0, place - 8) : place + 2]}”没有变粗", file=file)


@lesson_rule(
    "latin-words",
    what="代码、名字和 terms 以外，学生读到的都是中文",
    why="一个不认识的英文词就能让孩子停下来",
    advice="换成中文；是代码就放进 `反引号`；一定要教的词写进前言的 terms",
)
def latin_words(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front:
        return
    allowed = introduced(lesson)
    told: set[tuple[str, str]] = set()
    for line in (*front_lines(lesson), *lesson_lines(lesson, "lesson.md", "sheet.md")):
        for word in strange_words(line.text, allowed):
            if (line.file, word) not in told:
                told.add((line.file, word))
                yield Seen(line.number, f"英文词 {word}", file=line.file)


def introduced(lesson: Lesson) -> set[str]:
    """The Latin words a pupil may meet anywhere in this lesson, in small letters."""
    terms = lesson.front.terms if lesson.front else []
    return KNOWN | {word.lower() for term in terms for word in re.findall(r"[A-Za-z][\w’'-]*", term)}


def strange_words(text: str, allowed: set[str]) -> list[str]:
    """The Latin words of a text that nobody has introduced, each once."""
    found = dict.fromkeys(_WORD.findall(_LESSON_ID.sub("", text)))
    return [word for word in found if word.lower() not in allowed]


def _around(text: str, found: re.Match[str]) -> str:
    """A few characters on both sides, so that the place is found without counting columns."""
    return text[max(0, found.start() - 4) : found.end() + 4].replace("\ufffc", "…").strip()
