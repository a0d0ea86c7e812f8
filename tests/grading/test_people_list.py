"""Lists as schools write them: everything a spreadsheet does is understood, everything else is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.people_list import PeopleList, read_people

HEAD = "id,name,role,password\n"
BOTH = [("p1", "李明", "pupil", "x1"), ("t1", "王老师", "teacher", "abc")]


def read(tmp_path: Path, content: str | bytes) -> PeopleList:
    path = tmp_path / "名单.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_people(path, "password")


def people(found: PeopleList) -> list[tuple[str, ...]]:
    return [(row.id, row.name, row.role, row.word) for row in found.rows]


PLAIN = HEAD + "p1,李明,pupil,x1\nt1,王老师,teacher,abc\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("gb18030"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace(",", "，"),
        PLAIN.replace("p1,李明,", "p1，李明，"),
        PLAIN.replace(",", ";"),
        HEAD + "Ｐ１,李明　, pupil ,x1\nT1,王老师,Teacher,abc\n",
        HEAD + "p1,李明,学生,x1\nt1,王老师,老师,abc\n",
        "编号,姓名,身份,密码\np1,李明,学生,x1\nt1,王老师,教师,abc\n",
        "序号,密码,ID,Name,Role,备注\n1,x1,p1,李明,pupil,\n2,abc,t1,王老师,teacher,班主任\n",
        HEAD + "p1,李明,pupil,x1\nt1,王老师,teacher,abc\n,,,\n,,,\n",
        HEAD + "\n ,　,,\np1,李明,pupil,x1\n\nt1,王老师,teacher,abc\n",
        PLAIN.replace("\n", ",,,\n"),
        PLAIN.replace("李明", "\u200b李明").replace("x1", "x1\u00a0"),
        PLAIN.replace("李明", '"李明"'),
        "\n\n" + PLAIN,
        PLAIN.rstrip("\n"),
    ],
)
def test_what_a_spreadsheet_writes_is_understood(content: str | bytes, tmp_path: Path) -> None:
    found = read(tmp_path, content)
    assert found.faults == () and people(found) == BOTH


def test_a_name_with_a_comma_or_on_two_lines_stays_whole(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + 'p1,"Smith, John",pupil,x\np2,"李\n明",pupil,y\na b,三,pupil,z\n')
    assert [row.name for row in found.rows] == ["Smith, John", "李 明"]
    assert [line for line, _ in found.faults] == [5], "lines are counted as an editor counts them"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "缺少 id、name、role、password"),
        ("id,name\np1,x\n", 1, "缺少 role、password"),
        ("id,name,role,secret\np1,x,pupil,y\n", 1, "缺少 password"),
        (HEAD + "p1,,pupil,x\n", 2, "缺少 name"),
        (HEAD + ",李明,pupil,x\n", 2, "缺少 id"),
        (HEAD + "../p1,李明,pupil,x\n", 2, "账号“../p1”"),
        (HEAD + "a/b,李明,pupil,x\n", 2, "账号“a/b”"),
        (HEAD + ".ssh,李明,pupil,x\n", 2, "账号“.ssh”"),
        (HEAD + "李明,李明,pupil,x\n", 2, "账号“李明”"),
        (HEAD + "2.02E+11,李明,pupil,x\n", 2, "账号“2.02E+11”"),
        (HEAD + "grader-c7,李明,pupil,x\n", 2, "账号“grader-c7”"),
        (HEAD + "p1,李明,班长,x\n", 2, "role 写了“班长”"),
        (HEAD + "p1,李明,pupil,x\nP1,王芳,pupil,y\n", 3, "账号 p1 在第 2 行已经有了"),
        (HEAD + "p1,Smith, John,pupil,x\n", 2, "多了几格"),
        (HEAD + 'p1,"李明,pupil,x\np2,王芳,pupil,y\n', 2, "引号没有配对"),
        ((HEAD + "p1,李明,pupil,x\n").encode().replace("李".encode(), b"\xe6\x9d"), 2, "读不出来"),
        (b"PK\x03\x04\x14\x00", 1, "Excel 工作簿"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line(content: str | bytes, line: int, said: str, tmp_path: Path) -> None:
    faults = read(tmp_path, content).faults
    assert [(where, said in sentence) for where, sentence in faults if said in sentence] == [(line, True)], faults


def test_one_bad_row_leaves_the_others_and_all_faults_come_at_once(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "a b,一,pupil,x\np2,二,pupil,y\np3,,班长,z\n")
    assert [row.id for row in found.rows] == ["p2"]
    assert [line for line, _ in found.faults] == [2, 4, 4]


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    assert "没有名单文件" in read_people(tmp_path / "none.csv", "password").faults[0][1]
    assert "文件夹" in read_people(tmp_path, "password").faults[0][1]
