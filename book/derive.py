"""Lessons and hand-written pages → build/book/, the only folder Sphinx reads. Nothing secret ever stands in it.

Each page is a source (`lessons/j7-03.ipynb`, `plans/j7-03.md`, …) and a data file of the same name (`.json`) that
its template is filled from. A file is only written when its content changes, so Sphinx reads and writes only what
is new.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from book import MARKER
from book import resource_column as column
from book.lesson_notebook import book_notebook
from book.page_fault import PageFault
from book.unchanged import Made, page_key
from build_paths import write_atomically
from courses import markdown, products
from courses.curriculum import Curriculum, CurriculumEntry, read_curriculum
from courses.knowledge import KnowledgeMap, read_knowledge
from courses.lesson import Lesson
from courses.own_files import CARD_PICTURE, picture_at
from courses.plan_table import class_hours, mode_minutes, read_plan, section_minutes
from courses.reference_run import reference_runs
from fault import Fault
from kits.widgets import embed

HERE = Path(__file__).parent
KITS = HERE.parent / "kits"
#: The hand-written pages and the template of each.
PAGES = {
    "index": "home.html",
    "catalogue": "catalogue.html",
    "family": "family.html",
    "teachers": "teachers.html",
    "engine": "page.html",
    "judge": "page.html",
    "about": "page.html",
    "safety": "safety.html",
}

#: Which lesson's files were made from what.
RECORD = ".made.json"

PageOf = Callable[[Lesson], NotebookNode]
#: progress(done, total, what)
Progress = Callable[[int, int, str], None]


def pages_of(lessons: Sequence[Lesson], progress: Progress | None = None) -> PageOf:
    """The lessons' page notebooks, with the public outputs of their reference runs, which are kept in a store."""
    able = [lesson for lesson in lessons if lesson.front]
    try:
        runs = reference_runs(able, progress, variants=False)
    except Fault as fault:  # it begins with the lesson's path
        culprit = next((lesson for lesson in able if str(fault).startswith(str(lesson.folder))), None)
        if culprit is None:
            raise
        raise PageFault(culprit.id, str(fault)) from fault
    return lambda lesson: products.page(lesson, runs[lesson.id].outputs)


@dataclass
class Derived:
    """What one derivation is made from, and the files it has written or found unchanged."""

    target: Path
    curriculum: Curriculum
    knowledge: KnowledgeMap
    entries: list[CurriculumEntry]
    kept: set[Path] = field(default_factory=set)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.target / name
        self.kept.add(path)
        data = content.encode() if isinstance(content, str) else content
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data)

    def write_data(self, name: str, data: Any) -> None:
        self.write(name, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True))

    def sweep(self) -> None:
        """Take away files of lessons that are gone."""
        for path in sorted(self.target.rglob("*"), reverse=True):
            if path.is_file() and path not in self.kept:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def derive(
    lessons: Sequence[Lesson],
    target: Path,
    *,
    page: PageOf | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write all sources of the book into `target`; lessons that cannot be read (no front matter) are left out."""
    curriculum = read_curriculum()
    written = [lesson for lesson in lessons if lesson.front]
    book = Derived(target, curriculum, read_knowledge(), curriculum.entries(written))
    book.write(MARKER, "This folder is derived from the lessons; edit them, not this.\n")
    cards = column.in_order([column.make_card(lesson, curriculum) for lesson in written], book.entries)
    by_id = {lesson.id: lesson for lesson in written}
    ordered = [by_id[card.id] for card in cards]
    made = Made(target / RECORD)
    keys = {lesson.id: page_key(lesson, column.neighbours(lesson, book.entries, book.knowledge)) for lesson in ordered}
    still = {} if page else {lesson.id: made.still(lesson.id, keys[lesson.id]) for lesson in ordered}
    page = page or pages_of([lesson for lesson in ordered if not still[lesson.id]], progress)
    for lesson, card in zip(ordered, cards, strict=True):
        if files := still.get(lesson.id):
            book.kept |= files
            continue
        before = set(book.kept)
        try:
            derive_lesson(book, lesson, card, page(lesson))
        except OSError:
            raise
        except Exception as error:  # whatever it is that this lesson holds  # noqa: BLE001
            raise PageFault(lesson.id, f"{type(error).__name__}: {error}") from error
        made.add(lesson.id, keys[lesson.id], book.kept - before)
    if still:
        made.save()
        book.kept.add(made.record)
    derive_pages(book, cards)
    book.write("_toc.yml", table_of_contents(cards))
    derive_assets(book)
    book.sweep()
    return target


def derive_lesson(book: Derived, lesson: Lesson, card: column.Card, page: NotebookNode) -> None:
    assert lesson.front is not None

    def widget(spec: dict[str, Any], uid: str) -> str:
        return embed.widget_html(spec, uid, lesson=lesson.id)

    shaped = book_notebook(page, lesson, widget)
    texts = [cell.source for cell in shaped.notebook.cells if cell.cell_type == "markdown"]
    shown = set().union(*(take_pictures(book, lesson, "lessons", text) for text in texts))
    card_picture = picture_at(lesson.folder, CARD_PICTURE)
    rows = read_plan(lesson.texts.get("teacher.md", ""))
    before, after = column.neighbours(lesson, book.entries, book.knowledge)
    about = {
        "card": card.as_data(),
        "young": lesson.stage.read_aloud,
        "pinyin": lesson.stage.pinyin,
        "points_hidden": lesson.stage.points_hidden,
        "subjects": lesson.front.subjects,
        "minutes": sum(row.minutes for row in rows),
        "data": data_notes(lesson),
    }
    common = {"lesson": about, "id": lesson.id}
    book.write(f"lessons/{lesson.id}.ipynb", nbformat.writes(shaped.notebook))
    book.write_data(f"lessons/{lesson.id}.json", common | {
        "template": "lesson.html",
        "show_picture": bool(card_picture) and card_picture not in shown,
        "section_minutes": [section_minutes(hour) for hour in class_hours(rows)],
        "points": shaped.points,
        "map": column.point_map(lesson, book.knowledge),
        "gloss": [] if about["young"] else [
            {"name": book.knowledge[point].name, "gloss": book.knowledge[point].gloss}
            for point in lesson.front.knowledge if point in book.knowledge
        ],
        "before": [asdict(one) for one in before],
        "after": [asdict(one) for one in after],
        "modules_html": embed.modules_html(shaped.modules),
    })  # fmt: skip
    write_text_page(book, lesson, "plans", "teacher.md", f"教案：{lesson.title}")
    book.write_data(f"plans/{lesson.id}.json", common | {
        "template": "plan.html",
        "plan": [{"start": row.start, "minutes": row.minutes, "mode": row.mode} for row in rows],
        "modes": list(mode_minutes(rows).items()),
        "objectives": list(lesson.front.objectives.items()),
        "needs": lesson.front.needs,
    })  # fmt: skip
    write_text_page(book, lesson, "sheets", "sheet.md", f"学习单：{lesson.title}")
    book.write_data(f"sheets/{lesson.id}.json", common | {"template": "sheet.html"})


def write_text_page(book: Derived, lesson: Lesson, place: str, file: str, title: str) -> None:
    text = titled(lesson.texts.get(file, ""), title)
    take_pictures(book, lesson, place, text)
    book.write(f"{place}/{lesson.id}.md", text)


def titled(text: str, title: str) -> str:
    """The text without front matter, under one first-level heading."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL).strip()
    if re.match(r"# ", text):
        text = text.partition("\n")[2].strip()
    return f"# {title}\n\n{text}\n"


def take_pictures(book: Derived, lesson: Lesson, place: str, text: str) -> set[Path]:
    """Copy the pictures a text shows beside its page (book/page_gates.py leads to them); which ones these are."""
    shown = {path for one in markdown.pictures(text) if (path := picture_at(lesson.folder, one.address))}
    for path in shown:
        book.write(f"{place}/{lesson.id}/{path.relative_to(lesson.folder).as_posix()}", path.read_bytes())
    return shown


def data_notes(lesson: Lesson) -> list[str]:
    """One line for each data set: its name, whether it is real or simulated, its licence, what to keep in mind."""
    notes = []
    for slug in lesson.front.data if lesson.front else []:
        places = [lesson.folder / "data" / slug / "card.yml", KITS / "datasets" / slug / "card.yml"]
        path = next((place for place in places if place.is_file()), None)
        card = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
        if isinstance(card, dict):
            facts = [f"{card.get('kind', '')}数据", str(card.get("licence", "")), str(card.get("size", ""))]
            about = "，".join(fact for fact in facts if fact)
            notes.append(f"{card.get('title', slug)}：{about}。{card.get('note', '')}")
    return notes


def derive_pages(book: Derived, cards: list[column.Card]) -> None:
    curriculum = book.curriculum
    data: dict[str, dict[str, Any]] = {name: {"template": template} for name, template in PAGES.items()}
    card_data = [card.as_data() for card in cards]
    data["index"] |= {
        "cards": card_data,
        "total": len(book.entries),
        "groups": list(column.grade_groups(curriculum).items()),
        "forms": list(column.FORMS.values()),
        "directions": list(column.DIRECTIONS),
    }
    data["catalogue"] |= {"stages": column.catalogue(cards, book.entries, curriculum), "total": len(book.entries)}
    data["family"] |= {"cards": card_data}
    data["teachers"] |= {"cards": [
        card.as_data() | {"modes": json.loads((book.target / "plans" / f"{card.id}.json").read_text("utf-8"))["modes"]}
        for card in cards
    ]}  # fmt: skip
    for name in PAGES:
        book.write(f"{name}.md", (HERE / "pages" / f"{name}.md").read_text(encoding="utf-8"))
        book.write_data(f"{name}.json", data[name])
    # What the search page says of each hit, so that it need not fetch the pages (a browser refuses that on file://).
    notes = {}
    for card in cards:
        notes[f"lessons/{card.id}"] = {"summary": card.summary, "grade": card.grade}
        notes[f"plans/{card.id}"] = notes[f"sheets/{card.id}"] = {"summary": "", "grade": card.grade}
    book.write_data("search-notes.json", notes)


def table_of_contents(cards: list[column.Card]) -> str:
    documents = [name for name in PAGES if name != "index"]
    documents += [f"{place}/{card.id}" for card in cards for place in ("lessons", "plans", "sheets")]
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": name} for name in documents]}
    return yaml.safe_dump(toc, allow_unicode=True, sort_keys=False)


def derive_assets(book: Derived) -> None:
    """Files every page shares and that other rooms own: colours, the widgets' host, the bundled font."""
    book.write("assets/tokens.css", (KITS / "widgets" / "tokens.css").read_bytes())
    book.write("assets/host.js", embed.host_js())
    for path in sorted((HERE / "assets").iterdir()):
        if path.is_file():
            book.write(f"assets/{path.name}", path.read_bytes())
    font = KITS / "fonts" / "HaikeSansSC.otf"
    if font.is_file():
        book.kept.add(book.target / "assets" / font.name)
        target = book.target / "assets" / font.name
        if not target.is_file() or target.stat().st_size != font.stat().st_size:
            shutil.copyfile(font, target)
