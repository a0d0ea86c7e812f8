"""The judge: what is right passes however it is written, what is wrong is told without the expected value."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kits import judge

PICTURES = np.arange(20).reshape(5, 2, 2)


@pytest.fixture
def pupil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give the notebook a function, or any other name."""

    def give(**names: Any) -> None:
        for name, value in names.items():
            monkeypatch.setitem(vars(sys.modules["__main__"]), name, value)

    return give


def fault(*arguments: Any, **wanted: Any) -> str:
    """The sentence a check fails with; empty where it passes."""
    try:
        judge.check(*arguments, **wanted)
    except AssertionError as error:
        return str(error)
    return ""


#: What a pupil returns, what is wanted of it.
RIGHT = {
    "number": (3, {"equals": 3}),
    "whole decimal": (3.0, {"equals": 3}),
    "numpy's number": (np.int64(3), {"equals": 3}),
    "numpy's truth": (np.bool_(True), {"equals": True}),
    "small rest": (0.1 + 0.2, {"equals": 0.3}),
    "near": (25.4999, {"near": 25.5, "within": 0.01}),
    "one of": (0.1, {"among": [0.08, 0.1]}),
    "tuple": ((1, 2), {"equals": [1, 2]}),
    "array": (np.array([[1, 2], [3, 4]]), {"equals": [[1, 2], [3, 4]]}),
    "array is wanted": ([1.0, 2.0], {"near": np.array([1, 2])}),
    "numbers in a list": ([np.float64(0.25), 1], {"near": [0.25, 1]}),
    "dict": ({"a": np.int64(1)}, {"equals": {"a": 1}}),
    "Decimal": (Decimal("0.5"), {"equals": 0.5}),
    "Fraction": (Fraction(1, 4), {"near": 0.25}),
    "text": ("海草", {"equals": "海草"}),
    "nothing is wanted": (None, {"equals": None}),
}


@pytest.mark.parametrize(("value", "wanted"), RIGHT.values(), ids=RIGHT)
def test_a_right_answer_passes_however_it_is_written(pupil: Any, value: Any, wanted: dict[str, Any]) -> None:
    pupil(f=lambda *_: value)
    assert fault("f", 1, **wanted) == ""


#: What a pupil returns, what is wanted of it, what is said.
WRONG = {
    "nothing": (None, {"equals": 2}, "f(1) 交回来的是 None。函数没有走到 return，或者 return 后面没有值。"),
    "another number": (3, {"equals": 2}, "f(1) 交回来的是 3，不对。"),
    "text": ("2", {"equals": 2}, "f(1) 交回来的是 '2'，要交回一个整数，这里是一个文字。"),
    "text of a truth": ("False", {"equals": False}, "f(1) 交回来的是 'False'，要交回 True 或 False，这里是一个文字。"),
    "truth for a number": (True, {"equals": 1}, "f(1) 交回来的是 True，要交回一个整数，这里是 True 或 False。"),
    "number for a truth": (1, {"equals": True}, "f(1) 交回来的是 1，要交回 True 或 False，这里是一个整数。"),
    "a little less": (25.4999, {"near": 25.5, "within": 1e-5}, "f(1) 交回来的是 25.4999，不对。"),
    "text for a number": ("24", {"near": 24}, "f(1) 交回来的是 '24'，要交回一个数，这里是一个文字。"),
    "no number": (float("nan"), {"near": 1.0}, "f(1) 交回来的是 nan，不对。"),
    "endless": (float("inf"), {"near": 1.0}, "f(1) 交回来的是 inf，不对。"),
    "too few": ([1, 2], {"equals": [1, 2, 3]}, "f(1) 交回来的是 [1, 2]，要交回 3 个，这里有 2 个。"),
    "third": ([1, 2, 4], {"equals": [1, 2, 3]}, "f(1) 交回来的是 [1, 2, 4]，第 3 个是 4，不对。"),
    "two of three": (
        [7, 2, 8],
        {"equals": [1, 2, 3]},
        "f(1) 交回来的是 [7, 2, 8]，第 1 个是 7，不对，后面还有 1 个也不对。",
    ),
    "one of many": ([0] * 70 + [5], {"equals": [0] * 71}, "f(1) 交回来的是一列 71 个，第 71 个是 5，不对。"),
    "in a table": (
        [[1, 2], [3, 5]],
        {"equals": [[1, 2], [3, 4]]},
        "f(1) 交回来的是 [[1, 2], [3, 5]]，第 2 行第 2 个是 5，不对。",
    ),
    "inner": ([[1], [2]], {"equals": [[1], [3]]}, "f(1) 交回来的是 [[1], [2]]，第 2 行第 1 个是 2，不对。"),
    "a picture": (PICTURES[0], {"equals": 2}, "f(1) 交回来的是 [[0, 1], [2, 3]]，要交回一个整数，这里是一列。"),
    "long": (list(range(99)), {"equals": 2}, "f(1) 交回来的是一列 99 个，要交回一个整数，这里是一列。"),
    "function": (len, {"equals": 2}, "f(1) 交回来的是一个函数，要交回一个整数，这里是一个函数。"),
    "key": ({"a": 1}, {"equals": {"b": 1}}, "f(1) 交回来的是 {'a': 1}，不对。"),
    "of a key": ({"a": 1}, {"equals": {"a": 2}}, "f(1) 交回来的是 {'a': 1}，'a' 那一项是 1，不对。"),
    "none of them": (3, {"among": [1, 2]}, "f(1) 交回来的是 3，不对。"),
}


@pytest.mark.parametrize(("value", "wanted", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_told_what_came_back(pupil: Any, value: Any, wanted: dict[str, Any], said: str) -> None:
    pupil(f=lambda *_: value)
    assert fault("f", 1, **wanted) == said
    assert fault("f", 1, **wanted, hint="再看看图").endswith(f"{said}再看看图。")


def test_the_call_is_written_as_a_pupil_would(pupil: Any) -> None:
    pupil(nearest=lambda pictures, new: 0)
    said = fault("nearest", PICTURES * 1000, PICTURES[0], equals=2)
    assert said.startswith("nearest(5×2×2 个数, [[0, 1], [2, 3]]) 交回来的是 0")
    said = fault("nearest", [PICTURES * 1000, PICTURES[0]], [[1] * 40, [2]], equals=2)
    assert said.startswith("nearest(一列 2 个, 一列 2 个) 交回来的是 0")


def test_what_the_function_does_to_its_arguments_stays_with_it(pupil: Any) -> None:
    pupil(f=lambda numbers: numbers.sort() or numbers[0])
    numbers = [3, 1, 2]
    assert fault("f", numbers, equals=1) == "" and numbers == [3, 1, 2]


def test_a_certain_wrong_value_has_its_own_words(pupil: Any) -> None:
    pupil(f=lambda value: value)
    words: dict[Any, str] = {0: "擂主换过吗？", (1, 0): "只看了第一只"}
    assert fault("f", np.int64(0), equals=2, hint="再找找", when=words).endswith("不对。擂主换过吗？")
    assert fault("f", [1, 0], equals=[2, 3], hint="再找找", when=words).endswith(
        "第 1 个是 1，不对，后面还有 1 个也不对。只看了第一只。"
    )
    assert fault("f", 1, equals=2, hint="再找找", when=words).endswith("不对。再找找。")


def test_a_certain_wrong_value_is_known_by_as_much_as_any(pupil: Any) -> None:
    words = {0.6833: "这是答对的", 24: "误剔那一笔加了没有？"}
    pupil(f=lambda value: value)
    assert (
        fault("f", 41 / 60, near=0.3, within=0.001, when=words)
        == "f(0.6833333333333333) 交回来的是 0.6833，不对。这是答对的。"
    )
    assert fault("f", 24.0, near=25.5, when=words) == "f(24.0) 交回来的是 24，不对。误剔那一笔加了没有？"


@pytest.mark.parametrize("within", [1, 0.01, 0.001, 1e-9])
@given(value=st.floats(-1e4, 1e4), away=st.floats(1.01, 3))
def test_a_number_that_is_wrong_never_looks_right(within: float, value: float, away: float) -> None:
    """It is told by as many digits as tell it from the wanted one; the last ones of a long sum are left out."""
    assert judge.told(value + away * within, within) != judge.told(value, within)
    assert judge.told([0.1 + 0.2, 2.0], within=1e-9) == " [0.3, 2]"


def test_arguments_may_be_given_by_name(pupil: Any) -> None:
    def bill(bad: list[int], miss: int = 12, waste: float = 1.5) -> float:
        bad.clear()
        return miss

    pupil(bill=bill)
    said = fault("bill", [1], near=15, named={"miss": 40, "waste": 3}, keeps=True)
    assert said == "bill([1], miss=40, waste=3) 交回来的是 40，不对。"
    assert fault("bill", [1], near=40, named={"miss": 40}) == "" and judge.returned("bill", [1], miss=40) == 40
    assert "交给它的数变了" in fault("bill", [1], near=40, named={"miss": 40}, keeps=True)
    assert "交给它的数变了" in fault("bill", near=12, named={"bad": [1]}, keeps=True)


def test_what_stops_may_have_the_authors_words(pupil: Any) -> None:
    pupil(f=lambda numbers: numbers[9], g=lambda: missing)  # type: ignore[name-defined]  # noqa: F821
    assert fault("f", [1], equals=1, stops="序号不能超出张数") == "f([1]) 没有算完。序号不能超出张数。"
    with pytest.raises(NameError):
        judge.check("g", equals=1, stops="序号不能超出张数")


def test_a_cell_that_cannot_be_read_is_not_told_as_one_that_stops(pupil: Any) -> None:
    pupil(In=["def nearest（a）:\n    return 1", "def nearest_one(a):\n    return 1"])
    said = fault("nearest", 1, equals=1, stops="序号不能超出张数")
    assert said == "写 nearest 的那一格，Python 还读不懂：先看那一格的红字，把第 1 行改好。"


def test_what_is_no_number_is_left_alone_as_well(pupil: Any) -> None:
    pupil(f=lambda numbers: 1)
    assert fault("f", np.array([1, np.nan]), equals=1, keeps=True) == ""


def test_what_must_be_left_alone_is_looked_at_afterwards(pupil: Any) -> None:
    pupil(f=lambda numbers: numbers.sort() or numbers[0], g=min)
    assert fault("f", np.array([3, 1]), equals=1, keeps=True) == "f([3, 1]) 算完以后，交给它的数变了。只看，不改。"
    assert fault("f", [1, 3], equals=1, keeps=True) == "" == fault("g", [3, 1], equals=1, keeps=True)


def test_a_missing_function_is_told_from_one_that_cannot_be_read(pupil: Any) -> None:
    with pytest.raises(NameError) as missing:
        judge.check("nearest", equals=1)
    assert missing.value.name == "nearest"
    pupil(In=["", "x = 1", "def nearest(a, b)\n    return 1"])
    assert fault("nearest", equals=1) == "写 nearest 的那一格，Python 还读不懂：先看那一格的红字，把第 1 行改好。"
    pupil(nearest=[1, 2])
    assert fault("nearest", equals=1) == "nearest 要是一个函数，现在它是 [1, 2]。有没有把别的东西也叫做 nearest？"


def test_what_the_function_raises_is_its_own_error(pupil: Any) -> None:
    pupil(f=lambda numbers: numbers[9])
    with pytest.raises(IndexError):
        judge.check("f", [1], equals=1)


@pytest.mark.parametrize("wanted", [{}, {"equals": 1, "near": 1}, {"among": []}])
def test_a_check_called_wrongly_says_so(pupil: Any, wanted: dict[str, Any]) -> None:
    pupil(f=lambda: 1)
    with pytest.raises(TypeError, match="要 equals、near、among 里的一个"):
        judge.check("f", **wanted)


def test_the_next_task_builds_on_the_pupils_own_value(pupil: Any) -> None:
    pupil(gate=np.float64(0.2), name="海")
    assert (judge.earlier("gate", 1), judge.earlier("name", 1), judge.earlier("none", 1)) == (0.2, 1, 1)


def test_a_reference_stands_in_for_the_time_of_a_test(pupil: Any) -> None:
    main = vars(sys.modules["__main__"])
    pupil(distance=lambda a, b: 0, nearest=lambda a, b: main["distance"](a, b))
    with judge.using(distance=lambda a, b: a - b, other=len):
        assert judge.returned("nearest", 5, 2) == 3
    assert judge.returned("nearest", 5, 2) == 0 and "other" not in main


class Liar(int):
    def __eq__(self, other: object) -> bool:
        return True

    def __abs__(self) -> int:
        return 0

    __hash__ = int.__hash__


class Nothing:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("value", [Liar(3), Nothing(), [Liar(3)], [Nothing()]])
def test_what_says_it_equals_anything_does_not(pupil: Any, value: Any) -> None:
    pupil(f=lambda: value)
    assert fault("f", equals=[2] if isinstance(value, list) else 2) != ""


def test_what_a_function_changes_in_the_judge_does_not_judge_it(pupil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def cheat() -> int:
        for name in ("difference", "plain", "sentence", "all", "abs"):
            monkeypatch.setattr(judge, name, lambda *_, **__: "")
        monkeypatch.setattr("builtins.abs", lambda _: 0)
        return 3

    pupil(f=cheat)
    assert fault("f", equals=2) == "f() 交回来的是 3，不对。"
    assert judge.difference(1, 2, None) == "", "the guard of a run is to see what was changed"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_every_value_equals_itself(value: Any) -> None:
    assert judge.difference(judge.plain(value), judge.plain(value), None) == ""


@given(PLAIN, PLAIN)
def test_no_sentence_is_made_of_what_was_wanted(value: Any, wanted: Any) -> None:
    """But for its kind and its length: these are the same for every value of that kind and length."""
    said = judge.difference(value, wanted, None)
    if not isinstance(wanted, list | dict):
        other = wanted + 1 if type(wanted) in (int, float) else not wanted if isinstance(wanted, bool) else wanted
        if said and judge.difference(value, other, None):
            assert said == judge.difference(value, other, None)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_arrays_and_lists_are_the_same(numbers: list[float]) -> None:
    assert judge.difference(judge.plain(np.array(numbers)), judge.plain(tuple(numbers)), None) == ""


def test_it_needs_the_standard_library_only() -> None:
    code = "import sys; sys.path[:0] = [sys.argv[1]]; from kits import judge; print(*sys.modules)"
    root = str(Path(judge.__file__).parents[1])
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "numpy" not in done.stdout and "IPython" not in done.stdout
