"""What must never leave the teacher's desk: every secret line of a lesson, searched in every product."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from courses.checks import self_tests
from courses.checks.prose import HAN
from courses.finding import Finding
from courses.lesson import Lesson, Mistake, Variant
from courses.regions import public_lines, region_lines

RULE = "leak"
ADVICE = "先不要发布；找出是哪一步把它带了出来"
#: Shorter lines (`best = 0`, `return n`) say nothing by themselves and stand in any program.
SHORTEST_CODE = 12
SHORTEST_HAN = 6
_TAG = re.compile(r"<[^<>]{0,400}>")
_SPACE = re.compile(r"\s+")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Secret:
    """One line nobody but the teacher may read, and where it stands."""

    file: str
    line: int
    text: str


def secrets(lesson: Lesson) -> list[Secret]:
    """Lines of solutions, hidden tests, mark schemes, mistakes.md and key.md that stand nowhere in the open lesson.

    The hints of its self-tests too: they are public, but nobody should read them above the question.
    """
    found = [Secret("lesson.md", line, text) for cell in lesson.cells for line, text in region_lines(cell)]
    answers: list[Mistake | Variant] = [*lesson.mistakes, *lesson.also_right, *lesson.references]
    for one in answers:
        found += [Secret("mistakes.md", one.line + n, text) for n, text in enumerate(one.source.split("\n"))]
    for mistake in lesson.mistakes:
        found += [Secret("mistakes.md", mistake.line, text) for text in (mistake.shows, mistake.hint)]
    for cell in lesson.cells:
        for ask in self_tests.asked(lesson, cell):
            found += [Secret("lesson.md", cell.line + ask.call.lineno - 1, hint) for _, _, hint in ask.options]
    found += [Secret("key.md", line, text) for line, text in enumerate(lesson.key.split("\n"), 1)]
    open_text = _squeeze("\n".join(_open_texts(lesson)))
    kept: dict[str, Secret] = {}
    for secret in found:
        bare = _squeeze(secret.text)
        if _says_something(bare) and bare not in open_text:
            kept.setdefault(bare, secret)
    return list(kept.values())


def _open_texts(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.cells:
        yield "\n".join(text for _, text in public_lines(replace(cell, source=self_tests.released(lesson, cell))))
    yield from lesson.texts.values()
    if lesson.front:
        yield lesson.front.model_dump_json()


def _says_something(bare: str) -> bool:
    return len(bare) >= SHORTEST_CODE or len(re.findall(f"[{HAN}]", bare)) >= SHORTEST_HAN


def leaks(lesson: Lesson, products: Iterable[tuple[str, str | bytes]]) -> Iterator[Finding]:
    """Every secret of the lesson that stands in a product, given as (name, content). Archives come unpacked."""
    wanted = [(_squeeze(secret.text), secret) for secret in secrets(lesson)]
    for name, content in products:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        readings = list(_readings(text))
        for bare, secret in wanted:
            if any(bare in reading for reading in readings):
                seen = f"{name} 里有不能公开的一行：{secret.text.strip()}"
                yield Finding(lesson.folder / secret.file, secret.line, RULE, seen, ADVICE)


def _readings(text: str) -> Iterator[str]:
    """The text as a person, a browser or a program would read it, without white space: coloured code is found too."""
    seen: set[str] = set()
    decoded = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text)
    plain = html.unescape(_TAG.sub("", decoded))
    for reading in (decoded, html.unescape(decoded), plain, _unquoted(decoded), _unquoted(plain)):
        if (bare := _squeeze(reading)) not in seen:
            seen.add(bare)
            yield bare


def _unquoted(text: str) -> str:
    """JSON's escapes undone (`\\"`, `\\n`), as far as that can be done without parsing."""
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def _squeeze(text: str) -> str:
    return _SPACE.sub("", text)
