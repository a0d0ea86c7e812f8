"""What a release takes out of a cell, and that everything else in the cell stays as the author wrote it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.checks import self_tests
from courses.lesson import Cell, Lesson

OPTIONS = '[("圆的", True, "对，像扇子。"), ("尖的", False, "再看看边。")]'
KEPT = (("圆的", True, "对，像扇子。"), ("尖的", False, "再看看边。"))


def lesson_of(*sources: str) -> Lesson:
    return Lesson("j7-99", Path("j7-99-x"), None, cells=tuple(Cell("code", source, 1) for source in sources))


def released(*sources: str) -> list[str]:
    lesson = lesson_of(*sources)
    return [self_tests.released(lesson, cell) for cell in lesson.cells]


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f'choice("", "哪一枚？", options={OPTIONS})', 'choice("", "哪一枚？")'),
        (f"choice('q', '哪一枚？',\n    options={OPTIONS},\n    pinyin=True)", "choice('q', '哪一枚？', pinyin=True)"),
        (f'choice("", options={OPTIONS}, question="哪一枚？")', 'choice("", question="哪一枚？")'),
        (f'choice("", "哪一枚？", options=({OPTIONS[1:-1]}), **more)', 'choice("", "哪一枚？", **more)'),
        (
            f'from kits import widgets\nwidgets.choice("", "哪一枚？", options={OPTIONS})',
            'widgets.choice("", "哪一枚？")',
        ),
        (
            f'一 = "扇贝"; choice(name, "哪一枚？", options={OPTIONS}); print(一)  # 看',
            '一 = "扇贝"; choice(name, "哪一枚？"); print(一)  # 看',
        ),
        (
            f'a = choice("", "甲？", options={OPTIONS}); b = choice("", "乙？", options={OPTIONS})',
            'a = choice("", "甲？"); b = choice("", "乙？")',
        ),
        (
            f'%matplotlib inline\nif 1:\n    choice("", "哪" "一枚？", options=[  # 一\n{OPTIONS[1:-1]}])\nprint(1)',
            '%matplotlib inline\nif 1:\n    choice("", "哪" "一枚？")\nprint(1)',
        ),
    ],
)
def test_the_options_go_and_all_else_stays(written: str, left: str) -> None:
    (found,) = released(written)
    assert found.endswith(left)
    assert "扇子" not in found and "True, " not in found


def test_it_is_known_under_the_name_a_lesson_gives_it() -> None:
    call = f'ask("", "哪一枚？", options={OPTIONS})'
    assert released("from kits.widgets import choice as ask", call)[1] == 'ask("", "哪一枚？")'
    assert released("from other import ask", call)[1] == call


@pytest.mark.parametrize(
    "written",
    [
        'choice("first", "哪一个？", options=["甲", "乙"])',
        'choice("first", "哪一个？", options=names)',
        f'choice("", f"{{n}} 枚？", options={OPTIONS})',
        'choice("", "哪一枚？", options=[(f"{n} 枚", True, "对"), ("没有", False, "再数")])',
        'choice("", "哪一枚？", options=[("甲", True, "对"), "乙"])',
        'choice("", "哪一枚？", options=[("甲", 1, "对"), ("乙", 0, "错")])',
        "rng.choice(options, size=3)",
        "choice(",
    ],
)
def test_what_has_no_key_or_cannot_be_taken_out_stays_as_it_is(written: str) -> None:
    assert released(written) == [written]
    assert self_tests.questions(lesson_of(written)) == {}


def test_of_two_that_ask_the_same_the_second_stays_unless_its_options_are_the_same() -> None:
    first, other = (
        f'choice("", "甲？", options={OPTIONS})',
        f'choice("", "甲？", options={OPTIONS.replace("圆", "扁")})',
    )
    assert released(first, other, first) == ['choice("", "甲？")', other, 'choice("", "甲？")']
    assert self_tests.questions(lesson_of(first, other)) == {"甲？": KEPT}


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
OPTION = st.tuples(TEXT, st.booleans(), TEXT)


@given(st.lists(st.tuples(TEXT, st.lists(OPTION, min_size=1, max_size=4)), max_size=3), TEXT)
def test_the_released_cell_asks_the_same_questions_and_the_file_has_their_options(
    asked: list[Any], beside: str
) -> None:
    lines = [f"{beside!r}; choice('', {question!r}, options={options!r}); {beside!r}" for question, options in asked]
    lesson = lesson_of("\n".join(lines))
    tree = ast.parse(self_tests.released(lesson, lesson.cells[0]))
    left = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    kept = self_tests.questions(lesson)
    assert [ast.literal_eval(call.args[1]) for call in left] == [question for question, _ in asked]
    for call, (question, options) in zip(left, asked, strict=True):
        assert bool(call.keywords) == (kept[question] != tuple(options))
