"""A lesson becomes an assignment of a class: source and release, release to the exchange, collect."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from build_paths import write_atomically
from courses import products
from courses.lesson import Lesson
from grading.course import CourseFault, last_line, open_course, paths, ready_exchange


@dataclass(frozen=True)
class Collected:
    """What came in: how many hand-ins lie in submitted/ now."""

    pupils: list[str]


def generate(lesson: Lesson, course_dir: Path) -> Path:
    """Write source/<id> and let nbgrader make release/<id> from it, with its gradebook rows. Returns the release.

    Raises CourseFault. What pupils have handed in, and its marks, stay as they are.
    """
    if lesson.obstacles:
        first = lesson.obstacles[0]
        advice = f"先改好它：./haike check {lesson.id}"
        raise CourseFault(f"{first.path}:{first.line}  {first.seen}，{lesson.id} 没有生成。{advice}")
    course_dir.mkdir(parents=True, exist_ok=True)
    where = paths(course_dir, lesson.id)
    write_source(lesson, where.source)
    result = open_course(course_dir).generate_assignment(lesson.id)
    check(result, f"{lesson.id} 没能生成学生版")
    return where.release


def write_source(lesson: Lesson, folder: Path) -> None:
    """The teacher's notebook and its files; files that left the lesson leave the folder."""
    if lesson.folder.joinpath("answers.json").exists():
        raise CourseFault(f"{lesson.folder} 里有 answers.json，它会盖掉孩子的记录。请先删掉它。")
    notebook = products.source(lesson)
    if folder.is_dir():
        shutil.rmtree(folder)
    write_atomically(folder / f"{lesson.id}.ipynb", nbformat.writes(notebook) + "\n")
    for name, path in products.lesson_files(lesson):
        write_atomically(folder / name, path.read_bytes())


def release(lesson_id: str, course_dir: Path) -> None:
    """Put release/<id> into the exchange, where the class can fetch it; releasing again replaces it."""
    api = open_course(course_dir)
    if not paths(course_dir, lesson_id).release.is_dir():
        raise CourseFault(f"{lesson_id} 还没有学生版。先运行 ./haike release {lesson_id} --course-dir {course_dir}")
    ready_exchange(api)
    check(api.release_assignment(lesson_id), f"{lesson_id} 没能发给班级")


def collect(lesson_id: str, course_dir: Path) -> Collected:
    """Fetch what the class has handed in; a newer hand-in replaces the older one."""
    api = open_course(course_dir)
    ready_exchange(api)
    check(api.collect(lesson_id), f"{lesson_id} 没能收上来")
    return Collected(pupils_with(lesson_id, course_dir))


def pupils_with(lesson_id: str, course_dir: Path) -> list[str]:
    """The pupils whose hand-in of this lesson lies in submitted/."""
    submitted = paths(course_dir, lesson_id).submitted.parent.parent
    return sorted(path.parent.name for path in submitted.glob(f"*/{lesson_id}") if path.is_dir())


def check(result: dict[str, Any], what: str) -> None:
    if not result["success"]:
        raise CourseFault(f"{what}：{last_line(result)}")
