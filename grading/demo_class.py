"""The demo classes of `./haike up`: a teacher, three pupils of grade 7 (good, wrong, unfinished) and one of grade 1.

Everything in them is made up and says so: 演示. Making them again changes nothing that is already there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_paths import data_dir, write_atomically
from courses import kept
from courses.lesson import Lesson
from courses.stage import stage
from grading.course import class_dir, open_course, paths, read_config
from grading.roster import Person, SchoolClass, class_codes, create_class, read_class

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: The lessons with which the classroom opens: the one the welcome speaks of, and one for grade 1.
FIRST_LESSONS = ("j7-03", "p1-03")
TEACHER = ("teacher", "演示老师", "teacher", "haike-teacher")
#: code → title, grade, pupils as (id, name, role, password); grade 1 taps a picture password.
CLASSES = {
    "demo7": (
        "七年级演示班", 7,
        [("xiaohai", "演示学生 小海", "pupil", "haike-1"), ("xiaocheng", "演示学生 小成", "pupil", "haike-2"),
         ("xiaorong", "演示学生 小荣", "pupil", "haike-3")],
    ),
    "demo1": ("一年级演示班", 1, [("xiaobei", "演示学生 小贝", "pupil", "swan-boat-lighthouse")]),
}  # fmt: skip
#: The homework that is already there: pupil → good and wrong are handed in, unfinished lies open in the pupil's home.
HOMEWORK = {"xiaohai": "unfinished", "xiaocheng": "good", "xiaorong": "wrong"}


@dataclass(frozen=True)
class Account:
    """One line of what `up` prints: who, how to sign in, what to try."""

    person: str
    id: str
    password: str


def accounts() -> list[Account]:
    people = [TEACHER, *(person for _, _, pupils in CLASSES.values() for person in pupils)]
    return [Account(name, key, password) for key, name, _, password in people]


def make_demo_classes(
    lessons: list[Lesson], hash_secret: Callable[[str], str], tell: Callable[[int, int, str], None] | None = None
) -> list[SchoolClass]:
    """Make the demo classes and give each its lessons; what exists stays, passwords included."""
    for code, (title, grade, pupils) in CLASSES.items():
        if code not in class_codes():
            people = [Person(key, name, role, hash_secret(secret)) for key, name, role, secret in [TEACHER, *pupils]]
            create_class(code, title, grade, people)
        own = lessons_for(lessons, grade)
        for done, lesson in enumerate(own):
            if tell:
                tell(done, len(own), f"{title}：{lesson.title}")
            give(lesson, code)
    return [read_class(code) for code in CLASSES]


def lessons_for(lessons: list[Lesson], grade: int) -> list[Lesson]:
    """Young classes get the lessons without code, the others the rest."""
    return [lesson for lesson in lessons if lesson.front and lesson.stage.as_page == stage(grade).as_page]


def give(lesson: Lesson, code: str) -> None:
    """Assign a lesson to a demo class unless this version of it is there, and hand in for the demo pupils."""
    where = paths(code, lesson.id)
    mark = class_dir(code) / ".given" / lesson.id
    given = mark.read_text(encoding="utf-8") if mark.exists() and where.release.is_dir() else ""
    files = kept.fingerprint(lesson.folder) + kept.run_version()
    if given.partition("\n")[0] == files:
        return
    import nbformat

    from courses import products  # brings nbgrader along: not where everything has been given
    from grading import assignment

    version = products.kits_hash() + nbformat.writes(products.source(lesson)) + repr(products.made_files(lesson))
    if given.partition("\n")[2] != version:
        assignment.generate(lesson, class_dir(code))
        assignment.release(lesson.id, class_dir(code))
    if lesson.id == "j7-03" and not mark.exists():
        for pupil, kind in HOMEWORK.items():
            do_homework(lesson, code, pupil, kind)
    write_atomically(mark, f"{files}\n{version}")


def handed_out(lessons: list[Lesson]) -> list[Lesson]:
    """Those that some class of this house has been given."""
    codes = class_codes()
    return [lesson for lesson in lessons if any(paths(code, lesson.id).release.is_dir() for code in codes)]


def do_homework(lesson: Lesson, code: str, pupil: str, kind: str) -> None:
    """Put a pupil's work into their home and, unless it is unfinished, hand it in through nbgrader's exchange."""
    import nbformat

    home = data_dir() / "homes" / pupil
    folder = home / code / lesson.id
    shutil.copytree(paths(code, lesson.id).release, folder, dirs_exist_ok=True)
    write_atomically(folder / f"{lesson.id}.ipynb", nbformat.writes(answered(lesson, kind)) + "\n")
    if kind == "unfinished":
        return
    config = read_config(class_dir(code))
    config.CourseDirectory.student_id = pupil
    config.Exchange.assignment_dir = str(home)
    config.Exchange.cache = str(home / ".local" / "share" / "jupyter" / "nbgrader_cache")
    config.CourseDirectory.assignment_id = lesson.id
    api = open_course(class_dir(code), config)
    api.exchange.Submit(coursedir=api.coursedir, authenticator=api.authenticator, parent=api).start()


def answered(lesson: Lesson, kind: str) -> NotebookNode:
    """The release with answers in it: the reference, or for `wrong` each exercise's first typical mistake.

    `unfinished` stops after the first exercise.
    """
    from courses import products

    notebook = products.release(lesson)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in products.source(lesson).cells
        if "nbgrader" in cell.metadata
    }
    wrong = {mistake.of: mistake.source for mistake in reversed(lesson.mistakes)} if kind == "wrong" else {}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        exercise = lesson.exercise(grade_id)
        if exercise and exercise.form == "function":
            cell.source = wrong.get(grade_id) or without_markers(solutions[grade_id])
            if kind == "unfinished":
                break
        elif exercise and exercise.form == "written":
            cell.source = "（演示回答）拿不准的时候，应该请人来看一眼。"
    return notebook


def without_markers(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if "### BEGIN" not in line and "### END" not in line)
