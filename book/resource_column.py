"""The public column's data: a card for each written lesson, the stages, what comes before and after a lesson."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from book.drawing import file_svg
from courses.curriculum import Curriculum, CurriculumEntry, grade_name
from courses.knowledge import KnowledgeMap
from courses.lesson import Lesson
from courses.own_files import CARD_PICTURE
from courses.stage import GRADES, Grade, stage
from kits.widgets import cast

FORMS = {
    "widget": "玩一玩",
    "unplugged+widget": "动手摆",
    "slider": "调滑块",
    "one-line": "改一行",
    "function": "写函数",
    "project": "做项目",
}
DIRECTIONS = ("学科融合", "基础重塑", "沉浸体验")
#: A card has room for two lines of about 20 characters; children's sentences are shorter, so some more are taken.
ENOUGH, ROOM = 16, 48
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Card:
    """A lesson as the catalogue shows it; the whole card is one link."""

    id: str
    title: str
    summary: str
    grade: str
    group: str
    stage: str
    hours: str
    form: str
    direction: str
    local: bool
    home: str
    picture: str

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def make_card(lesson: Lesson, curriculum: Curriculum) -> Card:
    front = lesson.front
    assert front is not None, "a lesson without front matter has no card"
    return Card(
        id=lesson.id,
        title=front.title,
        summary=summary(lesson),
        grade=grade_name(front.grade),
        group=grade_group(front.grade, curriculum),
        stage=curriculum.band(front.grade),
        hours=hours_text(front.hours),
        form=FORMS[front.form],
        direction=front.direction,
        local=front.local,
        home=front.home,
        picture=picture(lesson),
    )


def summary(lesson: Lesson) -> str:
    """One line: the words under the lesson's title, or else the first of its hook, as plain text."""
    texts = [cell.source for cell in lesson.cells if cell.kind == "text" and not cell.grade_id]
    found = ""
    for paragraph in (part for text in texts[:3] for part in re.split(r"\n\s*\n", text)):
        if found and (len(found) >= ENOUGH or paragraph.startswith("## ")):
            break
        if not paragraph.lstrip().startswith(("#", "|", "!", "-", ">", "`")):
            found += plain_text(paragraph)
    return shorten(found)


def plain_text(markdown: str) -> str:
    """Emphasis, code marks and links taken off a paragraph of Markdown, its lines joined as Chinese is."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"[*`_]{1,3}", "", text)
    return re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])", "", text).replace("\n", " ").strip()


def shorten(text: str, limit: int = ROOM) -> str:
    """As many whole sentences as fit; a card has room for two lines."""
    sentences = re.findall(r"[^。！？]*[。！？]?[”’）]*", text)
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + len(sentence) > limit:
            break
        kept += sentence
    return kept


def picture(lesson: Lesson) -> str:
    """The lesson's own drawing, put into the page so that it follows light and dark; without one, 小船 on the sea."""
    own = file_svg(lesson.folder / CARD_PICTURE, f"pic-{lesson.id}-")
    if not own:
        boat = cast.svg("boat-cargo").replace("<svg ", '<svg x="88" y="44" width="144" height="144" ', 1)
        return (
            '<svg viewBox="0 0 320 240" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
            f'<rect class="fy" width="320" height="240"/><rect class="fs" y="168" width="320" height="72"/>{boat}</svg>'
        )
    return own


def hours_text(hours: float) -> str:
    return "半课时" if hours == 0.5 else f"{hours:g} 课时"


def grade_groups(curriculum: Curriculum) -> dict[str, str]:
    """The filter's groups, key → label, for the school system of the curriculum."""
    primary_end, junior_start, junior_end = (
        int(curriculum.bands["小学"][1]), int(curriculum.bands["初中"][0]), int(curriculum.bands["初中"][1])
    )  # fmt: skip
    return {
        "k": "学前",
        "1": "一至二",
        "3": f"三至{DIGITS[primary_end]}",
        "6": f"{DIGITS[junior_start]}至{DIGITS[junior_end]}",
        "10": "高中",
        "v": "中职",
        "t": "教师",
    }


def grade_group(grade: Grade, curriculum: Curriculum) -> str:
    if isinstance(grade, str):
        return {"voc": "v", "teacher": "t"}[grade]
    if stage(grade).pinyin:
        return "1"
    return {"学前": "k", "小学": "3", "初中": "6", "高中": "10"}[curriculum.band(grade)]


@dataclass(frozen=True)
class Neighbour:
    """A lesson before or after another one; a planned lesson has a name but no page yet."""

    id: str
    title: str
    grade: str
    point: str
    written: bool


def neighbours(
    lesson: Lesson, entries: list[CurriculumEntry], knowledge: KnowledgeMap, at_most: int = 2
) -> tuple[list[Neighbour], list[Neighbour]]:
    """(lessons that teach what this one needs, lessons that need what this one teaches), written ones first."""
    own = {point for point in lesson.front.knowledge if point in knowledge} if lesson.front else set()
    needed = {need for point in own for need in knowledge[point].needs} - own
    opened = {point.id for point in knowledge.points.values() if set(point.needs) & own} - own
    place = next((number for number, entry in enumerate(entries) if entry.id == lesson.id), len(entries))
    before = list(reversed(entries[:place]))
    return (
        pick(before, needed, knowledge, at_most),
        pick(entries[place + 1 :], opened, knowledge, at_most),
    )


def pick(
    entries: Iterable[CurriculumEntry], points: set[str], knowledge: KnowledgeMap, at_most: int
) -> list[Neighbour]:
    found = []
    for entry in entries:
        shared = [point for point in entry.knowledge if point in points]
        if shared and entry.grade != "teacher":
            point = knowledge[shared[0]].name
            found.append(Neighbour(entry.id, entry.title, grade_name(entry.grade), point, entry.written))
    return sorted(found, key=lambda one: not one.written)[:at_most]


def point_map(lesson: Lesson, knowledge: KnowledgeMap, at_most: int = 3) -> dict[str, Any]:
    """The main knowledge point with what it needs and what it opens, as names; empty if the point is unknown."""
    main = lesson.front.knowledge[0] if lesson.front else ""
    if main not in knowledge:
        return {}
    needs = [knowledge[need].name for need in knowledge[main].needs if need in knowledge][:at_most]
    opens = [point.name for point in knowledge.points.values() if main in point.needs][:at_most]
    return {"now": knowledge[main].name, "needs": needs, "opens": opens}


def catalogue(cards: list[Card], entries: list[CurriculumEntry], curriculum: Curriculum) -> list[dict[str, Any]]:
    """For each stage: cards of the written lessons, and the planned ones by grade."""
    stages = []
    for band in curriculum.bands:
        planned: dict[str, list[str]] = {}
        for entry in entries:
            if not entry.written and curriculum.band(entry.grade) == band:
                planned.setdefault(grade_name(entry.grade), []).append(entry.title)
        stages.append({
            "name": band,
            "cards": [card.as_data() for card in cards if card.stage == band],
            "planned": [{"grade": grade, "titles": titles} for grade, titles in planned.items()],
            "planned_count": sum(map(len, planned.values())),
        })  # fmt: skip
    return stages


def in_order(cards: list[Card], entries: list[CurriculumEntry]) -> list[Card]:
    place = {entry.id: number for number, entry in enumerate(entries)}
    return sorted(cards, key=lambda card: place.get(card.id, len(GRADES) * 100))
