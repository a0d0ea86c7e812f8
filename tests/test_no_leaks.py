"""No secret stands in any byte of any product; and each gate, switched off, lets its canary be found."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from build_paths import build_dir
from courses import own_files, products
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson
from courses.reference_run import reference_run, reference_runs
from grading import assignment, autograde, feedback
from grading.course import class_dir, paths
from grading.roster import Person, create_class
from kits import questions
from tests.unpack import found_in

CANARY = Path(__file__).parent / "canary"
SOLUTION, HIDDEN, KEY, SCHEME, OUTPUT = "zqsolution", "zqhidden", "zqkey", "潜水艇", "zqoutput"
REPLY = "zqreply"
MISTAKES = ["zqmistake", "zqalso", "zqshows", "zqhint"]
CANARIES = [SOLUTION, HIDDEN, KEY, SCHEME, OUTPUT, REPLY, *MISTAKES]


@pytest.fixture(scope="module")
def canary() -> Lesson:
    lesson = read_lesson(CANARY / "grade-07" / "j7-99-canary")
    assert not lesson.findings
    return lesson


def write_products(lesson: Lesson, folder: Path) -> None:
    """What leaves the house: the released folder and the page with its public outputs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "release.ipynb").write_text(nbformat.writes(products.release(lesson)), encoding="utf-8")
    page = products.page(lesson, reference_run(lesson).outputs)
    (folder / "page.ipynb").write_text(nbformat.writes(page), encoding="utf-8")
    files = [(name, path.read_bytes()) for name, path in own_files.public_files(lesson)]
    for name, content in [*files, *products.made_files(lesson)]:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def test_the_canaries_are_in_the_source(canary: Lesson, tmp_path: Path) -> None:
    (tmp_path / "source.ipynb").write_text(nbformat.writes(products.source(canary)), encoding="utf-8")
    assert set(found_in(tmp_path, CANARIES)) == {SOLUTION, HIDDEN, KEY, SCHEME}
    assert set(found_in(canary.folder, CANARIES)) == set(CANARIES) - {OUTPUT}, "the output is only made by running"


def test_no_canary_leaves_the_house(canary: Lesson, tmp_path: Path) -> None:
    write_products(canary, tmp_path)
    assert not found_in(tmp_path, CANARIES)


@pytest.mark.parametrize(
    ("off", "word"),
    [
        # A mark scheme has two gates: its cell is a solution cell as well.
        ({"ClearSolutions", "ClearMarkScheme"}, SOLUTION),
        ({"ClearSolutions", "ClearMarkScheme"}, SCHEME),
        ({"ClearHiddenTests"}, HIDDEN),
        ({"ClearHiddenTests"}, KEY),
    ],
)
def test_a_gate_switched_off_is_noticed(
    canary: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: set[str], word: str
) -> None:
    steps = tuple(step for step in products.RELEASE_STEPS if step not in off)
    monkeypatch.setattr(products, "RELEASE_STEPS", steps)
    (tmp_path / "release.ipynb").write_text(nbformat.writes(products.release(canary)), encoding="utf-8")
    assert word in found_in(tmp_path, CANARIES)


def test_outputs_of_graded_cells_need_their_gate(
    canary: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "is_public", lambda lesson, number: True)
    write_products(canary, tmp_path)
    assert set(found_in(tmp_path, CANARIES)) == {OUTPUT}


def test_self_tests_need_their_gate(canary: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "code_for", lambda lesson, cell: cell.source)
    write_products(canary, tmp_path)
    assert set(found_in(tmp_path, CANARIES)) == {REPLY}


def test_mistakes_need_their_gate(canary: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [(path.name, path) for path in sorted(canary.folder.glob("*.md"))]
    monkeypatch.setattr(own_files, "public_files", lambda lesson: files)
    write_products(canary, tmp_path)
    assert set(MISTAKES) <= set(found_in(tmp_path, CANARIES))


@pytest.mark.slow
def test_the_class_and_its_feedback_hold_no_secret(
    canary: Lesson, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through nbgrader: release, exchange, and the feedback of a pupil who wrote a typical mistake."""
    monkeypatch.setenv("HAIKE_ROOTS", str(CANARY))
    create_class("leak", "泄漏班", 7, [Person("p1", "学生", "pupil")])
    where = paths("leak", "j7-99", "p1")
    assignment.generate(canary, class_dir("leak"))
    assignment.release("j7-99", class_dir("leak"))
    assert not found_in(where.release, CANARIES)
    assert not found_in(own_data / "exchange", CANARIES)

    notebook = nbformat.read(where.release / "j7-99.ipynb", as_version=4)
    answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "secret")
    answer.source = "def secret(word):\n    return 2"
    where.submitted.mkdir(parents=True)
    nbformat.write(notebook, where.submitted / "j7-99.ipynb")
    (where.submitted / "submission_secret.txt").write_text("0" * 128)
    (where.submitted / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC")
    (result,) = autograde.autograde("j7-99", class_dir("leak"))
    assert (result.problem, result.score) == ("", 1)
    reference_run(canary)  # a check has run the typical mistakes; feedback itself starts none
    ((page,),) = [one.pages for one in feedback.feedback("j7-99", class_dir("leak"))]
    text = page.read_text(encoding="utf-8")
    assert "换了一个词，你数出了 2 个字" in text, "the hidden test's message is public to whoever fails it"
    assert "换一个长一点的词试试。" in text, "the hint of the recognised mistake"
    assert not found_in(page.parent, [SOLUTION, HIDDEN, KEY, SCHEME, *MISTAKES, "HIDDEN TESTS", "Traceback"])
    assert "http" not in text and "<script" not in text


@pytest.mark.slow
def test_the_site_holds_no_secret(canary: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way of the book, the real runner's outputs included: derived sources, pages, search index."""
    from book.build import build_site

    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    site = build_site([canary])
    assert "藏好的词不出门" in (site / "lessons" / "j7-99.html").read_text(encoding="utf-8")
    assert not found_in(site, CANARIES)
    assert not found_in(tmp_path / "build" / "book", CANARIES)


def secret_lines(lesson: Lesson) -> set[str]:
    """Every line of the lesson's real secrets that is long enough to be told apart from ordinary code."""
    lines: set[str] = set()
    shown = "\n".join(cell.source for cell in products.release(lesson).cells)
    for cell in lesson.cells:
        inside = False
        for line in cell.source.split("\n"):
            if "### BEGIN" in line:
                inside = True
            elif "### END" in line:
                inside = False
            elif inside:
                lines.add(line.strip())
    lines |= {mistake.hint for mistake in lesson.mistakes} | {mistake.shows for mistake in lesson.mistakes}
    return {line for line in lines if len(line) >= 14 and line not in shown}


@pytest.mark.parametrize("lesson", read_all(), ids=lambda lesson: lesson.id)
def test_no_line_of_a_real_secret_is_in_a_product(lesson: Lesson, tmp_path: Path) -> None:
    write_products(lesson, tmp_path)
    lines = sorted(secret_lines(lesson))
    assert lines, "a lesson without secrets would make this test say nothing"
    # In a notebook a quotation mark stands escaped.
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    assert not found_in(tmp_path, [*lines, *escaped])


def written_options(lesson: Lesson) -> list[tuple[str, bool, str]]:
    """(text, right, hint) of each option in the lesson, however it is written."""
    trees = (ast.parse(cell.source) for cell in lesson.cells if "choice(" in cell.source)
    rows = [node.elts for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Tuple)]
    found = [tuple(part.value for part in row if isinstance(part, ast.Constant)) for row in rows]
    return [(row[0], row[1], row[2]) for row in found if tuple(map(type, row)) == (str, bool, str)]


@pytest.mark.parametrize("lesson", read_all(), ids=lambda lesson: lesson.id)
def test_no_key_of_a_self_test_is_readable_in_a_product(lesson: Lesson, tmp_path: Path) -> None:
    write_products(lesson, tmp_path)
    (tmp_path / "source.ipynb").write_text(nbformat.writes(products.source(lesson)), encoding="utf-8")
    options = written_options(lesson)
    assert options or lesson.stage.code_hidden
    hints = {hint for _, _, hint in options}
    escaped = {hint.replace('"', '\\"') for hint in hints}
    assert not found_in(tmp_path, sorted(hints | escaped))
    for name in ("source", "release", "page"):
        for cell in nbformat.read(tmp_path / f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code" and "choice(" in cell.source:
                assert not {"True", "False"} & set(re.findall(r"\w+", cell.source))
    found = [tuple(option) for own in kept_questions(tmp_path).values() for option in own]
    assert found == options, "and nothing is lost"


def kept_questions(folder: Path) -> dict[str, list]:
    path = folder / questions.FILE
    listed = questions.unseal(path.read_text("ascii").strip())["questions"] if path.exists() else []
    return {one["question"]: one["options"] for one in listed}


@pytest.mark.slow
def test_no_line_of_a_real_secret_is_on_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page, script and index of the whole site against every line of every lesson's secrets."""
    from book.build import build_site
    from courses.checks.leaks import leaks

    lessons = read_all()
    reference_runs(lessons)
    shutil.copytree(build_dir() / "reference", tmp_path / "build" / "reference")
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    site = build_site(lessons)
    pages = [(str(path.relative_to(site)), path.read_bytes()) for path in sorted(site.rglob("*")) if path.is_file()]
    texts = [(name, data) for name, data in pages if name.endswith((".html", ".js", ".json", ".css", ".svg", ".txt"))]
    assert len(texts) > 3 * len(lessons)
    assert not [finding for lesson in lessons for finding in leaks(lesson, texts)]


@pytest.mark.slow
def test_feedback_of_a_real_class_shows_no_line_of_a_hidden_test(own_data: Path) -> None:
    """The demo class has one pupil with right answers and one with a typical mistake in each exercise."""
    from grading.demo_class import make_demo_classes

    lesson = next(lesson for lesson in read_all() if lesson.id == "j7-03")
    make_demo_classes([lesson], lambda secret: "x")
    assignment.collect(lesson.id, class_dir("demo7"))
    results = {result.pupil: result for result in autograde.autograde(lesson.id, class_dir("demo7"))}
    assert results["xiaocheng"].score > results["xiaorong"].score and not any(r.problem for r in results.values())
    pages = [page for one in feedback.feedback(lesson.id, class_dir("demo7")) for page in one.pages]
    assert len(pages) == 2
    hidden = [line for line in secret_lines(lesson) if any(line in source for source in hidden_sources(lesson))]
    assert hidden
    for page in pages:
        assert not found_in(page.parent, [*hidden, "HIDDEN TESTS", "Traceback"])


def hidden_sources(lesson: Lesson) -> list[str]:
    return [cell.source for exercise in lesson.exercises for cell in exercise.tests]
