"""Those who learn to read: short sentences, and pinyin above every character."""

from __future__ import annotations

from collections.abc import Iterator

from courses.checks.prose import Line, bare, lesson_lines, sentences, spoken_lines
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson


def _read_by_a_child(lesson: Lesson) -> Iterator[Line]:
    """What a child of six reads: the lesson, its sheet, and what the widgets say. Not alt texts, not the plan."""
    if lesson.stage.pinyin:
        for line in (*lesson_lines(lesson, "lesson.md", "sheet.md"), *spoken_lines(lesson)):
            if line.kind != "alt":
                yield line


@lesson_rule(
    "sentence-length",
    what="一、二年级的句子不超过 15 个字",
    why="刚学会读的孩子，一口气只能读这么长",
    advice="拆成两句，或者删去用不着的字",
)
def sentence_length(lesson: Lesson) -> Iterator[Seen]:
    for line in _read_by_a_child(lesson):
        for sentence in sentences(line.text):
            if (length := len(bare(sentence))) > (lesson.stage.sentence or length):
                yield Seen(line.number, f"这一句有 {length} 个字：{sentence}", file=line.file)


@lesson_rule(
    "pinyin",
    what="一、二年级课文里的每个字都标得出拼音",
    why="孩子靠拼音读，缺一个就读不下去",
    advice="换一个常用字，或者在 kits/pinyin.py 的更正表里补上",
)
def pinyin(lesson: Lesson) -> Iterator[Seen]:
    lines = list(_read_by_a_child(lesson))
    if not lines:
        return
    from kits import pinyin as reader  # pypinyin takes a while: only where it is needed

    for line in lines:
        if lacking := "".join(dict.fromkeys(reader.missing(line.text))):
            yield Seen(line.number, f"标不出拼音：{lacking}", file=line.file)
