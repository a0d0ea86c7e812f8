"""The page a pupil reads: the score of each exercise, what its tests saw, and the hint of a recognised mistake.

It goes through nbgrader's own mechanism: a preprocessor (ForThePupil) behind nbgrader's GetGrades, and a template.
Of a hidden test only message and score get through; its source and traceback never reach the template, nor does
anything a pupil's code printed as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

from courses.lesson import Exercise, Lesson
from courses.products import TEXT_STUB
from courses.reading import find_lesson
from courses.reference_run import reference_run
from grading.assignment import check
from grading.course import TEMPLATES, CourseFault, open_course, paths, ready_exchange
from grading.recognise import recognise
from grading.result import CellResult, what_was_seen

OWN_TESTS = re.compile(r"^(?P<of>.+)-(shown|judge)\d*$")
HAN = re.compile(r"[\u4e00-\u9fff]")
SOMETHING_BROKE = "运行到这里时程序停下了。先在自己的格子里运行一遍，看看提示。"


def feedback(lesson_id: str, course_dir: Path, pupil: str | None = None) -> list[Path]:
    """Make the feedback pages of a graded lesson and release them through the exchange. Raises CourseFault."""
    graded = sorted(paths(course_dir, lesson_id).autograded.parent.parent.glob(f"{pupil or '*'}/{lesson_id}"))
    if not graded:
        raise CourseFault(f"{lesson_id} 还没有评过分。先运行 ./haike autograde {lesson_id} --course-dir {course_dir}")
    api = open_course(course_dir)
    ready_exchange(api)
    for folder in graded:
        name = folder.parent.name
        check(api.generate_feedback(lesson_id, name, force=True), f"{name} 的反馈没能写出来")
        check(api.release_feedback(lesson_id, name), f"{name} 的反馈没能发出去")
    where = [paths(course_dir, lesson_id, folder.parent.name).feedback for folder in graded]
    return [path for folder in where for path in sorted(folder.glob("*.html"))]


class ForThePupil(NbGraderPreprocessor):
    """Turns a graded notebook into the words of the feedback page (`resources["haike"]`) and empties the notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        marks = resources["nbgrader"]
        lesson = find_lesson(marks["assignment"])
        resources["haike"] = page_words(nb, marks, lesson, waiting_cells(marks))
        # The template needs the words alone: what is not there cannot leak.
        nb.cells = []
        return nb, resources


def total_words(exercises: list[dict[str, Any]]) -> str:
    """What everybody does makes the score; 选做 and 挑战 lie outside the lesson's minutes and stand apart."""
    must = [one for one in exercises if not one["is_extra"]]
    extra = sum(one["got"] for one in exercises if one["is_extra"])
    words = f"现在是 {number(sum(one['got'] for one in must))} 分，满分 {number(sum(one['full'] for one in must))} 分。"
    return words + (f"选做和挑战另得 {number(extra)} 分。" if extra else "")


def waiting_cells(marks: dict[str, Any]) -> set[str]:
    """The grade ids that wait for the teacher's hand, as the gradebook has it."""
    with Gradebook(marks["db_url"]) as gradebook:
        notebook = gradebook.find_submission_notebook(marks["notebook"], marks["assignment"], marks["student"])
        return {grade.name for grade in notebook.grades if grade.needs_manual_grade}


def page_words(nb: NotebookNode, marks: dict[str, Any], lesson: Lesson | None, waits: set[str]) -> dict[str, Any]:
    cells = list(cell_results(nb, waits))
    maybe = recognise(lesson, reference_run(lesson), cells) if lesson and lesson.mistakes else {}
    young = bool(lesson and lesson.front and isinstance(lesson.front.grade, int) and 1 <= lesson.front.grade <= 2)
    say = with_pinyin if young else escape
    title = lesson.title if lesson else str(marks["notebook"])
    waiting = [cell for cell in cells if cell.score is None]
    exercises = [
        exercise_words(name, own, nb, lesson, maybe.get(name), say) for name, own in by_exercise(cells).items()
    ]
    return {
        "title": title,
        "heading": say(title),
        "total": say(total_words(exercises)),
        "waiting": say("还有要老师来评的题，分数会再变。") if waiting else "",
        "late": say(f"晚交扣 {number(marks['late_penalty'])} 分。") if marks.get("late_penalty") else "",
        "exercises": exercises,
        "footer": say("这一页只给你看。“也许”是机器猜的，想不通就问老师。"),
        "css": style_sheet() + ("body { font-size: 22px; line-height: 2; }" if young else ""),
    }


def cell_results(nb: NotebookNode, waits: set[str]) -> Iterable[CellResult]:
    """Graded cells with the scores of the gradebook, which GetGrades has put beside them."""
    for cell in nb.cells:
        if not is_grade(cell):
            continue
        marks = cell.metadata.nbgrader
        score = None if marks.grade_id in waits else float(marks.get("score") or 0)
        yield CellResult(marks.grade_id, score, float(marks.points), *what_was_seen(cell))


def by_exercise(cells: Iterable[CellResult]) -> dict[str, list[CellResult]]:
    """Test cells under the exercise they belong to by name; a written answer stands for itself."""
    groups: dict[str, list[CellResult]] = {}
    for cell in cells:
        own = OWN_TESTS.match(cell.grade_id)
        groups.setdefault(own["of"] if own else cell.grade_id, []).append(cell)
    return groups


def exercise_words(
    name: str, own: list[CellResult], nb: NotebookNode, lesson: Lesson | None, maybe: Any, say: Any
) -> dict[str, Any]:
    waits = any(cell.score is None for cell in own)
    got, full = sum(cell.score or 0 for cell in own), sum(cell.max_score for cell in own)
    exercise = lesson.exercise(name) if lesson else None
    answer = find_cell(nb, name)
    short = [cell for cell in own if cell.score is not None and cell.score < cell.max_score]
    seen = [message(cell, nb) for cell in short if cell.ename or HAN.search(cell.seen)]
    title = exercise_title(exercise, lesson) or name
    return {
        "title": say(title),
        "is_extra": title.startswith(("选做", "挑战")),
        "got": got,
        "full": full,
        "state": "wait" if waits else "good" if got == full else "part",
        "score": say("等老师来评" if waits else f"{number(got)} / {number(full)}"),
        "seen": [say(line) for line in dict.fromkeys(seen)],
        "seen_label": say("看到的是"),
        "hint": say(maybe.hint) if maybe else "",
        "hint_label": say("也许"),
        "comment": say(str(answer.metadata.nbgrader.get("comment") or "")) if answer else "",
        "comment_label": say("老师说"),
        "answer": answer.source if answer and answer.source.strip() != TEXT_STUB else "",
        "answer_label": say("我写的"),
        "pictures": pictures(answer),
    }


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


def find_cell(nb: NotebookNode, grade_id: str) -> NotebookNode | None:
    return next((c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id), None)


def message(cell: CellResult, nb: NotebookNode) -> str:
    """What a failing test may tell: an assertion's own sentence, else the Chinese sentence the kernel showed."""
    if cell.ename == "AssertionError" and HAN.search(cell.seen):
        return cell.seen
    if not cell.ename:  # a test that gives part of the points says why in what it prints last
        return cell.seen.strip().splitlines()[-1]
    if cell.ename == "NotImplementedError":
        return "这里还没有写。"
    found = find_cell(nb, cell.grade_id)
    failed = [out for out in found.get("outputs", []) if out.output_type == "error"] if found else []
    shown = "\n".join(failed[0].traceback).strip() if failed else ""
    first = shown.splitlines()[0] if shown else ""
    return first if HAN.search(first) and "BEGIN HIDDEN" not in first else SOMETHING_BROKE


def pictures(answer: NotebookNode | None) -> list[str]:
    """PNG figures of the pupil's own answer cell."""
    outputs = answer.get("outputs", []) if answer else []
    found = [out.data["image/png"] for out in outputs if "data" in out and "image/png" in out.data]
    return [re.sub(r"[^A-Za-z0-9+/=]", "", picture) for picture in found]


def style_sheet() -> str:
    """The house's tokens and the page's own rules: the page stands alone, so it carries both."""
    tokens = files("kits.widgets").joinpath("tokens.css").read_text(encoding="utf-8")
    return tokens + (TEMPLATES / "feedback" / "feedback.css").read_text(encoding="utf-8")


def with_pinyin(text: str) -> str:
    from kits import pinyin

    return pinyin.ruby(escape(text))


def number(value: float) -> str:
    """3.0 → 3, 2.5 → 2.5"""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
