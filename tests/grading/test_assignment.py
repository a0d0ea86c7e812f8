"""Handing out and collecting: what is there stays until the new stands whole, and one pupil stops nobody else."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from courses.lesson import Lesson
from courses.reading import read_lesson
from grading import assignment
from grading.course import CourseFault, paths
from grading.course import class_dir as folder_of

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
ONE_MORE = """
```{code-cell}
:nbgrader: {grade_id: secret-judge2, points: 1}
# 再换一个词
### BEGIN HIDDEN TESTS
assert secret("a") == 1, "一个字"
### END HIDDEN TESTS
```

### 必做二
"""


def changed(lesson: Lesson, tmp_path: Path, old: str, new: str) -> Lesson:
    folder = shutil.copytree(lesson.folder, tmp_path / "changed" / lesson.folder.name)
    text = (folder / "lesson.md").read_text(encoding="utf-8")
    assert old in text
    (folder / "lesson.md").write_text(text.replace(old, new), encoding="utf-8")
    return read_lesson(folder)


def every_byte(*folders: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for one in folders for path in sorted(one.rglob("*")) if path.is_file()}


def hand_in(course: Path, lesson: Lesson) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "c7") as book:
        book.add_student("p1")
        book.add_submission(lesson.id, "p1")


# Hand out


def test_one_more_test_after_a_hand_in_is_refused_and_the_old_stays(
    course: Path, lesson: Lesson, tmp_path: Path, own_data: Path
) -> None:
    assignment.release(lesson.id, course)
    more = changed(lesson, tmp_path, "\n### 必做二\n", ONE_MORE)
    hand_in(course, lesson)
    before = every_byte(course / "source", course / "release", own_data / "exchange")
    with pytest.raises(CourseFault) as said:
        assignment.generate(more, course)
    words = str(said.value)
    assert "已有 1 份作业交了" in words and "多了 secret-judge2" in words and "\n" not in words
    assert "Traceback" not in words and "Error" not in words and "Exception" not in words
    assert every_byte(course / "source", course / "release", own_data / "exchange") == before
    assert not list(course.glob(".new"))
    story = changed(lesson, tmp_path / "again", "为什么要藏好它？", "你为什么要藏好它？")
    assert "你为什么要藏好它" in (assignment.generate(story, course) / f"{lesson.id}.ipynb").read_text("utf-8")


def test_before_anybody_has_handed_in_tests_come_and_go(course: Path, lesson: Lesson, tmp_path: Path) -> None:
    more = changed(lesson, tmp_path, "\n### 必做二\n", ONE_MORE)
    assert "secret-judge2" in (assignment.generate(more, course) / f"{lesson.id}.ipynb").read_text("utf-8")
    assert "secret-judge2" not in (assignment.generate(lesson, course) / f"{lesson.id}.ipynb").read_text("utf-8")


def test_a_disk_that_is_full_leaves_source_release_and_exchange(
    course: Path, lesson: Lesson, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment.release(lesson.id, course)
    before = every_byte(course / "source", course / "release", own_data / "exchange")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        assignment.generate(lesson, course)
    monkeypatch.undo()
    monkeypatch.setenv("HAIKE_DATA", str(own_data))
    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(CourseFault, match="磁盘满了.*原来发的还在"):
        assignment.release(lesson.id, course)
    assert every_byte(course / "source", course / "release", own_data / "exchange") == before


# Collect


@pytest.fixture
def inbound(course: Path, lesson: Lesson, own_data: Path) -> Path:
    assignment.release(lesson.id, course)
    return own_data / "exchange" / "c7" / "inbound"


def send(inbound: Path, pupil: str, lesson: Lesson, day: int, text: str = "{}") -> Path:
    folder = inbound / f"{pupil}+{lesson.id}+2026-03-{day:02} 00:00:00.000000 UTC+abcdef"
    folder.mkdir()
    (folder / f"{lesson.id}.ipynb").write_text(text, encoding="utf-8")
    (folder / "timestamp.txt").write_text(f"2026-03-{day:02} 00:00:00.000000 UTC", encoding="utf-8")
    return folder


def collected(lesson: Lesson, pupil: str) -> str:
    return (paths("c7", lesson.id, pupil).submitted / f"{lesson.id}.ipynb").read_text(encoding="utf-8")


def test_a_time_that_is_none_stops_only_its_own_pupil(course: Path, lesson: Lesson, inbound: Path) -> None:
    for pupil in ("p1", "p2", "p3"):
        send(inbound, pupil, lesson, 1, "old")
    assert assignment.collect(lesson.id, course).troubles == {}
    stamp = paths("c7", lesson.id, "p1").submitted / "timestamp.txt"
    stamp.write_text("三月一日", encoding="utf-8")
    for pupil in ("p2", "p3"):
        send(inbound, pupil, lesson, 2, "new")
    found = assignment.collect(lesson.id, course)
    assert found.pupils == ["p1", "p2", "p3"]
    assert collected(lesson, "p2") == collected(lesson, "p3") == "new"
    assert list(found.troubles) == ["p1"] and str(stamp) in found.troubles["p1"]
    send(inbound, "p1", lesson, 3, "new")
    assert str(stamp) in assignment.collect(lesson.id, course).troubles["p1"] and collected(lesson, "p1") == "old"
    stamp.unlink()
    assert assignment.collect(lesson.id, course).troubles == {}


def test_the_newest_is_collected_and_an_older_one_never_replaces_it(
    course: Path, lesson: Lesson, inbound: Path
) -> None:
    send(inbound, "p1", lesson, 5, "fifth")
    send(inbound, "p1", lesson, 3, "third")
    assert assignment.collect(lesson.id, course).pupils == ["p1"]
    assert collected(lesson, "p1") == "fifth"
    shutil.rmtree(next(inbound.glob("*03-05*")))
    assignment.collect(lesson.id, course)
    assert collected(lesson, "p1") == "fifth"


def test_a_copy_that_fails_leaves_the_hand_in_that_was_there(
    course: Path, lesson: Lesson, inbound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(inbound, "p1", lesson, 1, "old")
    assignment.collect(lesson.id, course)
    send(inbound, "p1", lesson, 2, "new")
    send(inbound, "p2", lesson, 2, "new")
    copytree = shutil.copytree

    def full(source: Any, *args: Any, **kwargs: Any) -> Any:
        if "p1+" in str(source):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copytree(source, *args, **kwargs)

    monkeypatch.setattr(shutil, "copytree", full)
    found = assignment.collect(lesson.id, course)
    assert collected(lesson, "p1") == "old" and "磁盘满了" in found.troubles["p1"]
    assert collected(lesson, "p2") == "new" and not list(course.rglob("*.part"))


def test_a_folder_that_is_no_hand_in_is_named(course: Path, lesson: Lesson, inbound: Path) -> None:
    (inbound / f"p1+{lesson.id}+yesterday+x").mkdir()
    (inbound / "notes.txt").write_text("x", encoding="utf-8")
    send(inbound, "p2", lesson, 1)
    found = assignment.collect(lesson.id, course)
    assert found.pupils == ["p2"] and "没有交作业的时间" in found.troubles["p1"]


def test_a_class_that_nothing_was_given_to_says_so(own_data: Path, course: Path, lesson: Lesson) -> None:
    with pytest.raises(CourseFault, match="还没有 c7 这个班.*class assign"):
        assignment.collect(lesson.id, folder_of("c7"))
