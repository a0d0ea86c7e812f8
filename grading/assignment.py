"""A lesson becomes an assignment of a class: source and release, release to the exchange, collect.

What is there stays until the new stands whole: a source, a release, and what a pupil has handed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment

from build_paths import write_atomically
from courses import own_files, products
from courses.lesson import Lesson
from fault import reason
from grading.course import (
    CourseFault,
    has_gradebook,
    last_line,
    open_course,
    read_config,
    ready_exchange,
)
from grading.folders import folder, folders
from grading.timestamps import Unreadable, parse, read_timestamp


@dataclass(frozen=True)
class Collected:
    """Whose hand-ins lie in submitted/ now, and whose could not be collected: pupil → why, for the teacher."""

    pupils: list[str]
    troubles: dict[str, str] = field(default_factory=dict)


# ---- make ----


def generate(lesson: Lesson, course_dir: Path) -> Path:
    """Write source/<id> and let nbgrader make release/<id> from it, with its gradebook rows. Returns the release.

    Raises CourseFault; the old source and release are as they were then. What pupils have handed in stays anyway.
    """
    if lesson.obstacles:
        first = lesson.obstacles[0]
        advice = f"先改好它：./haike check {lesson.id}"
        raise CourseFault(f"{first.path}:{first.line}  {first.seen}，{lesson.id} 没有生成。{advice}")
    refuse_unmakeable(lesson)
    course_dir.mkdir(parents=True, exist_ok=True)
    coursedir = open_course(course_dir).coursedir
    refuse_other_cells(lesson, coursedir)
    steps = ("source", "release")
    with stage(course_dir) as staged:
        config = read_config(course_dir)
        config.CourseDirectory.root, config.CourseDirectory.db_url = str(staged), coursedir.db_url
        api = open_course(staged, config)
        new, old = ([folder(one, step, lesson.id) for step in steps] for one in (api.coursedir, coursedir))
        write_source(lesson, new[0])
        check(api.generate_assignment(lesson.id), f"{lesson.id} 没能生成学生版，原来的还在")
        # Only now: nbgrader takes whatever lies in source/ over into release/.
        write_files(own_files.secret_files(lesson), new[0])
        for made, target in zip(new, old, strict=True):
            replace(made, target)
    return old[1]


def refuse_unmakeable(lesson: Lesson) -> None:
    """Run through nbgrader's own steps once, before its gradebook is touched. Raises CourseFault."""
    try:
        products.release(lesson)
    except OSError:
        raise
    except Exception as error:  # nbgrader and nbformat name their refusals in many ways
        said, advice = str(error).split("\n")[0], f"先改好它：./haike check {lesson.id}"
        raise CourseFault(f"{lesson.path}:1  做不出这一课的学生版（{said}），原来的还在。{advice}") from error


@contextmanager
def stage(course_dir: Path) -> Iterator[Path]:
    """A folder on the course's own disk, taken away again."""
    staged = course_dir / ".new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def replace(new: Path, target: Path) -> None:
    """Put a folder where another stands; whoever looks sees the one or the other."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.rename(aside)
    try:
        new.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def refuse_other_cells(lesson: Lesson, coursedir: CourseDirectory) -> None:
    """nbgrader cannot change which cells are graded once somebody has handed in. Raises CourseFault."""
    if not has_gradebook(coursedir.db_url):
        return
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook, suppress(MissingEntry):
        notebook = gradebook.find_notebook(lesson.id, lesson.id)
        count = len(notebook.submissions)
        old = {str(cell.name) for cell in notebook.source_cells}
        new = {cell.grade_id for cell in lesson.cells if cell.grade_id}
        if count and old != new:
            more, less = ("、".join(sorted(names)) for names in (new - old, old - new))
            changed = "，".join([f"多了 {more}"] * bool(more) + [f"少了 {less}"] * bool(less))
            raise CourseFault(
                f"{lesson.id} 没有重新发，原来的还在：已有 {count} 份作业交了，不能加减评分的格子（{changed}）。"
                "把格子改回来再发；要用新的题，就另建一个班，或者换一个课号。"
            )


def write_source(lesson: Lesson, target: Path) -> None:
    """The teacher's notebook and its files."""
    if lesson.folder.joinpath("answers.json").exists():
        raise CourseFault(f"{lesson.folder} 里有 answers.json，它会盖掉孩子的记录。请先删掉它。")
    write_atomically(target / f"{lesson.id}.ipynb", nbformat.writes(products.source(lesson)) + "\n")
    write_files(own_files.public_files(lesson), target)
    for name, content in products.made_files(lesson):
        write_atomically(target / name, content)


def write_files(files: list[tuple[str, Path]], target: Path) -> None:
    for name, path in files:
        write_atomically(target / name, path.read_bytes())


# ---- hand out ----


def release(lesson_id: str, course_dir: Path) -> None:
    """Put release/<id> into the exchange, where the class can fetch it; releasing again replaces it."""
    api = open_course(course_dir)
    if not folder(api.coursedir, "release", lesson_id).is_dir():
        raise CourseFault(f"{lesson_id} 还没有学生版。先运行 ./haike release {lesson_id} --course-dir {course_dir}")
    ready_exchange(api)
    if not issubclass(api.exchange.release_assignment, ExchangeReleaseAssignment):
        check(api.release_assignment(lesson_id), f"{lesson_id} 没能发给班级")
        return
    api.coursedir.assignment_id = lesson_id
    exchange = api.exchange.ReleaseAssignment(coursedir=api.coursedir, authenticator=api.authenticator, parent=api)
    try:
        exchange.init_src()
        exchange.init_dest()
    except Exception as error:  # nbgrader's ExchangeError, in English
        raise CourseFault(f"{lesson_id} 没能发给班级：{error}") from error
    target = Path(exchange.dest_path)
    part = target.with_name(f".{target.name}.part")  # nbgrader's list passes over it
    shutil.rmtree(part, ignore_errors=True)
    exchange.dest_path = str(part)
    try:
        exchange.copy_files()
        replace(part, target)
    except (OSError, RuntimeError) as error:
        why = reason(error) if isinstance(error, OSError) else "太大了"
        raise CourseFault(f"{lesson_id} 没能发给班级（{why}），原来发的还在。改好后再发一次。") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


# ---- collect ----


def collect(lesson_id: str, course_dir: Path) -> Collected:
    """Fetch what the class has handed in; a newer hand-in replaces the older one once it is there whole."""
    api = open_course(course_dir)
    ready_exchange(api)
    coursedir = api.coursedir
    coursedir.assignment_id = lesson_id
    troubles: dict[str, str] = {}
    collector = api.exchange.Collect(coursedir=coursedir, authenticator=api.authenticator, parent=api)
    if isinstance(collector, ExchangeCollect) and not collector.before_duedate:
        troubles = collect_each(collector, lesson_id)
    else:  # an exchange of another kind, a rule of nbgrader's that only it knows
        check(api.collect(lesson_id), f"{lesson_id} 没能收上来")
    found = folders(coursedir, "submitted", lesson_id)
    for pupil, where in found.items():
        if pupil not in troubles and (words := bad_time(where, collector.timezone)):
            troubles[pupil] = words
    return Collected(list(found), dict(sorted(troubles.items())))


def collect_each(collector: ExchangeCollect, lesson_id: str) -> dict[str, str]:
    """Each pupil's newest hand-in from nbgrader's exchange. Returns whose could not be collected, and why."""
    inbound = Path(collector.root) / collector.coursedir.course_id / "inbound"
    if not inbound.is_dir():
        raise CourseFault(
            f"交换文件夹里还没有 {collector.coursedir.course_id} 这个班。先用 ./haike class assign 发一课。"
        )
    newest: dict[str, tuple[Any, Path]] = {}
    troubles: dict[str, str] = {}
    for path in sorted(inbound.iterdir()):
        pupil, _, rest = path.name.partition(f"+{lesson_id}+")
        if not rest or not path.is_dir():
            continue
        try:
            when = parse(rest.rpartition("+")[0] or rest, collector.timezone)  # an offset is written with a + too
        except Unreadable:
            troubles[pupil] = f"{path} 的名字里没有交作业的时间，没有收。请孩子再交一次"
            continue
        if pupil not in newest or when > newest[pupil][0]:
            newest[pupil] = (when, path)
    for pupil, (when, path) in newest.items():
        try:
            collect_one(collector, pupil, when, path)
        except CourseFault as fault:
            troubles[pupil] = str(fault)
        except Exception as error:  # nbgrader's RuntimeError for one too large, shutil's for one that cannot be read
            why = reason(error) if isinstance(error, OSError) else "太大了，或者里面有读不了的文件"
            troubles[pupil] = f"{path} 没有收上来（{why}），原来收的还在"
    return troubles


def collect_one(collector: ExchangeCollect, pupil: str, when: Any, path: Path) -> None:
    """nbgrader's rule: what is newer than the one that is there. Raises CourseFault, OSError, RuntimeError."""
    target = folder(collector.coursedir, "submitted", collector.coursedir.assignment_id, pupil)
    if target.is_dir():
        if words := bad_time(target, collector.timezone):
            raise CourseFault(f"{words}。新交的先没有收")
        before = read_timestamp(target, collector.timezone)
        if before is not None and when <= before:
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        collector.do_copy(str(path), str(part))
        replace(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def bad_time(hand_in: Path, zone: str) -> str:
    """What is wrong with a hand-in's time stamp, for the teacher; empty if nothing is."""
    try:
        read_timestamp(hand_in, zone)
    except Unreadable:
        where = hand_in / "timestamp.txt"
        return f"{where} 里写的不是时间。改成 2026-03-01 04:00:00 UTC 这样，或者删掉它，再收一次"
    return ""


def check(result: dict[str, Any], what: str) -> None:
    if not result["success"]:
        raise CourseFault(f"{what}：{last_line(result)}")
