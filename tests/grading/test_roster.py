"""Classes: made once, read back, and every fault named with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.course import CourseFault, paths
from grading.passwords import hash_secret, verify_secret
from grading.roster import Person, class_codes, create_class, read_class

PEOPLE = [Person("t1", "王老师（演示）", "teacher", "x"), Person("p1", "学生一", "pupil", "y")]


def test_a_class_is_read_as_it_was_made(own_data: Path) -> None:
    made = create_class("g7c1", "七年级一班", 7, PEOPLE)
    assert read_class("g7c1") == made
    assert [person.id for person in made.pupils] == ["p1"]
    assert class_codes() == ["g7c1"]
    assert (made.folder / "roster.csv").stat().st_mode & 0o077 == 0, "others on the machine cannot read the roster"


def test_making_a_class_again_keeps_its_configuration(own_data: Path) -> None:
    made = create_class("g7c1", "七年级一班", 7, PEOPLE)
    (made.folder / "nbgrader_config.py").write_text("# 老师自己写的\n", encoding="utf-8")
    create_class("g7c1", "七年级 1 班", 7, PEOPLE)
    assert (made.folder / "nbgrader_config.py").read_text(encoding="utf-8") == "# 老师自己写的\n"


@pytest.mark.parametrize("code", ["", "七一", "../x", "A B", "x" * 40])
def test_a_code_that_is_no_folder_name_is_refused(own_data: Path, code: str) -> None:
    with pytest.raises(CourseFault, match="班级代号"):
        create_class(code, "班", 7, PEOPLE)


def test_a_pupils_id_that_is_no_folder_name_is_refused(own_data: Path) -> None:
    with pytest.raises(CourseFault, match="账号"):
        create_class("g7c1", "班", 7, [Person("../p1", "学生", "pupil")])


def test_a_missing_class_and_a_damaged_one_say_what_to_do(own_data: Path) -> None:
    with pytest.raises(CourseFault, match="class list"):
        read_class("none")
    made = create_class("g7c1", "班", 7, PEOPLE)
    (made.folder / "class.yml").write_text("title: [", encoding="utf-8")
    with pytest.raises(CourseFault, match="g7c1"):
        read_class("g7c1")


def test_one_function_names_every_folder_of_nbgrader(own_data: Path) -> None:
    where = paths("g7c1", "j7-03", "p1")
    root = own_data / "classes" / "g7c1"
    assert where.submitted == root / "submitted" / "p1" / "j7-03"
    assert where.release == root / "release" / "j7-03" and where.gradebook == root / "gradebook.db"
    assert paths(Path("/elsewhere"), "j7-03").source == Path("/elsewhere/source/j7-03")


def test_a_secret_is_kept_as_a_hash() -> None:
    stored = hash_secret("天鹅")
    assert "天鹅" not in stored and stored != hash_secret("天鹅")
    assert verify_secret("天鹅", stored) and not verify_secret("小船", stored)
    assert not verify_secret("天鹅", "damaged") and not verify_secret("天鹅", "")
