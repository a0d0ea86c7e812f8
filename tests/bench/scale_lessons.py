"""A house with many lessons: the five written ones, then copies with their own ids, sentences and order of cells.

A copy runs the code of its model and has its tests, mistakes, pictures and data, but no two lessons share a key of the
store, a sentence or a skeleton: the rules that look at the whole course find as much to compare as in a hundred
lessons that people wrote, and nothing to refuse.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from courses.checks.phrases import WORN_OUT
from courses.checks.prose import HAN, bare
from courses.lesson import Move, Think

ROOT = Path(__file__).resolve().parents[2]
#: The demo class's lesson first, then what a book page is heaviest with.
WRITTEN = ("j7-03", "p1-03", "s10-01", "p4-01", "v-01")
#: Characters that a child of six has read, none of which is read in two ways.
SYLLABLES = "山水火木土日月云雨田石风花草鱼鸟马牛羊竹"
FIRST_NUMBER = 30  # of a copy's id: above all that are written or planned
SHORTEST, PHRASE = 12, 5  # as in the rules repeated-sentence and repeated-phrase
HEADINGS = ("体验", "讲解", "动手", "小结")
BASE = 3
_PIECE = re.compile(r"[^。！？!?；;…\n|]+")
#: What stays, then two characters that may be replaced; a lesson's terms stay too.
_STAYS = r"`[^`]*`|\]\([^)]*\)|\{[^}]*\}|来不及，先砍"
_ANY_PAIR = re.compile(f"[{HAN}]{{2}}")
_TEXT = re.compile(r'"[^"\n]*"')
_FREE_KEY = re.compile(r"\s*(?:title|home|today|知识|技能|思维|价值观|shows|hint|alt|:alt): ?")


def house(folder: Path, lessons: int, *, second_root: bool = False) -> None:
    """A fresh clone in `folder` with so many lessons of its own.

    With `second_root` the copies stand in folder/../school instead, for HAIKE_ROOTS: lessons that are not ours.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "courses/lessons/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    written = {id_of(path.parent): path.parent for path in (ROOT / "courses" / "lessons").glob("*/*/lesson.md")}
    for lesson_id in WRITTEN[:lessons]:
        model = written[lesson_id]
        shutil.copytree(model, folder / "courses" / "lessons" / model.parent.name / model.name)
    root = folder.parent / "school" if second_root else folder / "courses" / "lessons"
    for number in range(len(WRITTEN), lessons):
        copy_lesson(written[WRITTEN[number % len(WRITTEN)]], number // len(WRITTEN), root)


def id_of(folder: Path) -> str:
    return "-".join(folder.name.split("-")[:2])


def copy_lesson(model: Path, number: int, root: Path) -> Path:
    """The `number`th copy of a lesson, from 1."""
    old = id_of(model)
    new = f"{old.split('-')[0]}-{FIRST_NUMBER + number - 1}"
    folder = root / model.parent.name / f"{new}{model.name.removeprefix(old)}"
    shutil.copytree(model, folder)
    found = re.search(r"^  terms: \[(.*)\]$", (folder / "lesson.md").read_text(encoding="utf-8"), re.MULTILINE)
    terms = [term.strip("'\" ") for term in found[1].split(",")] if found else []
    pair = re.compile("|".join([_STAYS, *map(re.escape, filter(None, terms)), rf"([{HAN}]{{2}})"]))
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8").replace(old, new)
        shortest = SHORTEST if path.name == "teacher.md" else PHRASE
        text = "\n".join(own_rows(text.split("\n"), number, pair, shortest))
        if path.name == "mistakes.md":  # a claim says what stands in the lesson: a term stays as it is
            text = re.sub(r"^(  says: ).*$", rf"\g<1>{terms[0]}", text, flags=re.MULTILINE)
        if path.name == "lesson.md":
            text = own_think(own_move(own_skeleton(text, number), number), number)
        path.write_text(text, encoding="utf-8")
    return folder


def own_rows(rows: list[str], number: int, pair: re.Pattern[str], shortest: int) -> Iterator[str]:
    """The lines with every longer sentence made this copy's own; settings, headings, tests and short answers stay."""
    place = "front" if rows[0] == "---" else "text"
    for row_number, row in enumerate(rows):
        if row == "---" and place == "front" and row_number:
            place = "text"
        elif row.startswith("```"):
            place = "text" if place == "code" else "code"
        elif place == "text":
            row = own_words(row, number, pair, SHORTEST if row.startswith("#") else shortest)
        elif key := _FREE_KEY.match(row):
            least = shortest if "today" in key[0] else SHORTEST  # it stands in the recap too
            row = key[0] + own_words(row[key.end() :], number, pair, least)
        elif place == "code":
            row = _TEXT.sub(lambda found: own_words(found[0], number, pair, shortest), row)
        yield row


def own_words(text: str, number: int, pair: re.Pattern[str], shortest: int) -> str:
    """Each sentence that a rule would compare, with its last two characters this copy's own.

    Where phrases are compared as well, two of every four characters are; beside bold ones, which part pairs, all but
    the first two.
    """
    mark = SYLLABLES[number % len(SYLLABLES)] + SYLLABLES[number // len(SYLLABLES) % len(SYLLABLES)]

    def own(piece: re.Match[str]) -> str:
        if len(bare(piece[0])) < shortest:
            return piece[0]
        places = [found.start() for found in pair.finditer(piece[0]) if found[1]]
        places = places or [found.start() for found in _ANY_PAIR.finditer(piece[0])]  # nothing but terms
        words, inner = piece[0], places[1:] if "**" in piece[0] else places[1::2]
        for place in {*(inner if shortest == PHRASE else ()), *places[-1:]}:
            words = f"{words[:place]}{mark}{words[place + 2 :]}"
        return words

    for phrase in WORN_OUT:
        text = text.replace(phrase, mark + phrase[len(mark) :])
    return _PIECE.sub(own, text)


def own_skeleton(text: str, number: int) -> str:
    """Small code cells before some headings: the number written in threes, a digit for each heading.

    At least two in a row: one more where text and code take turns could stand at either end of it.
    """
    for place, name in enumerate(HEADINGS):
        digit = number // BASE**place % BASE
        cells = "```{code-cell} ipython3\nn = 1\n```\n\n" * (digit + 1 if digit else 0)
        text = re.sub(rf"^(?=## {name})", lambda _, own=cells: own, text, count=1, flags=re.MULTILINE)
    return text


def own_move(text: str, number: int) -> str:
    """Neighbours of one grade do not make the same move."""
    moves = get_args(Move)
    found = re.search(r"^  move: (.*)$", text, re.MULTILINE)
    assert found, "a lesson has a move"
    return text.replace(found[0], f"  move: {moves[(moves.index(found[1]) + number) % len(moves)]}", 1)


def own_think(text: str, number: int) -> str:
    """The six questions take turns."""
    questions = get_args(Think)
    found = re.search(r"^  think: (.*)$", text, re.MULTILINE)
    assert found, "a lesson has a question to think about"
    own = questions[(questions.index(found[1]) + number) % len(questions)]
    return text.replace(found[0], f"  think: {own}", 1)
