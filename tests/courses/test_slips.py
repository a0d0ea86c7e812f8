"""Slips are seen in wrong code of many kinds, never in right code, and no code at all makes the search stop."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap

import pytest

from courses import python
from courses.lesson import Exercise, Lesson
from courses.reading import find_lesson
from courses.slips import SLIPS, find_slip
from courses.slips.written import Written
from tests.courses.fresh_answers import fresh_answers, lessons_answered


def code(text: str) -> str:
    return textwrap.dedent(text).strip()


TOTAL = code("""
    def total(rows, least):
        s = 0
        for row in rows:
            for n in row:
                if n >= least:
                    s = s + n
        return s
""")
BEST = code("""
    def best(values):
        at = 0
        for i in range(len(values)):
            if values[i] < values[at]:
                at = i
        return at
""")
LOWEST = code("""
    def best(values):
        low = 0
        for v in values:
            if v < low:
                low = v
        return low
""")
RATE = code("""
    def rate(said, true):
        right = 0
        for i in range(len(true)):
            if said[i] == true[i]:
                right = right + 1
        return right / len(true)
""")
MEANS = code("""
    def means(table, folds):
        errors = []
        for f in range(5):
            wrong = 0
            for row in table[folds == f]:
                wrong += row[0]
            errors.append(wrong / len(table))
        return np.mean(errors)
""")
SCALE = code("""
    def scale(train, new):
        mean = train.mean(axis=0)
        return train - mean, new - mean
""")
BILL = code("""
    def pay(bad, out, miss, waste):
        errors = count(bad, out, 1)
        return errors[0] * miss + errors[1] * waste
""")
LESS = code("""
    def less(a, low, high):
        return sum((np.array(a) >= low) & (np.array(a) < high))
""")
FOUND = code("""
    def found(five):
        for d in range(10):
            if five.count(d) >= 4:
                return False
        return True
""")
SORTS = code("""
    def sorts(a, b):
        m = 0
        w = 0
        for i in range(len(a)):
            if a[i] == 1 and b[i] == 0:
                m += 1
            if a[i] == 0 and b[i] == 1:
                w += 1
        return m, w
""")
IF_LESS = "if values[i] < values[at]:\n            at = i"
START, BEGIN = "right = 0\n    for i in range(len(true)):", "for i in range(len(true)):\n        right = 0"
SECOND = "        if a[i] == 0 and b[i] == 1:\n            w"

#: slip → (right code, what a pupil made of it: what was written, and what stands there now)
CASES: dict[str, tuple[str, str, str]] = {
    "two-equals": (RATE, "right = right + 1", "right == right + 1"),
    "plus-after-equals": (RATE, "right = right + 1", "right =+ 1"),
    "and-without-brackets": (LESS, "(np.array(a) >= low) & (np.array(a) < high)", "a >= low & a < high"),
    "return-after-return": (SORTS, "return m, w", "return m\n    return w"),
    "print-for-return": (RATE, "return right / len(true)", "print(right / len(true))"),
    "return-in-the-loop": (RATE, "    return", "        return"),
    "no-return": (RATE, "    return right / len(true)", "    rate = right / len(true)"),
    "return-at-the-first": (SORTS, "w += 1\n    return m, w", "w += 1\n            return m, w"),
    "no-return-at-the-end": (FOUND, "\n    return True", ""),
    "own-value-for-a-parameter": (TOTAL, "s = 0", "s = 0\n    least = 3"),
    "always-the-same": (BEST, "return at", "return 2"),
    "assigned-to-a-call": (MEANS, "append(wrong / len(table))", "append = wrong / len(table)"),
    "break-too-early": (BEST, "at = i\n", "at = i\n            break\n"),
    "compared-with-text": (SORTS, "b[i] == 0", "b[i] == '好'"),
    "if-within-if": (SORTS, SECOND, "            if a[i] == 0 and b[i] == 1:\n                w"),
    "list-replaced": (MEANS, "errors.append(wrong / len(table))", "errors = wrong / len(table)"),
    "given-back-unchanged": (SCALE, "new - mean", "new"),
    "changes-what-was-given": (BEST, "at = i\n", "values[at] = values[i]\n"),
    "never-back-to-zero": (MEANS, "for f in range(5):\n        wrong = 0", "wrong = 0\n    for f in range(5):"),
    "back-to-zero-each-time": (RATE, START, BEGIN),
    "not-added-up": (TOTAL, "s = s + n", "s = n"),
    "one-more-for-which-one": (BEST, "at = i\n", "at = at + 1\n"),
    "smallest-from-zero": (BEST, BEST, LOWEST),
    "else-takes-the-rest": (SORTS, "        if a[i] == 0 and b[i] == 1:", "        else:"),
    "after-the-loop": (SORTS, SECOND, SECOND[4:].replace("\n    ", "\n")),
    "text-for-a-value": (RATE, "right / len(true)", "str(right / len(true)) + '%'"),
    "two-for-one": (BILL, "miss + errors", "miss, errors"),
    "whole-list": (MEANS, "np.mean(errors)", "errors"),
    "whole-number-division": (RATE, "/", "//"),
    "rounded-on-the-way": (MEANS, "wrong / len(table)", "round(wrong / len(table), 1)"),
    "other-axis": (SCALE, "axis=0", "axis=1"),
    "other-order-of-arguments": (BILL, "count(bad, out, 1)", "count(out, bad, 1)"),
    "one-step-off": (BEST, "range(len(values))", "range(len(values) - 1)"),
    "same-each-round": (BEST, IF_LESS, IF_LESS.replace("i]", "1]").replace("= i", "= 1")),
    "only-its-length": (RATE, "said[i] == true[i]", "said[i] == i"),
    "unused-parameter": (SCALE, "new - mean", "train - mean"),
    "from-outside": (BEST, "values[at]:", "values[at] and labels[i]:"),
    "whole-list-compared": (LESS, "(np.array(a) >= low)", "(a >= low)"),
    "one-place": (RATE, "said[i]", "said[i - 1]"),
    "never-used": (BILL, "errors[0] * miss + errors[1] * waste", "miss * waste * len(bad) * len(out)"),
}


def function(source: str) -> ast.FunctionDef:
    (found,) = ast.parse(source).body
    assert isinstance(found, ast.FunctionDef)
    return found


def test_every_slip_has_a_case() -> None:
    assert CASES.keys() == SLIPS.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_seen_where_it_was_made_and_not_in_right_code(name: str) -> None:
    right, there, instead = CASES[name]
    assert there in right
    wrong = right.replace(there, instead)
    outside = frozenset({"labels"})
    told = SLIPS[name](Written(function(wrong), function(right), outside, "交回来的是 None"))
    assert told and told.endswith(("。", "？")), told
    for one, _, _ in CASES.values():
        assert SLIPS[name](Written(function(one), function(one), outside, "None")) == ""


COLUMNS = code("""
    def scale(train, new):
        for j in range(train.shape[1] - 1):
            train[:, j] = train[:, j] - train[:, j].mean()
        return train
""")


@pytest.mark.parametrize(
    ("there", "instead", "is_seen"),
    [
        ("train.shape[1] - 1", "train.shape[1] - 1", True),
        ("train.shape[1] - 1", "len(train) - 1", True),
        ("train.shape[1] - 1", "train.shape[1]", False),
        ("train.shape[1] - 1", "5 - 1", False),
        ("train[:, j].mean()", "train[:, j + 1]", False),
        ("    for", "    last = train[:, train.shape[1] - 1]\n    for", False),
    ],
)
def test_a_loop_may_stop_before_the_last_where_the_reference_has_none(there: str, instead: str, is_seen: bool) -> None:
    told = SLIPS["one-step-off"](Written(function(COLUMNS.replace(there, instead)), function(SCALE)))
    assert bool(told) == is_seen


@pytest.mark.parametrize("lesson_id", lessons_answered())
def test_none_is_seen_in_right_answers_of_many_styles(lesson_id: str) -> None:
    lesson = find_lesson(lesson_id)
    assert lesson
    right = [(one.of, one.source) for one in lesson.also_right]
    right += [(one.id, one.answer.source) for one in lesson.exercises]
    right += [(one.exercise, one.source) for one in fresh_answers(lesson_id) if one.is_right]
    told = [(source, slip) for of, source in right if (slip := find_slip(lesson, exercise(lesson, of), source))[0]]
    assert [one for one in told if one[1][0] != "never-used"] == []  # that line is true, and hurts nobody


def exercise(lesson: Lesson, exercise_id: str) -> Exercise:
    found = lesson.exercise(exercise_id)
    assert found
    return found


def test_what_is_told_holds_nothing_of_the_reference() -> None:
    right = BEST.replace("at", "secret").replace("secret = 0", "secret = 41")
    for own in (right.replace("secret", "x"), right.replace("41", "7"), "def best(values):\n    return values[0]"):
        for look in SLIPS.values():
            told = look(Written(function(own), function(right)))
            assert "41" not in told and ("secret" not in told or "secret" in own)


def test_any_code_may_be_looked_at() -> None:
    """Functions of the standard library, one beside the next; and what nobody can read."""
    lesson = find_lesson("j7-03")
    assert lesson
    functions = []
    for module in (ast, inspect, json, textwrap):
        nodes = ast.walk(ast.parse(inspect.getsource(module)))
        functions += [one for one in nodes if isinstance(one, ast.FunctionDef) and len(one.body) > 1]
    for own, model in zip(functions, functions[1:], strict=False):
        for look in SLIPS.values():
            assert isinstance(look(Written(own, model)), str)
    answer = next(one for one in lesson.exercises if one.form == "function")
    name = next(iter(python.defined_names(answer.answer)))
    deep = f"def {name}(w):\n    return " + " + ".join("w" * 3000)
    for source in ("", "def", "\0", "(" * 500, f"def {name}(：", deep, f"def {name}(*a): ...", f"class {name}: ..."):
        assert find_slip(lesson, answer, source)[0] in ("", "one-place", *SLIPS)
