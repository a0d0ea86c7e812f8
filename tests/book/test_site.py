"""What stands in the built site: pages, links, boxes, and no secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from book.build import BookError, build_site
from build_paths import ROOT
from tests.book.tiny_book import building_in, stand_in_page
from tests.unpack import every_byte

#: Without zqoutput: these pages are built without running the lessons (tests/test_no_leaks.py runs them).
CANARIES = ("zqsolution", "zqhidden", "zqkey", "潜水艇", "zqmistake", "zqalso", "zqshows", "zqhint")
FOREIGN = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//|url\(["']?https?:|import\s*\(?["']https?:""")
LOADING = {"src", "href", "srcset", "poster", "data", "action"}


def page(site: Path, name: str) -> html.HtmlElement:
    return html.fromstring((site / name).read_text(encoding="utf-8"))


def test_every_lesson_has_its_three_pages(site: Path) -> None:
    for lesson in ("p2-99", "j7-99"):
        for place in ("lessons", "plans", "sheets"):
            assert (site / place / f"{lesson}.html").is_file()
    for name in ("index", "catalogue", "family", "teachers", "about", "safety", "search"):
        assert (site / f"{name}.html").is_file()


def test_every_link_leads_somewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for element in html.fromstring(path.read_text(encoding="utf-8")).iter():
            for name, value in element.attrib.items():
                if name not in LOADING or value.startswith(("data:", "#")) or not value:
                    continue
                parts = urlsplit(value)
                assert not parts.scheme and not parts.netloc, f"{path.name}: {value} leads away from the site"
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                assert target.is_file(), f"{path.name}: {value} leads nowhere"
                if parts.fragment and target.suffix == ".html":
                    assert f'id="{parts.fragment}"' in target.read_text(encoding="utf-8"), f"{path.name}: {value}"


def test_no_file_asks_another_machine(site: Path) -> None:
    for path in site.rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert not FOREIGN.search(text), path


def test_a_card_carries_what_the_filter_asks(site: Path) -> None:
    card = page(site, "index.html").xpath('//article[.//a[text()="贝壳有几种"]]')[0]
    assert card.get("data-grade") == "1" and card.get("data-local") == "1" and card.get("data-form") == "玩一玩"
    assert "写威海" in card.text_content() and "二年级" in card.text_content()


def test_planned_lessons_are_listed_by_stage(site: Path) -> None:
    text = page(site, "catalogue.html").text_content()
    assert "编写中" in text and "小机器人听见海了吗" in text
    stages = [stage.get("aria-label") for stage in page(site, "catalogue.html").xpath('//section[@class="b-stage"]')]
    assert stages == ["学前", "小学", "初中", "高中", "中职", "师资"]


def test_headings_become_boxes_and_navigation_with_minutes(site: Path) -> None:
    lesson = page(site, "lessons/p2-99.html")
    steps = lesson.xpath('//nav[@aria-label="本课"]/a')
    links = {link.text: (link.xpath("string(small)"), link.get("href")) for link in steps}
    assert links["引入"][0] == "0-5 分" and links["体验"][0] == "5-35" and links["小结"][0] == "35-40"
    assert lesson.get_element_by_id(links["家庭"][1][1:]).get("class").split()[-1] == "b-step-home"


def test_exercise_cards_show_their_points(site: Path) -> None:
    cards = page(site, "lessons/j7-99.html").xpath('//section[contains(@class, "b-ex-must")]')
    assert [card.xpath('string(.//*[contains(@class, "b-points")])') for card in cards] == ["3 分", "1 分"]


def test_young_readers_get_pinyin_but_the_search_reads_characters(site: Path) -> None:
    text = (site / "lessons/p2-99.html").read_text(encoding="utf-8")
    assert re.search(r"<ruby>贝<rt>bèi</rt></ruby>", text)
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert "贝壳" in terms and "bèi" not in "".join(terms)


def test_the_lessons_picture_is_drawn_in_the_page(site: Path) -> None:
    drawn = page(site, "lessons/p2-99.html").xpath('//figure[@class="b-drawing"]/svg')
    assert drawn[0].get("aria-label") == "桶里三枚贝壳"
    ids = re.findall(r'\bid="([^"]+)"', (site / "index.html").read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_a_page_is_slim(site: Path) -> None:
    text = (site / "lessons/j7-99.html").read_text(encoding="utf-8").lower()
    for heavy in ("fontawesome", "mathjax", "thebe", "require.js", "embed-amd", "jquery", 'type="module"'):
        assert heavy not in text
    assert not (site / "_sources").exists()


def test_no_canary_in_any_byte(build_folder: Path) -> None:
    for name, data in every_byte(build_folder):
        for canary in CANARIES:
            # The search index spells Chinese as \\uXXXX.
            for spelled in (canary.encode(), canary.encode("unicode_escape")):
                assert spelled not in data, f"{canary} stands in {name}"


def test_plan_table_is_well_set(site: Path) -> None:
    plan = page(site, "plans/p2-99.html")
    rows = plan.xpath('//table[contains(@class, "b-plan")]/tbody/tr')
    modes = [row.xpath('string(td[contains(@class, "b-mode")])').strip() for row in rows]
    assert modes == ["讨论", "屏幕", "纸面", "讨论"]
    assert "屏幕 15 分" in plan.text_content()


def test_a_second_build_reads_nothing_again(build_folder: Path, lessons) -> None:
    with building_in(build_folder):
        build_site(lessons, page=stand_in_page)
    log = (build_folder / "book-work" / "sphinx.log").read_text(encoding="utf-8")
    assert "0 added, 0 changed, 0 removed" in log
    assert "writing output... [" not in log


def test_a_failing_build_keeps_the_last_site(build_folder: Path, lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    site = build_folder / "site"
    before = (site / "index.html").read_bytes()
    broken = Path(build_folder / "book" / "_toc.yml")
    monkeypatch.setattr("book.derive.table_of_contents", lambda cards: "format: jb-book\nroot: nowhere\n")
    with building_in(build_folder), pytest.raises(BookError, match="原来的网页还在"):
        build_site(lessons, page=stand_in_page)
    assert broken.is_file() and (site / "index.html").read_bytes() == before
    monkeypatch.undo()
    with building_in(build_folder):
        build_site(lessons, page=stand_in_page)
    assert (site / "lessons" / "p2-99.html").is_file()


def test_a_region_mark_is_never_published(build_folder: Path, lessons) -> None:
    def leaking(lesson):
        notebook = stand_in_page(lesson)
        notebook.cells[-1].source += "\n\n`### BEGIN SOLUTION`"
        return notebook

    with building_in(build_folder), pytest.raises(BookError, match="没有发布"):
        build_site(lessons, page=leaking)
    assert "BEGIN SOLUTION" not in (build_folder / "site/lessons/j7-99.html").read_text(encoding="utf-8")
    with building_in(build_folder):
        build_site(lessons, page=stand_in_page)


@pytest.mark.parametrize("what", [".", "lesson.md"])
def test_plain_jupyter_book_is_refused_in_chinese(tmp_path: Path, what: str) -> None:
    """Tried on a copy of the root's two files beside a lesson with canaries, so that the work tree stays clean."""
    for name in ("_config.yml", "_toc.yml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    canary = next((ROOT / "tests" / "canary").glob("*/*/lesson.md"))
    (tmp_path / "lesson.md").write_bytes(canary.read_bytes())
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(tmp_path / what)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode != 0
    assert "./haike book build" in done.stdout + done.stderr
    built = b"".join(data for _, data in every_byte(tmp_path / "_build")) if (tmp_path / "_build").exists() else b""
    assert not [canary for canary in CANARIES if canary.encode() in built]


def test_search_notes_know_every_page(build_folder: Path) -> None:
    notes = json.loads((build_folder / "book" / "search-notes.json").read_text(encoding="utf-8"))
    assert notes["lessons/p2-99"]["grade"] == "二年级" and "plans/j7-99" in notes
