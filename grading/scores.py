"""A class's scores as a table for a spreadsheet: one row for each pupil and lesson, read from nbgrader's gradebook."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nbgrader.api import Gradebook

from build_paths import write_atomically
from grading.course import CourseFault, paths

COLUMNS = ("账号", "课", "得分", "满分", "等老师评", "交作业时间（UTC）")


def export_scores(course_dir: Path, to: Path) -> int:
    """Write the scores as CSV (UTF-8 with the mark that spreadsheets look for). Returns the number of rows."""
    gradebook_path = paths(course_dir, "").gradebook
    if not gradebook_path.exists():
        raise CourseFault(f"{course_dir} 里还没有成绩簿。先评一次分，再导出。")
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    with Gradebook(f"sqlite:///{gradebook_path}") as gradebook:
        for lesson in sorted(gradebook.assignments, key=lambda one: one.name):
            for handed_in in sorted(lesson.submissions, key=lambda one: one.student_id):
                waits = "是" if handed_in.needs_manual_grade else ""
                when = handed_in.timestamp.isoformat(" ", "seconds") if handed_in.timestamp else ""
                score = (handed_in.score, handed_in.max_score)
                writer.writerow((handed_in.student_id, lesson.name, *score, waits, when))
                count += 1
    write_atomically(to, "\ufeff" + table.getvalue())
    return count
