"""An error kept in a graded notebook is told in the sentences that were seen in class."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from traitlets.config import Config

from grading.stored_error import explain_cell, explain_test, names_given
from kits import errors
from running.quick_traceback import remember_cells
from tests.kits.test_errors import COMMON, LEFT_STANDING, RAISE, Shown


class Kept(InteractiveShell):
    """A shell as the grader has it: IPython's own tracebacks, kept."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.kept = new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


@pytest.fixture(scope="module")
def shell() -> Kept:
    config = Config()
    config.HistoryManager.enabled = False
    made = Kept(config=config)
    remember_cells(made)  # without it, each traceback looks through all modules that pytest has loaded
    return made


@pytest.fixture(scope="module")
def shown() -> Shown:
    made = Shown()
    remember_cells(made.shell)
    return made


@pytest.fixture
def kept(shell: Kept) -> Kept:
    """Each hand-in begins with nothing."""
    return begin_again(shell)


def begin_again(shell: Any) -> Any:
    """What shell.reset() does for the names, without a collection of garbage each time."""
    for name in [name for name in shell.user_ns if name not in shell.user_ns_hidden]:
        del shell.user_ns[name]
    return shell


def error_of(shell: Kept, cell: str) -> Any:
    shell.run_cell(cell, store_history=True)
    return shell.kept


def in_class(shown: Shown, cell: str) -> str:
    begin_again(shown.shell)
    return str(shown.run(cell))


@pytest.mark.parametrize("kind", [kind for kind in COMMON if kind != "stopped"])
def test_the_page_says_what_the_notebook_said(kept: Kept, shown: Shown, kind: str) -> None:
    cell, _ = COMMON[kind]
    told = explain_cell(error_of(kept, cell), cell, [], names_given([cell]))
    assert told.text == in_class(shown, cell)


def test_a_cell_that_the_grader_has_stopped_ran_too_long(kept: Kept) -> None:
    cell = "while True:\n    raise KeyboardInterrupt"
    told = explain_cell(error_of(kept, cell), cell, [], [])
    assert told.sentence == "第 2 行：程序跑得太久，被停下了：看看循环有没有停下来的时候。"


@pytest.mark.parametrize(
    "cell",
    [
        "import numpy as np\nnp.meen([1])",
        "import numpy as np\nnp.zeros(3) @ np.zeros(2)",
        "import json\njson.loads('{')",
        "x = 1\ndef f():\n    print(x)\n    x = 2\nf()",
        "def f(n):\n    return f(n)\nf(1)",
        "raise ValueError('请给我一个比零大的数')",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('海') from error",
        f"def f(x):\n    {RAISE}\n    return x\nf(1)",
        "class A:\n    def go(self):\n        return self.size + 1\nA().go()",
        "from math import sine",
        "assert 1 == 2, '一不是二'",
        "open('没有这个.csv')",
        "exec('1 / 0')",
        "if True:\n\tx = 1\n        y = 2",
    ],
)
def test_less_common_ones_too(kept: Kept, shown: Shown, cell: str) -> None:
    told = explain_cell(error_of(kept, cell), cell, [], names_given([cell]))
    assert told.text == in_class(shown, cell)


# What a test has met


def test_a_line_of_the_pupils_is_told_never_one_of_the_test(kept: Kept) -> None:
    answer = "def near(a):\n    b = a + 1\n    return b + '1'"
    kept.run_cell(answer, store_history=True)
    told = explain_test(error_of(kept, "x = 1\ny = 2\nassert near(1) == 2"), [answer], [], is_hidden=False)
    assert told.sentence.startswith("第 3 行（near 里）：文字和数不能用 + 连在一起")
    assert told.snippet == "    return b + '1'"


def test_a_test_that_stops_by_itself_names_no_line(kept: Kept) -> None:
    answer = "def near(a):\n    return None"
    kept.run_cell(answer, store_history=True)
    told = explain_test(error_of(kept, "x = 1\nassert near(1) > 2"), [answer], [], is_hidden=False)
    assert (told.sentence, told.line) == (errors.CHECK_STOPPED, None)


def test_a_missing_name_is_told_with_the_one_that_was_written(kept: Kept) -> None:
    answer = "def nearst(a):\n    return a"
    kept.run_cell(answer, store_history=True)
    told = explain_test(error_of(kept, "assert nearest(1) == 1"), [answer], names_given([answer]), is_hidden=True)
    assert told.sentence.startswith("检查时没有找到 nearest，你写的是不是 nearst：名字要和题目里的一模一样")


def test_a_raise_left_in_the_function_is_told_with_its_line(kept: Kept) -> None:
    answer = f"def near(a):\n    {RAISE}\n    return a"
    kept.run_cell(answer, store_history=True)
    told = explain_test(error_of(kept, "assert near(1) == 1"), [answer], [], is_hidden=True)
    assert told.sentence == f"第 2 行（near 里）：{LEFT_STANDING}"


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("return {'甲': 1}[a]", "near('zq')"),
        ("return int(a)", "near('zq')"),
        ("raise ValueError(f'不认识这个词：{a}')", "near('海带')"),
        ("return [1, 2][a + 'x']", "near('zq' * 3)"),
        ("import numpy as np\n    return np.zeros(3) + np.zeros(a)", "near(77)"),
    ],
)
def test_what_a_hidden_test_gave_is_not_quoted(kept: Kept, body: str, call: str) -> None:
    answer = f"def near(a):\n    {body}"
    kept.run_cell(answer, store_history=True)
    test = f"### BEGIN HIDDEN TESTS\nassert {call} == 1\n### END HIDDEN TESTS"
    told = explain_test(error_of(kept, test), [answer], [], is_hidden=True)
    assert told.line and told.sentence.startswith(f"第 {told.line} 行（near 里）：")
    assert not any(secret in told.text for secret in ("zq", "海带", "77", "HIDDEN"))


def test_another_cell_of_the_same_length_is_not_taken_for_the_pupils(kept: Kept) -> None:
    kept.run_cell("def helper(a):\n    return a.size", store_history=True)
    told = explain_test(error_of(kept, "helper(1)"), ["def near(a):\n    return a"], [], is_hidden=False)
    assert told.sentence == errors.CHECK_STOPPED


def kept_in_a_lesson(shown: Shown, cell: str) -> Any:
    """A lesson loads kits.errors: the sentence stands where IPython's traceback would."""
    shown.run(cell)
    ename, evalue, text = shown.error
    return new_output("error", ename=ename, evalue=evalue, traceback=[text])


@pytest.mark.parametrize(
    "kind", ["full-width colon", "one equals sign", "divided by zero", "name misspelt", "key missing"]
)
def test_a_sentence_that_was_kept_is_told_as_it_stands(shown: Shown, kind: str) -> None:
    cell, sentence = COMMON[kind]
    begin_again(shown.shell)
    told = explain_cell(kept_in_a_lesson(shown, cell), cell, [], [])
    assert told.sentence.startswith(sentence) and told.line and told.snippet == cell.split("\n")[told.line - 1]


def test_a_kept_sentence_about_the_pupils_line_is_told_and_one_about_the_tests_is_not(shown: Shown) -> None:
    begin_again(shown.shell)
    answer = f"def near(a):\n    x = 1\n    {RAISE}"
    shown.run(answer)
    test = "y = 1\nassert near(1) == 1"
    told = explain_test(kept_in_a_lesson(shown, test), [answer], [], is_hidden=False)
    assert (told.sentence, told.line) == (f"第 3 行（near 里）：{LEFT_STANDING}", 3)
    told = explain_test(kept_in_a_lesson(shown, "y = 1\nassert neer(1)"), [answer], ["near"], is_hidden=False)
    assert told.sentence.startswith("检查时没有找到 neer，你写的是不是 near") and told.line is None


def test_a_kept_sentence_quotes_nothing_of_a_hidden_test(shown: Shown) -> None:
    begin_again(shown.shell)
    answer = "def near(a):\n    return {'甲': 1}[a]"
    shown.run(answer)
    test = "### BEGIN HIDDEN TESTS\nassert near('zq') == 1\n### END HIDDEN TESTS"
    told = explain_test(kept_in_a_lesson(shown, test), [answer], [], is_hidden=True)
    assert told.sentence == f"第 2 行（near 里）：{errors.STOPPED_WITH_OTHERS}" and "zq" not in told.text


def test_a_lessons_cell_that_the_grader_has_stopped_ran_too_long(shown: Shown) -> None:
    begin_again(shown.shell)
    cell = "def f():\n    raise KeyboardInterrupt\nf()"
    told = explain_cell(kept_in_a_lesson(shown, cell), cell, [], [])
    assert told.sentence == "第 2 行（f 里）：程序跑得太久，被停下了：看看循环有没有停下来的时候。"


@pytest.mark.parametrize(
    "output",
    [
        {},
        {"ename": "E" * 10, "evalue": "x", "traceback": None},
        {"ename": "SyntaxError", "evalue": "?", "traceback": ["\x1b[31m"]},
        {"ename": "UnicodeDecodeError", "evalue": "bad", "traceback": ["Cell In[1], line 99999999999"]},
        {"ename": "ExceptionGroup", "evalue": "", "traceback": [1, 2]},
        {"ename": "KeyError", "evalue": "(" * 5000, "traceback": []},
        {"ename": "__import__", "evalue": "x", "traceback": []},
        {"ename": "SystemExit", "evalue": "0", "traceback": []},
    ],
)
def test_whatever_stands_there_something_chinese_is_said(output: dict[str, Any]) -> None:
    for told in (explain_cell(output, "x", [], []), explain_test(output, ["x"], [], is_hidden=True)):
        assert any("\u4e00" <= char <= "\u9fff" for char in told.sentence)


def test_names_are_read_from_cells_that_are_no_python() -> None:
    cell = "import numpy as np, math\nfor i, j in x：\n    a, b[0] = 1, 2\ndef f(c, d=1):\n    e += 1\nif g == 1: pass"
    assert {"np", "math", "i", "j", "a", "b", "f", "c", "d"} <= set(names_given([cell]))
    assert "g" not in names_given([cell])
