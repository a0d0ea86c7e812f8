"""Classes: made once, read back, and every fault named with its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grading.course import CourseFault, paths
from grading.passwords import hash_secret, verify_secret
from grading.roster import Person, class_codes, create_class, read_class, read_rosters

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


def spoil(own_data: Path, name: str, text: str | bytes, code: str = "g7c1") -> None:
    (own_data / "classes" / code / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def told(own_data: Path) -> list[str]:
    return [fault.split("classes/")[1] for fault in read_rosters().faults]


def test_reading_names_every_fault_and_keeps_what_is_good(own_data: Path) -> None:
    secret = hash_secret("haike")
    create_class("g7c1", "一班", 7, [Person("p1", "学生一", "pupil", secret)])
    create_class("g7c2", "二班", 7, [Person("p2", "学生二", "pupil", secret)])
    rows = f"id,name,role,secret\nP1,一,学生,{secret}\na b,二,pupil,{secret}\np3,三,pupil,haike\n"
    spoil(own_data, "roster.csv", rows)
    spoil(own_data, "class.yml", "title: 二班\n", "g7c2")
    rosters = read_rosters()
    assert [(each.code, [one.id for one in each.people]) for each in rosters.classes] == [("g7c1", ["p1", "p3"])]
    assert [fault.split("。")[0] for fault in told(own_data)] == [
        "g7c1/roster.csv:3  账号“a b”不能用",
        "g7c1/roster.csv:4  p3 没有可用的密码，登录不了",
        "g7c2/class.yml:1  年级没有写",
    ]
    assert read_class("g7c1").faults == rosters.faults[:2], "the hub and a teacher's command read alike"


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("", ":1  是空的"),
        ("title: [", ":1  不是正确的 YAML"),
        ("title: 班\ngrade: 13\n", ":2  年级写了“13”"),
        ("title: 班\ngrade: 七\n", ":2  年级写了“七”"),
        ("title: 班\ngrade: true\n", ":2  年级写了“True”"),
        ("grade: 7\ncode: g7c2\n", ":2  code 写的是“g7c2”，文件夹却叫 g7c1"),
        ("title: 班".encode("gb18030"), ":1  不是 UTF-8"),
    ],
)
def test_a_class_yml_that_cannot_be_used_is_said_with_its_line(own_data: Path, about: str | bytes, said: str) -> None:
    create_class("g7c1", "一班", 7, PEOPLE)
    spoil(own_data, "class.yml", about)
    assert read_rosters().classes == () and any(said in fault for fault in told(own_data)), told(own_data)
    with pytest.raises(CourseFault, match="class.yml"):
        read_class("g7c1")


@pytest.mark.parametrize(("written", "grade"), [("voc", "voc"), ("VOC", "voc"), ("'7'", 7), ("０", 0), ("12", 12)])
def test_a_grade_is_understood_as_it_is_written(own_data: Path, written: str, grade: object) -> None:
    create_class("g7c1", "一班", 7, PEOPLE)
    spoil(own_data, "class.yml", f"grade: {written}\n")
    assert read_class("g7c1").grade == grade and read_class("g7c1").title == "g7c1"


def test_a_teacher_teaches_several_classes_and_guests_are_known_teachers(own_data: Path) -> None:
    wang, secret = Person("wang", "王老师", "teacher", hash_secret("x")), hash_secret("y")
    create_class("g7c1", "一班", 7, [wang, Person("p1", "学生一", "pupil", secret)])
    create_class("g7c2", "二班", 7, [Person("p2", "学生二", "pupil", secret)])
    create_class("g7c3", "三班", 7, [wang])
    spoil(own_data, "class.yml", "grade: 7\nteachers: wang, li, p1\n", "g7c2")
    rosters = read_rosters()
    assert [each.teachers for each in rosters.classes] == [["wang"], ["wang"], ["wang"]]
    assert [fault.split("。")[0] for fault in told(own_data)] == [
        "g7c2/class.yml:2  老师 li 不在任何名单里", "g7c2/class.yml:2  老师 p1 不在任何名单里",
    ]  # fmt: skip
    assert not rosters.is_teacher("p1") and [each.code for each in rosters.classes_of("wang")] == class_codes()


def test_a_pupil_may_be_in_two_classes_but_an_account_is_one_person(own_data: Path) -> None:
    secret = hash_secret("x")
    create_class("g7c1", "一班", 7, [Person("p1", "学生一", "pupil", secret), Person("01", "李明", "pupil", secret)])
    create_class("g7c2", "二班", 7, [Person("p1", "学生一", "pupil", secret), Person("01", "王芳", "pupil", secret)])
    create_class("g7c3", "三班", 7, [Person("p1", "学生一", "teacher", secret)])
    rosters = read_rosters()
    assert [each.code for each in rosters.classes_of("p1")] == ["g7c1", "g7c2"] and not rosters.is_teacher("p1")
    assert [person.name for person in rosters.people("01")] == ["李明"]
    assert [fault.split("。")[0] for fault in told(own_data)] == [
        "g7c2/roster.csv:3  账号 01 在班级 g7c1 里是学生“李明”",
        "g7c3/roster.csv:2  账号 p1 在班级 g7c1 里是学生“学生一”",
    ]


def test_reading_rosters_imports_no_nbgrader() -> None:
    code = "import grading.class_list, sys; assert not {'nbgrader', 'pydantic', 'jupyter_client'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


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
    assert verify_secret("ｈａｉ－１", hash_secret("hai-1")), "a Chinese keyboard's letters are the same password"


@pytest.mark.parametrize("stored", ["", "海带-7", "scrypt$1$2", "md5$16384$8$1$AA==$AA==", "scrypt$x$8$1$AA==$AA=="])
def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    assert not verify_secret("海带-7", stored)
