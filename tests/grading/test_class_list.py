"""A class from a teacher's list, and again from a newer one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.class_list import import_list
from grading.course import CourseFault, open_course
from grading.passwords import verify_secret
from grading.picture_passwords import PICTURES, from_words, in_words, picture_password
from grading.roster import read_class

HEAD = "id,name,role,password\n"
TEACHER = "t1,王老师,teacher,abc\n"


@pytest.fixture
def listed(tmp_path: Path):
    def write(*rows: str) -> Path:
        path = tmp_path / "名单.csv"
        path.write_text(HEAD + TEACHER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write


def said(fault: pytest.ExceptionInfo[CourseFault]) -> list[str]:
    return [line.split("名单.csv:")[1] for line in str(fault.value).splitlines()]


def test_a_newer_list_keeps_title_and_grade_and_says_who_is_gone(own_data: Path, listed) -> None:
    first = import_list("k18", listed("p1,李明,pupil,1", "p3,赵六,pupil,3"), "高一二班", 10)
    work = first.made.folder / "submitted" / "p3" / "s10-01" / "s10-01.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("做好的", encoding="utf-8")
    again = import_list("k18", listed("p1,李明,pupil,1", "p2,张红,pupil,2"))
    assert (again.made.title, again.made.grade) == ("高一二班", 10)
    assert read_class("k18") == again.made
    told = "\n".join(again.sentences())
    assert "新来的：p2 张红" in told and "名单上不再有：p3 赵六" in told
    assert work.read_text(encoding="utf-8") == "做好的", "nobody's work goes with a name"
    assert "新来" not in "".join(first.sentences()) and "不再有" not in "".join(first.sentences())


def test_a_command_names_the_rows_it_went_on_without(own_data: Path, listed) -> None:
    from typer.testing import CliRunner

    from grading.cli import app

    folder = import_list("c1", listed("p1,李明,pupil,1")).made.folder
    roster = folder / "roster.csv"
    roster.write_text(roster.read_text(encoding="utf-8") + "a b,赵六,pupil,x\n", encoding="utf-8")
    open_course(folder).gradebook.close()
    for words in (["list"], ["scores", "--class", "c1", "--to", str(own_data / "成绩.csv")]):
        said = CliRunner().invoke(app, words)
        assert said.exit_code == 0 and "roster.csv:4  账号“a b”不能用" in said.output, said.output


def test_title_and_grade_can_be_changed_one_at_a_time(own_data: Path, listed) -> None:
    import_list("k18", listed(), "高一二班", 10)
    assert import_list("k18", listed(), title="高一三班").made.grade == 10
    renewed = import_list("k18", listed(), grade=0).made
    assert (renewed.title, renewed.grade) == ("高一三班", 0)
    assert import_list("k18", listed(), grade="voc").made.grade == "voc"


def test_an_empty_password_keeps_the_old_one_also_from_another_class(own_data: Path, listed) -> None:
    import_list("c1", listed("p1,李明,pupil,haike-1"))
    import_list("c1", listed("p1,李明,pupil,"))
    import_list("c2", listed("p1,李明,pupil,"))
    for code in ("c1", "c2"):
        assert verify_secret("haike-1", read_class(code).pupils[0].secret)
    with pytest.raises(CourseFault) as fault:
        import_list("c2", listed("p1,李明,pupil,", "p9,新同学,pupil,"))
    assert said(fault) == ["4  缺少 password。补上再试。"]


def test_an_account_of_somebody_else_is_refused(own_data: Path, listed) -> None:
    import_list("c1", listed("01,李明,pupil,1"))
    with pytest.raises(CourseFault) as fault:
        import_list("c2", listed("01,王芳,pupil,2", "02,赵六,pupil,3"))
    assert len(said(fault)) == 1 and "在班级 c1 里是学生“李明”" in said(fault)[0]
    assert [one.id for one in import_list("c2", listed("02,赵六,pupil,3")).made.people] == ["t1", "02"]


def test_another_name_on_an_account_is_pointed_out(own_data: Path, listed) -> None:
    import_list("c1", listed("p1,李明,pupil,1"))
    told = "\n".join(import_list("c1", listed("p1,王芳,pupil,1")).sentences())
    assert "账号 p1 原来叫“李明”，现在叫“王芳”" in told


def test_a_class_that_cannot_be_read_is_made_anew_only_when_all_of_it_is_given(own_data: Path, listed) -> None:
    folder = import_list("c1", listed("p1,李明,pupil,1"), "一班", 3).made.folder
    (folder / "class.yml").write_text("title: [", encoding="utf-8")
    with pytest.raises(CourseFault, match="class.yml:1"):
        import_list("c1", listed("p1,李明,pupil,1"))
    assert import_list("c1", listed("p1,李明,pupil,1"), "一班", 3).made == read_class("c1")
    (folder / "roster.csv").unlink()
    assert import_list("c1", listed("p1,李明,pupil,1")).made.title == "一班"


def test_a_picture_password_is_written_in_words(own_data: Path, listed) -> None:
    done = import_list("c1", listed("p1,李明,pupil,天鹅、小船、灯塔", "p2,张红,pupil,12345"), grade=1)
    assert verify_secret(picture_password("swan", "boat", "lighthouse"), done.made.pupils[0].secret)
    assert verify_secret("12345", done.made.pupils[1].secret)
    assert [line for line in done.sentences() if "只能打字登录：p2 张红" in line]


def test_picture_passwords_are_three_of_the_pictures() -> None:
    assert picture_password("swan", "boat", "lighthouse") == "swan-boat-lighthouse"
    for wrong in (("swan", "boat"), ("swan", "boat", "tiger")):
        with pytest.raises(ValueError):
            picture_password(*wrong)
    assert from_words("天鹅 小船，灯塔") == from_words("swan-boat-lighthouse") == "swan-boat-lighthouse"
    assert from_words("天鹅小船") == from_words("") == from_words("haike-1") == in_words("haike-1") == ""
    assert in_words("swan-boat-lamp") == "天鹅、小船、灯笼"


def test_every_picture_is_drawn() -> None:
    from kits.widgets import cast

    assert {drawing for _, drawing in PICTURES.values()} <= set(cast.names())
