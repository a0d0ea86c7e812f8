"""Part of the points: a number is a number however it is written; what is none never is full marks in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from grading.autograde import autograde
from grading.part_of_points import as_known, number_in, settle_cell
from tests.grading import small_course
from tests.grading.small_course import given, graded

NUMBERS = {
    "1.5": 1.5, "2": 2, "1e-1": 0.1, "np.float64(1.5)": 1.5, "np.float32(0.25)": 0.25, "np.int64(2)": 2,
    "array(1.5)": 1.5, "Decimal('1.50')": 1.5, "Fraction(3, 2)": 1.5, "3/2": 1.5, "mpf('0.5')": 0.5,
    "tensor(2)": 2, "tensor(1.5000, dtype=torch.float64)": 1.5, "Array(1.5, dtype=float32, weak_type=True)": 1.5,
    "np.float64(-1.0)": -1,
}  # fmt: skip
NO_NUMBERS = (
    "'2'", "对", "(0, 2)", "[1.5]", "array([2])", "(1+0j)", "True", "None", "Text(0.5, 1.0, '2')", "range(0, 2)",
    "[<matplotlib.lines.Line2D at 0x7f00>]", "<Level.A: 1>", "Fraction(1, 0)", "KNeighborsClassifier(n_neighbors=2)",
)  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_a_number_however_it_is_written(text: str) -> None:
    assert number_in(text) == NUMBERS[text]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_none(text: str) -> None:
    assert number_in(text) is None


#: (what a test shows, what the reference shows there: None where that is not known) → the score of 2, a word to the
#: teacher. The empty text is no result at all.
JUDGED = {
    ("0", "2"): (0, ""),
    ("np.float64(0.0)", "np.float64(2.0)"): (0, ""),
    ("np.float64(1.5)", "2"): (1.5, ""),
    ("np.float64(1.5)", None): (1.5, ""),
    ("Decimal('1')", "2"): (1, ""),
    ("True", "True"): (2, ""),
    ("True", None): (2, ""),
    ("np.True_", "2"): (2, "np.True_"),
    ("False", "True"): (0, "False"),
    ("np.False_", None): (0, "np.False_"),
    ("False", "False"): (2, ""),
    ("-1", "2"): (0, "-1"),
    ("-1", "-1"): (2, ""),
    ("nan", "2"): (2, "nan"),
    ("'错'", "'对'"): (2, "错"),
    ("(0, 2)", "2"): (2, "(0, 2)"),
    ("1j", "2"): (2, "1j"),
    ("'对'", "'对'"): (2, ""),
    ("[<Line2D at 0x7f>]", "[<Line2D at 0x12>]"): (2, ""),
    ("np.float64(0.2)", "np.float64(0.2)"): (2, ""),  # ends with a value that is no score, for the teacher as well
    ("np.float64(50.0)", None): (2, "50"),
    ("", "2"): (2, "没有显示结果"),
    ("", ""): (2, ""),
    ("", None): (2, ""),
}


@pytest.mark.parametrize("case", JUDGED)
def test_what_a_test_shows_is_judged(case: tuple[str, str | None]) -> None:
    text, expected = case
    outputs = [new_output("execute_result", {"text/plain": text})] if text else []
    cell = new_code_cell("points", outputs=outputs)
    cell.metadata.nbgrader = {"grade_id": "t", "grade": True, "solution": False, "points": 2}
    words = settle_cell(cell, as_known(expected) if expected is not None else None)
    score, told = JUDGED[case]
    assert (determine_grade(cell)[0], bool(words)) == (score, bool(told)) and told in words


@pytest.mark.parametrize("data", [{"text/html": "<b>2</b>"}, {"text/plain": ""}])
def test_a_result_without_text_costs_nobody_the_hand_in(data: dict[str, str]) -> None:
    cell = new_code_cell("points", outputs=[new_output("execute_result", data)])
    cell.metadata.nbgrader = {"grade_id": "t", "grade": True, "solution": False, "points": 2}
    assert settle_cell(cell, "2")
    assert determine_grade(cell)[0] == 2


@pytest.mark.slow
def test_a_class_is_graded_by_what_its_tests_show(tmp_path: Path) -> None:
    cells = [
        given("import numpy as np\nimport matplotlib.pyplot as plt"),
        graded("### BEGIN SOLUTION\ndef f(v):\n    return v\n### END SOLUTION", "f"),
        graded("np.mean([f(1) == 1, f(2) == 2]) * 2", "mean", 2),
        graded("'对' if f(1) == 1 else '错'", "word", 1),
        graded("assert f(3) == 3\nplt.plot([1, 2])", "plot", 1),
        graded("f(4) == 4", "yes", 3),
    ]
    pupils = {"right": "v", "half": "1", "wrong": "0", "nothing": "None"}
    own = {pupil: {"f": f"def f(v):\n    return {value}"} for pupil, value in pupils.items()}
    results = {one.pupil: one for one in autograde("ps1", small_course.make(tmp_path / "course", cells, own))}
    scores = {pupil: [cell.score for cell in one.cells] for pupil, one in results.items()}
    assert scores == {
        "right": [2, 1, 1, 3], "half": [1, 1, 0, 0], "wrong": [0, 1, 0, 0], "nothing": [0, 1, 0, 0],
    }  # fmt: skip
    told = {pupil: sorted(flag.words[:8] for flag in one.flags) for pupil, one in results.items()}
    assert not told["right"] and told["wrong"] == told["nothing"] == ["word 的结果", "yes 的结果是"]
