"""What travels with a lesson: its data and what a pupil sees; nothing of a mark scheme, nothing from outside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rule_cases import STARTER

from courses.lesson import Lesson
from courses.own_files import file_at, public_files, secret_files
from courses.reading import read_lesson
from courses.svg_file import read_svg

SCHEME = "### BEGIN MARK SCHEME\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, folder)
    (tmp_path / "grade-07" / "secret.png").write_bytes(b"secret")
    for name in ("船.png", "答案图.png", "data/sea/card.yml", "data/sea/答案.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def with_texts(folder: Path, shown: str, scheme: str = "") -> Lesson:
    text = (folder / "lesson.md").read_text(encoding="utf-8")
    text = text.replace("## 动手\n", f"{shown}\n\n## 动手\n").replace(SCHEME, f"{SCHEME}{scheme}\n")
    (folder / "lesson.md").write_text(text, encoding="utf-8")
    return read_lesson(folder)


@pytest.mark.parametrize(
    "written",
    ["![船](船.png)", '![船](船.png "题目")', "![船](<船.png>)", "![船](%E8%88%B9.png)", "![船][1]\n\n[1]: 船.png"],
)
def test_a_picture_travels_however_it_is_written(folder: Path, written: str) -> None:
    assert "船.png" in dict(public_files(with_texts(folder, written)))


def test_a_picture_in_code_or_a_comment_does_not(folder: Path) -> None:
    lesson = with_texts(folder, "`![船](船.png)`\n\n~~~\n![船](船.png)\n~~~\n\n<!--\n![船](船.png)\n-->")
    assert list(dict(public_files(lesson))) == ["data/sea/card.yml", "data/sea/答案.png"]


def test_the_pictures_of_a_mark_scheme_are_the_teachers(folder: Path) -> None:
    scheme = '![满分](答案图.png "红线")\n![满分](data/sea/答案.png)\n![船](船.png)'
    lesson = with_texts(folder, "![船](船.png)", scheme)
    assert list(dict(secret_files(lesson))) == ["data/sea/答案.png", "答案图.png"]
    assert list(dict(public_files(lesson))) == ["data/sea/card.yml", "船.png"]


def test_source_holds_the_pictures_of_a_mark_scheme_and_release_does_not(folder: Path, tmp_path: Path) -> None:
    from grading.assignment import generate

    lesson = with_texts(folder, "![船](船.png)", "![满分](答案图.png)\n![满分](../secret.png)")
    for _ in range(2):
        generate(lesson, tmp_path / "course")
    names = {
        place: {path.name for path in (tmp_path / "course" / place).rglob("*.png")} for place in ("source", "release")
    }
    assert names == {"source": {"船.png", "答案.png", "答案图.png"}, "release": {"船.png", "答案.png"}}
    assert not list((tmp_path / "course").rglob("secret*"))


@pytest.mark.parametrize(
    "address",
    ["../secret.png", "..%2Fsecret.png", "%2e%2e/secret.png", "data/../../secret.png", "..\\secret.png",
     "..%5Csecret.png",
     "/etc/boat.png", "//host/boat.png", "C:\\boat.png", "C:/boat.png", "file:///boat.png", "http://host/boat.png", "",
     "attachment:boat.png", "boat%00.png", "link.png", "linked/secret.png"],
)  # fmt: skip
def test_no_address_leads_out_of_the_folder(folder: Path, address: str) -> None:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    assert file_at(folder, address) is None
    lesson = with_texts(folder, f"![秘密](<{address}>)")
    assert list(dict(public_files(lesson))) == ["data/sea/card.yml", "data/sea/答案.png"]


def test_a_link_in_data_that_leads_out_stays_behind(folder: Path) -> None:
    (folder / "data" / "sea" / "data.csv").symlink_to(folder.parent / "secret.png")
    assert "data/sea/data.csv" not in dict(public_files(read_lesson(folder)))


def test_only_pictures_are_taken_for_pictures(folder: Path) -> None:
    lesson = with_texts(folder, "![错](mistakes.md) ![课文](lesson.md)")
    assert not {"mistakes.md", "lesson.md"} & set(dict(public_files(lesson)))


HARM = [
    "<script>x</script>", '<path onclick="x"/>', '<image href="http://a/b.png"/>', '<a href="javascript:x"><path/></a>',
    "<foreignObject><p/></foreignObject>", "<style>@import 'http://a'</style>", '<path style="fill:url(http://a)"/>',
    '<use href="other.svg#a"/>', '<set attributeName="href" to="javascript:x"/>',
]  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_a_drawing_is_cleaned_of_what_runs_or_asks_elsewhere(harm: str) -> None:
    drawing = read_svg(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/>{harm}</svg>')
    assert drawing and drawing.removed and 'd="M0 0"' in drawing.text and "viewBox" in drawing.text
    rest = drawing.text.replace("http://www.w3.org/", "")
    assert not any(word in rest for word in ("script", "onclick", "http:", "import", "foreign", "other.svg"))


def test_a_sound_drawing_stays_as_it_is_and_no_drawing_is_none() -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg"><defs><g id="a"/></defs><use href="#a" style="fill:url(#g)"/></svg>'
    drawing = read_svg(text)
    assert drawing and drawing.text == text and not drawing.removed
    for broken in ("", "<svg", "<html/>", "<svg>&x;</svg>", "PNG"):
        assert read_svg(broken) is None
