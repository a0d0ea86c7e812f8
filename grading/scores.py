"""A class's scores as a table for a spreadsheet: one row for each pupil and lesson, handed in or not.

Scores, penalties and times are those of nbgrader's gradebook; names and who is in the class come from the roster too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from build_paths import write_atomically
from grading.course import CourseFault, classes_dir, has_gradebook, open_course
from grading.folders import folder
from grading.result import rounded
from grading.roster import read_class
from grading.timestamps import Unreadable, read_timestamp

COLUMNS = ("账号", "姓名", "课", "得分", "满分", "扣分前", "晚交扣分", "交作业", "评分", "交作业时间")
HERE_TIME = ZoneInfo("Asia/Shanghai")
HAN = re.compile(r"[\u4e00-\u9fff]")


def export_scores(course_dir: Path, to: Path) -> int:
    """Write the scores as CSV (UTF-8 with the mark that spreadsheets look for). Returns the number of rows."""
    coursedir = open_course(course_dir).coursedir
    if not has_gradebook(coursedir.db_url):
        raise CourseFault(f"{course_dir} 里还没有成绩簿。先评一次分，再导出。")
    names = roster_names(course_dir)
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        rows = list(score_rows(gradebook, coursedir, names))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    write_atomically(to, "\ufeff" + table.getvalue())
    return len(rows)


def roster_names(course_dir: Path) -> dict[str, str]:
    """account → name of the pupils on the class's own list; other nbgrader courses have none."""
    if course_dir.resolve().parent != classes_dir().resolve() or not (course_dir / "roster.csv").is_file():
        return {}
    return {pupil.id: pupil.name for pupil in read_class(course_dir.name).pupils}


def score_rows(gradebook: Gradebook, coursedir: CourseDirectory, names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    known = {student.id: student for student in gradebook.students}
    for lesson in sorted(gradebook.assignments, key=lambda one: str(one.name)):
        submissions = {one.student_id: one for one in lesson.submissions}
        for pupil in sorted({*known, *names}):
            name = names.get(pupil) or full_name(known.get(pupil))
            own = score_cells if pupil in submissions else unmarked_cells
            cells = own(coursedir, lesson, submissions.get(pupil), pupil)
            yield (as_text(pupil), as_text(name), as_text(str(lesson.name)), *cells)


def score_cells(
    coursedir: CourseDirectory, lesson: Assignment, submission: SubmittedAssignment, pupil: str
) -> tuple[str, ...]:
    """Of a hand-in that the gradebook knows, as nbgrader's own export has it: no penalty takes more than there is."""
    if not folder(coursedir, "autograded", str(lesson.name), pupil).is_dir() and not submission.score:
        return unmarked_cells(coursedir, lesson, submission, pupil)
    before, full = rounded(submission.score), rounded(lesson.max_score)
    score = rounded(max(0.0, submission.score - submission.late_submission_penalty))
    taken = rounded(float(before - score))
    late = when_handed_in(submission.timestamp, submission.total_seconds_late > 0)
    state = "等老师评" if submission.needs_manual_grade else "评好了"
    return (str(score), str(full), str(before), str(taken), late, state, local_time(submission.timestamp))


def unmarked_cells(
    coursedir: CourseDirectory, lesson: Assignment, submission: SubmittedAssignment | None, pupil: str
) -> tuple[str, ...]:
    """Not handed in: 0, as nbgrader counts it. Handed in and not graded yet: no score, and the table says why."""
    hand_in = folder(coursedir, "submitted", str(lesson.name), pupil)
    full = str(rounded(lesson.max_score))
    if not hand_in.is_dir():
        return ("0", full, "0", "0", "没交", "", "")
    when = submission.timestamp if submission else None
    with suppress(Unreadable):
        when = when or read_timestamp(hand_in, None)
    is_late = bool(when and lesson.duedate and when > lesson.duedate)
    return ("", full, "", "", when_handed_in(when, is_late), "还没评", local_time(when))


def when_handed_in(when: datetime | None, is_late: bool) -> str:
    """What came on a stick tells no time."""
    return "晚交" if is_late else "按时" if when else "交了"


def full_name(student: Student | None) -> str:
    """As nbgrader's list of students has it: 张 and 红 are 张红, Li and Ann are Ann Li."""
    last, first = (student.last_name or "", student.first_name or "") if student else ("", "")
    return last + first if HAN.search(last + first) else f"{first} {last}".strip()


def local_time(when: datetime | None) -> str:
    """The gradebook's times are UTC without saying so; a teacher's clock is Shanghai's."""
    return when.replace(tzinfo=UTC).astimezone(HERE_TIME).strftime("%Y-%m-%d %H:%M:%S") if when else ""


def as_text(value: Any) -> str:
    """A name never is a formula: spreadsheets take what begins with these signs for one."""
    return f"'{value}" if str(value).startswith(("=", "+", "-", "@", "\t", "\r")) else str(value)
