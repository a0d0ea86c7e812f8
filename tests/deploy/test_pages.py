"""What pupils' pages are made of, without a hub."""

import asyncio
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from deploy import child_page, left_kernels, look, page_pinyin
from deploy.my_lessons import LessonFault, MyLesson, MyLessons
from tests.deploy.stand_in import lesson_source

VOILA = "voila/render"


def test_pinyin_stands_over_words_and_not_in_tags():
    page = str(page_pinyin.with_pinyin('<h2 title="小灰">&#23567;&#28784; <code>小</code></h2>'))
    assert '<h2 title="小灰">' in page
    assert "<ruby>小<rt>xiǎo</rt></ruby><ruby>灰<rt>huī</rt></ruby>" in page
    assert "<code>小</code>" in page


def test_words_of_a_file_cannot_bring_html_into_a_page():
    assert "<script>" not in page_pinyin.ruby_where_young(True)("<script>坏</script>")
    assert "<script>" not in page_pinyin.ruby_where_young(False)("<script>坏</script>")


def test_childs_page_has_no_tests_but_keeps_the_widget():
    lesson = lesson_source("p1-03", "日和目", 1)
    shown, _ = child_page.WithoutTests().preprocess(lesson, {})
    assert [cell.cell_type for cell in shown.cells] == ["markdown", "code"]
    assert "Lamp" in shown.cells[1].source


def test_childs_page_fetches_nothing_from_elsewhere():
    config = child_page.page_config({"fullMathjaxUrl": "https://cdn.example/mathjax.js"}, base_url="/user/a/")
    assert config["fullMathjaxUrl"].startswith("/user/a/")


@pytest.mark.parametrize(("as_page", "page"), [(True, VOILA), (False, "notebooks")])
def test_a_lesson_opens_as_a_page_or_as_a_notebook(as_page, page):
    assert MyLesson("c", "x-1", "题", as_page, "new").page == f"{page}/c/x-1/x-1.ipynb"


@pytest.mark.parametrize(
    ("about", "young"), [({"grade": 1}, True), ({"grade": 1, "read_aloud": False}, False), ({}, False)]
)
def test_the_notebook_says_who_reads_it_or_at_least_its_grade(about, young):
    assert child_page.is_young(about) is young


@pytest.mark.parametrize("name", ["..", ".", "../x", "a/b", "", ".ssh", "a\x00"])
def test_names_outside_the_exchange_are_refused(tmp_path, name):
    class Nowhere(MyLessons):
        def all(self, course=None):
            raise AssertionError("must be refused before anybody looks")

    lessons = Nowhere(tmp_path, None)
    with pytest.raises(LessonFault):
        lessons.one(name, "j7-03")
    with pytest.raises(LessonFault):
        lessons.one("demo7", name)


def test_title_and_picture_come_from_the_notebook(tmp_path):
    notebook = lesson_source("p1-03", "日和目", 1)
    notebook.cells[0].source = "# 日和目\n\n![小船](picture.svg)"
    (tmp_path / "p1-03.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    (tmp_path / "picture.svg").write_text("<svg/>")
    row = {"course_id": "demo1", "assignment_id": "p1-03", "status": "released"}
    row["notebooks"] = [{"notebook_id": "p1-03", "path": str(tmp_path / "p1-03.ipynb")}]
    found = MyLessons(tmp_path, None)._lesson(row, None)
    assert (found.title, found.as_page, found.word) == ("日和目", True, "未开始")
    assert found.picture == tmp_path / "picture.svg"


def test_broken_notebook_still_gets_a_card(tmp_path):
    (tmp_path / "p1-03.ipynb").write_text("{", "utf-8")
    row = {"course_id": "demo1", "assignment_id": "p1-03", "status": "released"}
    row["notebooks"] = [{"notebook_id": "p1-03", "path": str(tmp_path / "p1-03.ipynb")}]
    assert MyLessons(tmp_path, None)._lesson(row, None).title == "p1-03"


class Kernels:
    def __init__(self, kernels):
        self.kernels, self.ended = kernels, []

    def list_kernels(self):
        return self.kernels

    async def shutdown_kernel(self, name):
        self.ended.append(name)


class Sessions:
    async def list_sessions(self):
        return [{"kernel": {"id": "notebook"}}]


def test_only_kernels_of_closed_childrens_pages_are_ended():
    now = datetime.now(UTC)
    long_ago = (now - timedelta(minutes=5)).isoformat()
    kernels = Kernels(
        [
            {"id": "closed", "connections": 0, "last_activity": long_ago},
            {"id": "open", "connections": 1, "last_activity": long_ago},
            {"id": "notebook", "connections": 0, "last_activity": long_ago},
            {"id": "just-closed", "connections": 0, "last_activity": now.isoformat()},
        ]
    )
    settings = {"kernel_manager": kernels, "session_manager": Sessions()}
    assert asyncio.run(left_kernels.end_left_kernels(settings, now)) == 1
    assert kernels.ended == ["closed"]


def test_style_sheets_ask_nobody_else_and_fit_old_browsers():
    for more in ((), ("child.css",), ("notebook.css",)):
        sheet = look.style_sheet(*more)
        assert "http" not in sheet.replace("http://www.w3.org", "")
        assert "&:" not in sheet and "& ." not in sheet, "no CSS nesting"
        assert sheet.count("{") == sheet.count("}")
