"""Formulas: what the book's pages cannot set is told with its line, before a site is made of it."""

from __future__ import annotations

from collections.abc import Iterator

from courses import formulas, markdown
from courses.checks.prose import public_texts
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson


@lesson_rule(
    "formula",
    what="公式是网页排得出来的公式；价钱不是公式",
    why="排不出来的公式，学生看到的是一串反斜杠",
    advice="检查反斜杠和花括号；不是公式，就写成 \\$ 或者换成“元”“美元”",
)
def formula(lesson: Lesson) -> Iterator[Seen]:
    for file, line, text in public_texts(lesson):
        for one in markdown.formulas(text, line):
            if formulas.mathml(one.tex, as_block=one.is_block) is None:
                command = formulas.unknown_command(one.tex)
                cause = f"，不认识 {command}" if command else ""
                yield Seen(one.line, f"公式 ${_short(one.tex)}$ 排不出来{cause}", file=file)


def _short(tex: str, limit: int = 24) -> str:
    words = " ".join(tex.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
