"""Mutations of a reference: which are made, what the runs make of them, and where a pupil is told to look."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from courses.answer_run import ReferenceRun
from courses.checks.mutants import equivalent_used, survivors
from courses.lesson import Cell, Exercise, Lesson
from courses.mutations import KINDS, MOST, Mutation, mutations, told_by
from courses.reading import read_all, read_lesson
from courses.reference_run import reference_run

STARTER = Path(__file__).parents[2] / "courses" / "starter"


def function(text: str) -> Exercise:
    return Exercise("f", "function", Cell("code", textwrap.dedent(text).strip(), 1))


def changes(text: str) -> set[tuple[str, str]]:
    return {(one.before, one.after) for one in mutations(function(text))}


BEST = """
    def f(values, least=3):
        best = 0
        for i in range(len(values)):
            if values[i] < values[best] and values[i] > least:
                best = i
        return best
"""


def test_a_comparison_an_index_a_bound_an_operator_a_parameter_and_a_step_are_changed():
    made = changes(BEST)
    assert ("values[i] < values[best]", "values[i] <= values[best]") in made
    assert ("values[i] < values[best]", "values[i] > values[best]") in made
    assert ("values[best]", "values[best - 1]") in made
    assert ("range(len(values))", "range(len(values) - 1)") in made
    assert ("best = 0", "best = 1") in made
    assert ("least", "3") in made
    assert ("len(values)", "values") in made
    assert any(" or " in after for _, after in made)


def test_two_lines_two_arguments_and_two_results_change_places():
    made = mutations(function("def f(a, b):\n    a = a - b\n    b = pair(a, b)\n    return a, b"))
    assert {("pair(a, b)", "pair(b, a)"), ("return (a, b)", "return (b, a)")} <= {(m.before, m.after) for m in made}
    (swapped,) = (one.source for one in made if one.before == "a = a - b; b = pair(a, b)")
    assert swapped.index("pair(a, b)") < swapped.index("a = a - b")


def test_at_most_24_fair_to_all_kinds_and_always_the_same():
    lines = [f"    a = a + {i} if a[{i}] < {i} else n" for i in range(30)]
    many = "\n".join(["def f(a, n=1):", *lines, "    return a"])
    found = mutations(function(many))
    assert len(found) == MOST
    assert {one.kind for one in found} == set(KINDS) - {"step", "bound"}
    assert [one.source for one in found] == [one.source for one in mutations(function(many + "\n"))]


def test_every_mutation_is_python_and_no_two_are_alike():
    found = [one for lesson in read_all() for exercise in lesson.exercises for one in mutations(exercise)]
    assert len(found) > 50
    dumps = [ast.dump(ast.parse(one.source)) for one in found]
    assert len(dumps) == len(set(dumps))


def test_lines_that_are_given_to_the_pupil_are_left_alone():
    region = "    ### BEGIN SOLUTION\n    for x in a:\n        n = n + x\n    ### END SOLUTION\n"
    made = changes(f"def f(a):\n    n = 0\n{region}    return n")
    assert ("n = 0", "n = 1") not in made
    assert ("n + x", "n - x") in made


@pytest.mark.parametrize("text", ["def f(a:\n", "x = 3", "%matplotlib inline", "", "def f():\n    pass"])
def test_what_cannot_be_changed_gives_none(text):
    assert mutations(function(text)) == ()


def starter(tmp_path: Path, **changed: list[tuple[str, str]]) -> Lesson:
    """The starter lesson with a text of its files changed."""
    folder = tmp_path / "grade-07" / "j7-99-case"
    folder.mkdir(parents=True)
    for path in STARTER.iterdir():
        text = path.read_text(encoding="utf-8")
        for before, after in changed.get(path.stem, []):
            assert before in text
            text = text.replace(before, after, 1)
        (folder / path.name).write_text(text, encoding="utf-8")
    return read_lesson(folder)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))


def test_a_hole_in_the_tests_is_seen(tmp_path: Path):
    whole = starter(tmp_path / "whole")
    assert survivors(whole.exercises[0], reference_run(whole)) == []
    edges = [("[3, 6, 5, 8, 4, 7], 5", "[3, 6, 8, 4, 7], 5"), ("[4, 4, 1], 4", "[4, 4, 1], 5")]
    holed = starter(tmp_path / "holed", lesson=edges)
    assert [one.before for one in survivors(holed.exercises[0], reference_run(holed))] == ["wind > line"]


def test_a_loop_without_end_counts_as_noticed_and_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("courses.run_plan.SECONDS", 1.0)
    loop = "    for wind in winds:\n        if wind > line:\n            count = count + 1\n"
    endless = "    i = 0\n    while i < len(winds):\n        count += winds[i] > line\n        i += 1\n"
    lesson = starter(tmp_path, lesson=[(loop, endless)])
    run = reference_run(lesson)
    assert run.scores and all(score == full for score, full in run.scores.values())
    (endless,) = (one for one in mutations(lesson.exercises[0]) if one.before == "i += 1" and one.kind == "step")
    assert {way.ename for way in run.mutations[endless.name].ways.values()} == {"CellTimeout"}
    assert not run.mutations[endless.name].is_full


ALARMS = """
def alarms(wind_list, red):
    n = 0
    for one in wind_list:
        if {}:
            n = n {} 1
    return n
"""


def told(change: str, answer: str) -> str:
    exercise = read_lesson(STARTER).exercises[0]
    (mutation,) = (one for one in mutations(exercise) if f"{one.before} → {one.after}" == change)
    return told_by(mutation, exercise, answer)


def test_where_to_look_is_said_with_the_pupils_own_words():
    edge = "wind > line → wind >= line"
    assert told(edge, ALARMS.format("one >= red", "+")) == "看看 `one >= red`：两边刚好相等的时候，要不要算进去？"
    assert "`red <= one`" in told(edge, ALARMS.format("red <= one", "+"))
    assert "`n - 1`" in told("count + 1 → count - 1", ALARMS.format("one > red", "-"))


@pytest.mark.parametrize("answer", [ALARMS.format("one > red", "+"), ALARMS.format("one < red", "+"), "x = (", ""])
def test_nothing_is_said_where_the_changed_piece_is_not_in_the_answer(answer):
    assert told("wind > line → wind >= line", answer) == ""


CLAIM = """
```{code-cell}
---
claim: {says: "风是慢慢大起来的", least: LEAST}
---
def holds(draw):
    return alarms([draw], 10) == 1
```
"""


@pytest.mark.parametrize(
    ("least", "said"), [("0.5", ()), ("0.6", ((-1, "AssertionError：20 次里成立 10 次，要 12 次"),))]
)
def test_a_claim_is_tried_on_twenty_draws_behind_the_last_cell(tmp_path: Path, least: str, said: tuple):
    lesson = starter(tmp_path, mistakes=[("## alarms\n", "## alarms\n" + CLAIM.replace("LEAST", least))])
    assert reference_run(lesson).claims[0].errors == said


def test_a_claim_that_raises_says_so(tmp_path: Path):
    claim = CLAIM.replace("LEAST", "1").replace("alarms(", "nowhere(")
    lesson = starter(tmp_path, mistakes=[("## alarms\n", f"## alarms\n{claim}")])
    ((_, said),) = reference_run(lesson).claims[0].errors
    assert said.startswith("NameError")


def test_mutation_is_a_value():
    assert Mutation("f", "index-1", "index", 1, "a", "b", "c").name == "f/index-1"


def test_where_only_references_were_run_nothing_is_said_of_equivalents() -> None:
    for lesson in read_all():
        assert not list(equivalent_used.look(lesson, ReferenceRun())), lesson.id
