"""A pupil's lessons of today: what is released, begun, handed in and marked, asked of nbgrader's own exchange."""

import json
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbgrader.server_extensions.assignment_list.handlers import AssignmentList
from nbgrader.utils import parse_utc

from courses.stage import stage

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
PICTURE = re.compile(r"!\[[^\]]*\]\(([\w.-]+\.(?:svg|png|jpg))\)")

NEW, HALF, SENT, BACK = "new", "half", "sent", "back"
WORDS = {NEW: "未开始", HALF: "做到一半", SENT: "已交", BACK: "有反馈"}


class LessonFault(Exception):
    """Something a pupil asked for did not work; the message is for the pupil."""


@dataclass(frozen=True)
class MyLesson:
    course: str
    id: str
    title: str
    as_page: bool
    state: str
    sent_at: datetime | None = None
    feedback_at: str = ""  # the hand-in that has feedback, as nbgrader names it
    changed_since: bool = False
    picture: Path | None = None

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def page(self) -> str:
        """Where the lesson opens, below the server's address."""
        return f"{'voila/render' if self.as_page else 'notebooks'}/{self.course}/{self.id}/{self.id}.ipynb"


class MyLessons:
    """One pupil's view of the exchange. `home` is where assignments are fetched to."""

    def __init__(self, home: Path, log: logging.Logger):
        self.home, self.log = home, log
        self.exchange = AssignmentList()
        self.exchange.root_dir = str(home)

    def all(self, course: str | None = None) -> list[MyLesson]:
        released = self._ask(self.exchange.list_released_assignments, course)
        sent = {(row["course_id"], row["assignment_id"]): row for row in self._sent(course)}
        return [self._lesson(row, sent.get((row["course_id"], row["assignment_id"]))) for row in released]

    def one(self, course: str, lesson: str) -> MyLesson:
        if NAME.fullmatch(course) and NAME.fullmatch(lesson):
            for found in self.all(course):
                if found.id == lesson:
                    return found
        raise LessonFault("没有找到这一课。回到首页，从那里打开。")

    def fetch(self, course: str, lesson: str) -> MyLesson:
        found = self.one(course, lesson)
        if not self._folder(found).exists():
            self._do(self.exchange.fetch_assignment, found, "这一课没有取下来。请再点一次，还不行就告诉老师。")
        elif not (self._folder(found) / f"{lesson}.ipynb").exists():
            raise LessonFault(f"文件 {lesson}.ipynb 不见了。你做的还在文件夹里，请老师来看看。")
        return found

    def hand_in(self, course: str, lesson: str) -> MyLesson:
        found = self.fetch(course, lesson)
        self._do(self.exchange.submit_assignment, found, "没有交上去。做好的都还在，请再点一次，还不行就告诉老师。")
        return self.one(course, lesson)

    def feedback(self, course: str, lesson: str) -> Path:
        """The newest feedback page, fetched if the exchange has a newer one."""
        found = self.one(course, lesson)
        if not found.feedback_at:
            raise LessonFault("老师还没有发反馈。过一会儿再来看。")
        self._do(self.exchange.fetch_feedback, found, "反馈没有取下来。请再点一次，还不行就告诉老师。")
        page = self._folder(found) / "feedback" / found.feedback_at / f"{lesson}.html"
        if not page.is_file():
            raise LessonFault("反馈没有取下来。请再点一次，还不行就告诉老师。")
        return page

    def _lesson(self, row: dict[str, Any], sent: dict[str, Any] | None) -> MyLesson:
        notebook = next((Path(n["path"]) for n in row["notebooks"] if n["notebook_id"] == row["assignment_id"]), None)
        about = _about(self.home / notebook) if notebook else {}
        hand_ins = sent["submissions"] if sent else []
        marked = [each for each in hand_ins if each["has_exchange_feedback"] or each["has_local_feedback"]]
        state = NEW if row["status"] == "released" else HALF
        if hand_ins:
            state = BACK if hand_ins[-1] in marked else SENT
        sent_at = parse_utc(hand_ins[-1]["timestamp"]) if hand_ins else None
        return MyLesson(
            course=row["course_id"],
            id=row["assignment_id"],
            title=str(about.get("title") or row["assignment_id"]),
            # The notebook says it; one that was released before it did has its grade.
            as_page=bool(about.get("as_page", stage(about.get("grade")).as_page)),
            state=state,
            sent_at=sent_at,
            picture=_beside(self.home / notebook, about.get("picture")) if notebook else None,
            feedback_at=marked[-1]["timestamp"] if marked else "",
            changed_since=sent_at is not None and self._changed(row, sent_at),
        )

    def _changed(self, row: dict[str, Any], since: datetime) -> bool:
        folder = self.home / row["course_id"] / row["assignment_id"]
        worked_on = [folder / f"{row['assignment_id']}.ipynb", folder / "answers.json"]
        times = [path.stat().st_mtime for path in worked_on if path.exists()]
        return any(time > since.replace(tzinfo=UTC).timestamp() + 1 for time in times)

    def _folder(self, lesson: MyLesson) -> Path:
        return self.home / lesson.course / lesson.id

    def _sent(self, course: str | None) -> list[dict[str, Any]]:
        return self._ask(self.exchange.list_submitted_assignments, course)

    def _ask(self, question: Any, course: str | None) -> list[dict[str, Any]]:
        answer = question(course_id=course)
        if not answer["success"]:
            self.log.error("nbgrader: %s", answer["value"])
            raise LessonFault("现在看不到课程清单。请刷新一下，还不行就告诉老师。")
        return answer["value"]

    def _do(self, action: Any, lesson: MyLesson, sorry: str) -> None:
        answer = action(lesson.course, lesson.id)
        if not answer["success"]:
            self.log.error("nbgrader: %s", answer["value"])
            raise LessonFault(sorry)


def _about(notebook: Path) -> dict[str, Any]:
    try:
        return _read_about(notebook, notebook.stat().st_mtime)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=256)
def _read_about(notebook: Path, changed: float) -> dict[str, Any]:
    content = json.loads(notebook.read_text("utf-8"))
    found = content["metadata"].get("haike", {})
    pictures = (PICTURE.search("".join(cell["source"])) for cell in content["cells"] if cell["cell_type"] == "markdown")
    first = next(filter(None, pictures), None)
    about = found if isinstance(found, dict) else {}
    return {"picture": first[1] if first else "", **about}


def _beside(notebook: Path, name: Any) -> Path | None:
    path = notebook.with_name(str(name)) if name else None
    return path if path and path.is_file() else None
