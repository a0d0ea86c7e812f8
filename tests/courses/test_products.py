"""Products are pure functions of a lesson: same lesson, same bytes; nbgrader accepts what comes out."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from courses import own_files, products
from courses.lesson import Lesson
from courses.reading import read_all, read_lesson
from courses.reference_run import reference_run

CANARY = Path(__file__).resolve().parents[1] / "canary" / "grade-07" / "j7-99-canary"
LESSONS = read_all()


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return read_lesson(CANARY)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_nbformat_and_nbgrader_accept_source_and_release(lesson: Lesson) -> None:
    for notebook in (products.source(lesson), products.release(lesson)):
        nbformat.validate(notebook)
        validator = MetadataValidator()
        for cell in notebook.cells:
            validator.validate_cell(cell)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_same_lesson_gives_the_same_bytes(lesson: Lesson) -> None:
    assert nbformat.writes(products.release(lesson)) == nbformat.writes(products.release(read_lesson(lesson.folder)))


def test_a_pupil_finds_a_chinese_stub_where_the_solution_stood(lesson: Lesson) -> None:
    answer = next(
        c for c in products.release(lesson).cells if c.metadata.get("nbgrader", {}).get("grade_id") == "secret"
    )
    assert answer.source.splitlines()[2:] == [
        "    # 在这里写你的代码，写好后删掉下一行",
        '    raise NotImplementedError("还没有写")',
    ]


def test_the_author_writes_two_keys_and_the_rest_follows(lesson: Lesson) -> None:
    keys = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader
        for c in products.source(lesson).cells
        if "nbgrader" in c.metadata
    }
    assert (keys["secret"]["solution"], keys["secret"]["grade"]) == (True, False)
    assert (keys["secret-judge"]["grade"], keys["secret-judge"]["points"], keys["secret-judge"]["locked"]) == (
        True,
        2,
        True,
    )
    assert (keys["why"]["grade"], keys["why"]["solution"], keys["why"]["points"]) == (True, True, 2)
    assert keys["guess-judge"]["points"] == 1


def test_a_page_shows_the_graded_widget_and_no_output_of_a_test(lesson: Lesson) -> None:
    page = products.page(lesson, reference_run(lesson).outputs)
    by_role: dict[str, list[str]] = {}
    for cell in page.cells:
        by_role.setdefault(cell.metadata.haike.role, []).extend(
            str(sorted(out.get("data", {}))) for out in cell.get("outputs", [])
        )
    assert any(products.WIDGET_SPEC in keys for keys in by_role["widget"])
    assert not any(products.WIDGET_VIEW in keys for keys in by_role["widget"])
    assert by_role["test"] == [] and by_role["answer"] == []


def test_what_travels_with_the_notebook_is_data_and_the_pictures_it_names(lesson: Lesson) -> None:
    for one in [lesson, *LESSONS]:
        names = [name for name, _ in own_files.public_files(one)]
        assert not {"mistakes.md", "teacher.md", "sheet.md", "lesson.md", "answers.json"} & set(names)


def test_young_readers_get_pinyin_and_no_code() -> None:
    young = next(lesson for lesson in LESSONS if lesson.id == "p1-03")
    notebook = products.release(young)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert all("<ruby>" in text for text in texts)
    shown = [c for c in notebook.cells if c.cell_type == "code" and "nbgrader" not in c.metadata]
    assert all(cell.metadata.jupyter.source_hidden for cell in shown)


def test_the_card_picture_travels_with_its_lesson() -> None:
    for lesson in LESSONS:
        if (lesson.folder / "picture.svg").is_file():
            assert "picture.svg" in dict(own_files.public_files(lesson))
            assert products.release(lesson).metadata.haike.picture == "picture.svg"
