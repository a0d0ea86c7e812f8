"""What has not changed is not made again, and what a change touches is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from book import build, derive
from book.search_words import SearchWords
from book.unchanged import Made
from courses.lesson import Lesson
from courses.reading import read_all
from tests.book.tiny_book import building_in, stand_in_page

LESSONS = Path(__file__).parent / "lessons"


@pytest.fixture
def set_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pages that have been derived, and runs of Sphinx; nothing is run or set."""
    seen: list[str] = []

    def page(lesson: Lesson) -> object:
        seen.append(lesson.id)
        return stand_in_page(lesson)

    @contextmanager
    def sphinx(source: Path, work: Path) -> Iterator[Callable[[object], None]]:
        def run(say: object) -> None:
            seen.append("sphinx")
            (work / "html").mkdir(exist_ok=True)
            (work / "html" / "index.html").write_text((source / "index.json").read_text(encoding="utf-8"))

        yield run

    monkeypatch.setattr(derive, "pages_of", lambda *_: page)
    monkeypatch.setattr(build, "typesetting", sphinx)
    return seen


def build_twice(root: Path, seen: list[str]) -> list[str]:
    build.build_site(read_all([root]))
    seen.clear()
    build.build_site(read_all([root]))
    return seen


def test_with_nothing_changed_nothing_is_done(tmp_path: Path, set_again: list[str]) -> None:
    with building_in(tmp_path / "build"):
        assert build_twice(LESSONS, set_again) == []
        (tmp_path / "build" / "site" / "index.html").write_text("somebody was here", encoding="utf-8")
        build.build_site(read_all([LESSONS]))
        assert set_again == ["sphinx"]


def test_a_changed_lesson_is_derived_again_alone_and_its_card_changes(tmp_path: Path, set_again: list[str]) -> None:
    root = Path(shutil.copytree(LESSONS, tmp_path / "own"))
    (model,) = (path.parent for path in root.glob("*/*/lesson.md"))
    other = Path(shutil.copytree(model, model.with_name(model.name.replace("p2-99", "p2-98"))))
    path = other / "lesson.md"
    path.write_text(path.read_text(encoding="utf-8").replace("p2-99", "p2-98"), encoding="utf-8")
    with building_in(tmp_path / "build"):
        build_twice(root, set_again)
        text = path.read_text(encoding="utf-8")
        title = next(line for line in text.splitlines() if line.startswith("  title:"))
        path.write_text(text.replace(title, "  title: 一枚新贝壳"), encoding="utf-8")
        build.build_site(read_all([root]))
        assert set_again == ["p2-98", "sphinx"]
        cards = json.loads((tmp_path / "build" / "book" / "index.json").read_text(encoding="utf-8"))["cards"]
        assert "一枚新贝壳" in {card["title"] for card in cards}
        (tmp_path / "build" / "book" / "lessons" / "p2-99.ipynb").unlink()
        set_again.clear()
        shutil.rmtree(other)
        build.build_site(read_all([root]))
        assert set_again == ["p2-99", "sphinx"]
        assert not list((tmp_path / "build" / "book").rglob("p2-98*"))


def test_files_of_another_size_were_made_by_somebody_else(tmp_path: Path) -> None:
    file = tmp_path / "page"
    file.write_text("whole", encoding="utf-8")
    made = Made(tmp_path / "record.json")
    made.add("page", "key", [file])
    made.save()
    assert Made(tmp_path / "record.json").still("page", "key") == {file}
    assert Made(tmp_path / "record.json").still("page", "another key") == set()
    file.write_text("cut", encoding="utf-8")
    assert Made(tmp_path / "record.json").still("page", "key") == set()
    (tmp_path / "record.json").write_text("[", encoding="utf-8")
    assert Made(tmp_path / "record.json").known == {}


def test_the_search_stems_as_sphinx_does_without_a_list() -> None:
    from sphinx.search.zh import SearchChinese

    ours, theirs = SearchWords({}), SearchChinese({})
    text = "机器学习 learning AIs k-means 最近邻 nearest running"
    words = ours.split(text)
    assert words == theirs.split(text)
    assert [ours.stem(word) for word in words] == [theirs.stem(word) for word in words]
    assert "learning" in ours.latin_terms and isinstance(ours.latin_terms, set)
