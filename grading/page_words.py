"""The words of a feedback page: of each exercise the score, what was seen, maybe why, and what the teacher says.

The pupil's own cell is looked at first: where it could not be read or stopped, that is told, with its line, in the
sentence of the classroom; then what the tests saw. Of a hidden test only message and score are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from courses.lesson import Exercise, Lesson, Mistake
from courses.products import TEXT_STUB
from grading.course import TEMPLATES
from grading.pupil_marks import Mark, PupilMarks
from grading.result import CellResult, what_was_seen
from grading.stored_error import explain_cell, explain_test, names_given
from kits.errors import NOT_PASSED

OWN_TESTS = re.compile(r"^(?P<of>.+)-(shown|judge)\d*$")
MADE_UP = re.compile(r"cell-[0-9a-f]{6,}")  # a name that nbgrader's toolbar has given
HAN = re.compile(r"[\u4e00-\u9fff]")
SECRET = re.compile(r"(BEGIN|END) (HIDDEN TESTS|MARK SCHEME)|AUTOTEST")
CELL_GONE = "交上来的作业里少了这一题用来检查的格子：从原来的课文重新做，再交一次。"
NOT_WRITTEN = "这一题还没有写。"
LONGEST_ANSWER, LONGEST_MESSAGE, LONGEST_LINE = 20_000, 500, 200
MOST_SEEN, MOST_PICTURES, LARGEST_PICTURE = 8, 4, 2_000_000

Say = Callable[[str], str]


@dataclass(frozen=True)
class Seen:
    """One thing that went wrong: the sentence, and the pupil's line it is about."""

    words: str
    line: int | None = None
    code: str = ""


@dataclass
class Asked:
    """What was asked together: the pupil's answers and the marks that judge them."""

    name: str
    answers: list[NotebookNode] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of all its cells: a comment may stand at any


def page_words(
    nb: NotebookNode, title: str, own: PupilMarks, lesson: Lesson | None, maybe: Mapping[str, Mistake]
) -> dict[str, Any]:
    """What the template shows. `maybe` says which typical mistake each exercise was recognised by."""
    young = bool(lesson and lesson.stage.pinyin)
    say = with_pinyin if young else escape
    heading = lesson.title if lesson else title
    asked = exercises_of(nb, own, lesson)
    exercises = [exercise_words(number, one, nb, own, lesson, maybe.get(one.name), say) for number, one in asked]
    waits = any(mark.score is None for mark in own.marks.values())
    got = sum(one["got"] for one in exercises)
    late = f"做出来的有 {number(got)} 分，交晚了，扣 {number(min(own.penalty, got))} 分。" if own.penalty else ""
    return {
        "title": heading,
        "heading": say(heading),
        "total": say(total_words(exercises, own.penalty)),
        "waiting": say("还有要老师来评的题，分数会再变。") if waits else "",
        "late": say(late) if late else "",
        "exercises": exercises,
        "footer": say("这一页只给你看。“也许”是机器猜的，想不通就问老师。"),
        "css": style_sheet() + ("body { font-size: 22px; line-height: 2; }" if young else ""),
    }


def total_words(exercises: list[dict[str, Any]], penalty: float = 0) -> str:
    """What everybody does makes the score; 选做 and 挑战 lie outside the lesson's minutes and stand apart.

    A penalty takes from the score first, and never more than there is.
    """
    must = [one for one in exercises if not one["is_extra"]]
    got, extra = sum(one["got"] for one in must), sum(one["got"] for one in exercises if one["is_extra"])
    extra = max(0, extra - max(0, penalty - got))
    words = f"现在是 {number(max(0, got - penalty))} 分，满分 {number(sum(one['full'] for one in must))} 分。"
    return words + (f"选做和挑战另得 {number(extra)} 分。" if extra else "")


def graded_cells(nb: NotebookNode, own: PupilMarks) -> Iterator[CellResult]:
    """The tests of a graded notebook with the gradebook's scores."""
    for cell in nb.cells:
        mark = own.marks.get(cell.metadata.nbgrader.grade_id) if is_grade(cell) else None
        if mark:
            yield CellResult(mark.grade_id, mark.score, mark.full, *what_was_seen(cell))


def exercises_of(nb: NotebookNode, own: PupilMarks, lesson: Lesson | None) -> list[tuple[int, Asked]]:
    """What belongs together, numbered: tests go with the answer they are named after, else with the one before them."""
    found: dict[str, Asked] = {}
    owners = {test.grade_id: one.id for one in lesson.exercises for test in one.tests} if lesson else {}
    open_one: Asked | None = None
    seen: set[str] = set()
    for cell in nb.cells:
        name = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if name in seen or not (name in own.marks or is_solution(cell)):
            continue
        seen.add(name)
        if is_task(cell) or (is_grade(cell) and is_solution(cell)):  # a task, or an answer the teacher marks
            one = found.setdefault(name, Asked(name))
        elif is_solution(cell):
            joins = open_one is not None and not open_one.marks and not lesson
            one = open_one if open_one and joins else found.setdefault(name, Asked(name))
            open_one = one
        else:
            one = owner_of(name, owners, found) or open_one or found.setdefault(name, Asked(name))
        one.names.append(name)
        one.answers += [cell] if is_solution(cell) else []
        one.marks += [own.marks[name]] if name in own.marks else []
    for name in [name for name in own.marks if name not in seen]:
        one = owner_of(name, owners, found) or found.setdefault(name, Asked(name))
        one.names.append(name)
        one.marks.append(own.marks[name])
    return list(enumerate((one for one in found.values() if one.marks), 1))


def owner_of(name: str, owners: dict[str, str], found: dict[str, Asked]) -> Asked | None:
    """The exercise that a test is named after; a widget's has no answer cell of that name."""
    by_name = OWN_TESTS.match(name)
    of = owners.get(name) or (by_name["of"] if by_name else "")
    return found.setdefault(of, Asked(of)) if of else None


def exercise_words(
    count: int, one: Asked, nb: NotebookNode, own: PupilMarks, lesson: Lesson | None, maybe: Mistake | None, say: Say
) -> dict[str, Any]:
    waits = any(mark.score is None for mark in one.marks)
    got, full = sum(mark.score or 0 for mark in one.marks), sum(mark.full for mark in one.marks)
    exercise = lesson.exercise(one.name) if lesson else None
    title = exercise_title(exercise, lesson) or (f"第 {count} 题" if MADE_UP.fullmatch(one.name) else one.name)
    seen = list(dict.fromkeys(what_to_tell(one, nb, exercise)))[:MOST_SEEN]
    if not seen and own.blank.intersection(one.names):
        seen = [Seen(NOT_WRITTEN)]
    comments = [own.comments[name] for name in one.names if name in own.comments]
    figures, more = pictures(one.answers)
    return {
        "title": say(title),
        "is_extra": title.startswith(("选做", "挑战")),
        "got": got,
        "full": full,
        "state": "wait" if waits else "good" if got >= full else "part",
        "score": say("等老师来评" if waits else f"{number(got)} / {number(full)}"),
        "seen": [{"words": say(each.words), "line": each.line, "code": each.code} for each in seen],
        "seen_label": say("看到的是"),
        "hint": say(maybe.hint) if maybe else "",
        "hint_label": say("也许"),
        "comment": say("\n".join(comments)),
        "comment_label": say("老师说"),
        "answer": answer_text(one, own.blank),
        "answer_label": say("我写的"),
        "pictures": figures,
        "more": say("还有图，太多太大，没有放进来。打开你的作业看。") if more else "",
    }


# ---- what was seen ----


def what_to_tell(one: Asked, nb: NotebookNode, exercise: Exercise | None) -> Iterator[Seen]:
    """The pupil's own cell first; then each test that cost marks, unless it only met what is told already."""
    short = [mark for mark in one.marks if mark.score is not None and mark.score < mark.full]
    if not short:
        return
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    answers = [cell for cell in [*one.answers, *widget_cells(one, code, exercise)] if cell.cell_type == "code"]
    written = [cell.source for cell in code if not is_grade(cell)]
    names = names_given(written)
    broken = next(((cell, error) for cell in answers if (error := error_output(cell))), None)
    if broken:
        others = [cell.source for cell in reversed(code[: code.index(broken[0])]) if not is_grade(cell)]
        told = explain_cell(broken[1], broken[0].source, others, names)
        yield Seen(told.sentence, told.line, clipped(told.snippet.strip(), LONGEST_LINE))
    cells = {str(cell.metadata.get("nbgrader", {}).get("grade_id", "")): cell for cell in nb.cells}
    answered = [cell.source for cell in answers] + written
    for mark in short:
        test = cells.get(mark.grade_id)
        if test is None:
            yield Seen(CELL_GONE)
        elif is_grade(test) and not is_solution(test) and test.cell_type == "code":
            yield from told_by_test(test, answered, names, bool(broken))


def told_by_test(test: NotebookNode, written: list[str], names: list[str], is_broken: bool) -> Iterator[Seen]:
    """What a test that cost marks may tell: its author's sentence, or the line of the pupil's that it stopped in."""
    ename, said = what_was_seen(test)
    error = error_output(test)
    own_words = " ".join(line.strip() for line in said[-LONGEST_ANSWER:].splitlines() if HAN.search(line))
    if error is None:  # a test that gives part of the points says why in what it prints last
        last = [line for line in said[-LONGEST_ANSWER:].splitlines() if line.strip()][-1:]
        yield from (Seen(clipped(line.strip(), LONGEST_MESSAGE)) for line in last if HAN.search(line))
    elif ename == "AssertionError":
        if own_words or not is_broken:
            yield Seen(clipped(own_words, LONGEST_MESSAGE) or NOT_PASSED)
    elif not is_broken:
        told = explain_test(error, written, names, bool(SECRET.search(test.source)))
        yield Seen(clipped(told.sentence, LONGEST_MESSAGE), told.line, clipped(told.snippet.strip(), LONGEST_LINE))


def error_output(cell: NotebookNode) -> NotebookNode | None:
    return next((out for out in cell.get("outputs", []) if out.output_type == "error"), None)


def widget_cells(one: Asked, code: list[NotebookNode], exercise: Exercise | None) -> list[NotebookNode]:
    """The cell a widget stands in has no name of its own: its first argument is the exercise's."""
    if not exercise or exercise.form != "widget":
        return []
    named = re.compile(rf"\(\s*['\"]{re.escape(one.name)}['\"]")
    return [cell for cell in code if not is_grade(cell) and named.search(cell.source)][:1]


# ---- what the pupil wrote and drew ----


def answer_text(one: Asked, blank: frozenset[str]) -> str:
    """The pupil's own cells; never one that holds what is the teacher's."""
    own = [cell for cell in one.answers if cell.cell_type == "code" or cell.metadata.nbgrader.grade_id not in blank]
    kept = [cell.source for cell in own if cell.source.strip() != TEXT_STUB and not SECRET.search(cell.source)]
    return clipped("\n\n".join(text for text in kept if text.strip()), LONGEST_ANSWER)


def pictures(answers: Iterable[NotebookNode]) -> tuple[list[str], bool]:
    """PNG figures of the pupil's own answer cells, and whether there were more than a page can carry."""
    outputs = [out for cell in answers for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]
    found = [re.sub(r"[^A-Za-z0-9+/=]", "", str(out.data["image/png"])) for out in outputs]
    kept = [picture for picture in found if len(picture) <= LARGEST_PICTURE][:MOST_PICTURES]
    return kept, len(kept) < len(found)


def exercise_title(exercise: Exercise | None, lesson: Lesson | None) -> str:
    """The `###` heading above the exercise, without its number of minutes."""
    if not exercise or not lesson:
        return ""
    place = next(number for number, cell in enumerate(lesson.cells) if cell is exercise.answer)
    for cell in reversed(lesson.cells[:place]):
        headings = re.findall(r"^#{2,3} (.+)$", cell.source, re.MULTILINE) if cell.kind == "text" else []
        if headings:
            return headings[-1].strip()
    return ""


@cache
def style_sheet() -> str:
    """The house's tokens and the page's own rules: the page stands alone, so it carries both."""
    tokens = files("kits.widgets").joinpath("tokens.css").read_text(encoding="utf-8")
    return tokens + (TEMPLATES / "feedback" / "feedback.css").read_text(encoding="utf-8")


def with_pinyin(text: str) -> str:
    from kits import pinyin

    return pinyin.ruby(escape(text))


def clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "……"


def number(value: float) -> str:
    """3.0 → 3, 2.5 → 2.5"""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
