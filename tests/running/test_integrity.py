"""The guard: whatever a cell sets on the shell, a test's own last value is what is read, and passing means its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from running.messages import outputs_of
from running.runner import Parent

POINTS = "points = (f(1) == 1) + (f(2) == 2)\npoints"
ZERO = "def f(v):\n    return 0\n"
FORGED = "lambda *given, **named: ({'text/plain': '2'}, {})"
PLAIN = "plain = get_ipython().display_formatter.formatters['text/plain']\n"
SHELL = "改了运行环境"


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    made = Parent(["kits.judge", "numpy", "pandas", "matplotlib.pyplot", "rich.pretty"], guard="running.integrity")
    yield made
    made.close()


@pytest.fixture
def run(parent: Parent, tmp_path: Path) -> Iterator[Any]:
    opened = parent.open(str(tmp_path))
    yield lambda source, trusted=False: opened.execute(source, 20, trusted=trusted)[0]
    opened.close()


def shown(reply: dict[str, Any]) -> list[Any]:
    return [one["data"].get("text/plain") for one in outputs_of(reply) if one["output_type"] == "execute_result"]


#: (a pupil's cell, the test, what it must show, the remark).
FORGERIES = {
    "format": (f"{ZERO}get_ipython().display_formatter.format = {FORGED}", POINTS, "0", SHELL),
    "format-in-test": (
        f"def f(v):\n    get_ipython().display_formatter.format = {FORGED}\n    return 0", POINTS, "0", SHELL),
    "format-of-class": (f"{ZERO}type(get_ipython().display_formatter).format = {FORGED}", POINTS, "0", SHELL),
    "call-of-formatter": (f"{ZERO}{PLAIN}type(plain).__call__ = lambda self, value: '2'", POINTS, "0", SHELL),
    "call-hides-its-base": (f"{ZERO}type(get_ipython().displayhook).__call__ = lambda *_: None", POINTS, "0", SHELL),
    "sys-displayhook": (
        "import sys\nreal = sys.displayhook\ndef f(v):\n    sys.displayhook = lambda _: real(2)\n    return 0",
        POINTS, "0", ""),
    "printer-of-numpy": (
        f"import numpy as np\n{ZERO}{PLAIN}plain.for_type(np.float64, lambda _, p, c: p.text('2'))",
        "import numpy as np\nnp.float64(f(1))", "np.float64(0.0)", SHELL),
    "printer-by-name": (
        f"{ZERO}{PLAIN}plain.for_type_by_name('decimal', 'Decimal', lambda _, p, c: p.text('2'))",
        "import decimal\ndecimal.Decimal(f(1))", "Decimal('0')", SHELL),
    "printer-of-one": (
        f"{ZERO}{PLAIN}plain.singleton_printers[id(0)] = lambda _, p, c: p.text('2')", POINTS, "0", SHELL),
    "handled-by-itself": (
        f"{ZERO}get_ipython().display_formatter.ipython_display_formatter.for_type(int, lambda _: True)",
        POINTS, "0", SHELL),
    "another-formatter": (
        f"{ZERO}tables = get_ipython().display_formatter.formatters\ntables['text/plain'] = lambda _: '2'",
        POINTS, "0", SHELL),
    "hook-of-messages": (f"{ZERO}get_ipython().displayhook.register_hook([].append)", POINTS, "0", SHELL),
    "pretty": (
        f"{ZERO}from IPython.lib import pretty\npretty.RepresentationPrinter.pretty = lambda self, _: self.text('2')",
        POINTS, "0", SHELL),
    "name-before-builtin": (
        f"{ZERO}from IPython.lib import pretty\npretty.repr = lambda _: '2'", POINTS, "0", SHELL),
    "another-class": (
        f"{ZERO}shell = get_ipython()\nclass Own(type(shell)):\n    def run_cell(self, *_, **__): pass\n"
        "shell.__class__ = Own", POINTS, "0", SHELL),
    "another-dict": (
        f"{ZERO}one = get_ipython().display_formatter\none.__dict__ = dict(one.__dict__, format={FORGED})",
        POINTS, "0", SHELL),
    "code-of-function": (
        f"{ZERO}def g(self, value, include=None, exclude=None): return {{'text/plain': '2'}}, {{}}\n"
        "type(get_ipython().display_formatter).format.__code__ = g.__code__", POINTS, "0", SHELL),
    "tokenize": (
        f"{ZERO}import tokenize\ntokenize.generate_tokens = lambda _: iter([(54, ';')])", POINTS, "0", SHELL),
    "transformer": (
        f"{ZERO}import functools\nget_ipython().input_transformers_post.append(functools.partial(lambda _: ['2']))",
        POINTS, "0", "改写了代码"),
    "borrowed-name": (
        f"{ZERO}def two(lines): return ['2']\ntwo.__module__ = 'numpy'\n"
        "get_ipython().input_transformer_manager.line_transforms.append(two)", POINTS, "0", "改写了代码"),
    "guard": (
        f"{ZERO}get_ipython().display_formatter.format = {FORGED}\nfrom running.integrity import Guard\n"
        "Guard.put_back = lambda self: None\nGuard.after = lambda self: []\nGuard.before = lambda *_: None",
        POINTS, "0", SHELL),
    "judge": (
        f"{ZERO}from running import cells, verdict\nverdict.Verdict.take = lambda self: (True, 2)\n"
        "async def run(self, request): return {}\ncells.Cells.run = run\ncells.receive_packets = lambda *_: {}",
        POINTS, "0", SHELL),
    "own-kind": (
        "class Two:\n    def __repr__(self): return '2'\ndef f(v):\n    return Two()", "f(1)", "2",
        "检查的结果是他自己的一种东西"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_tests_value_is_its_own(kind: str, run: Any) -> None:
    cell, test, text, remark = FORGERIES[kind]
    told = run(cell)["remarks"]
    reply = run(test, trusted=True)
    assert shown(reply)[-1:] == [text]
    assert set(told + reply["remarks"]) == ({remark} if remark else set())


JUDGED = "from kits import judge\njudge.check('f', 1, equals=1)"
#: What a pupil's cell does to the judge of a lesson's tests, and the remark; f always returns 0.
JUDGES = {
    "patched": (f"{ZERO}import kits.judge as j\nj.difference = lambda *_: ''", "改了 kits.judge"),
    "patched-in-test": (
        "def f(v):\n    import kits.judge as j\n    j.difference = lambda *_: ''\n    return 0", "改了 kits.judge"),
    "check": (f"{ZERO}import kits.judge as j\nj.check = lambda *_, **__: None", "改了 kits.judge"),
    "shadowed": (f"{ZERO}class judge:\n    check = lambda *_, **__: None", ""),
    "other-module": (
        f"{ZERO}import sys, types\nfake = types.ModuleType('kits.judge')\nfake.check = lambda *_, **__: None\n"
        "sys.modules['kits.judge'] = fake\nimport kits\nkits.judge = fake", "换了模块"),
    "code": (f"{ZERO}import kits.judge as j\nj.difference.__code__ = (lambda *_: '').__code__", SHELL),
}  # fmt: skip


@pytest.mark.parametrize("kind", JUDGES)
def test_the_judge_of_a_lesson_judges_as_it_was(kind: str, run: Any) -> None:
    cell, remark = JUDGES[kind]
    told = run(cell)["remarks"]
    reply = run(JUDGED, trusted=True)
    assert (reply["status"], reply.get("ename")) == ("error", "AssertionError")
    assert reply["evalue"] == "f(1) 交回来的是 0，不对。"
    assert set(told + reply["remarks"]) == ({remark} if remark else set())


#: What pupils set without a thought: undone for a test, and no remark.
COMMON = {
    "precision": "%precision 0",
    "pprint": "%pprint",
    "doctest": "%doctest_mode",
    "xmode": "%xmode Minimal\n%colors NoColor",
    "interactivity": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.ast_node_interactivity = 'all'",
    "none": "get_ipython().ast_node_interactivity = 'none'",
    "rich": "from rich import pretty, traceback\npretty.install()\ntraceback.install()",
    "figure": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
    "extension": "%load_ext autoreload\n%autoreload 2",
    "table": "import pandas as pd\npd.DataFrame([1])",
    "html": "class Fish:\n    pass\nhtml = get_ipython().display_formatter.formatters['text/html']\n"
    "html.for_type(Fish, lambda _: '<b>鱼</b>')\nFish()",
}


@pytest.mark.parametrize("kind", COMMON)
def test_what_is_common_is_undone_without_a_remark(kind: str, run: Any) -> None:
    assert run(COMMON[kind])["remarks"] == []
    reply = run("'text'\n1.5", trusted=True)
    assert (shown(reply), reply["remarks"]) == (["1.5"], [])


def test_passing_is_reaching_the_end(run: Any) -> None:
    hide = "shell._showtraceback = lambda *_: None\n    shell.events.register('post_run_cell', after)\n    return 0"
    after = "    def after(result): result.error_in_exec = None\n"
    run(f"def f(v):\n    shell = get_ipython()\n{after}    {hide}")
    reply = run("assert f(1) == 1\nassert f(2) == 2", trusted=True)
    assert reply["status"] == "error" and SHELL in reply["remarks"]


def test_a_test_is_not_remembered_for_the_cells_after_it(run: Any) -> None:
    run("%logstart -o own.log\nx = 0", trusted=False)
    run("hidden = 'sea' + 'weed'\nassert x, 'jelly' + 'fish'", trusted=True)
    look = """
import linecache, sys
shell, word = get_ipython(), "'sea'" + " + 'weed'"
places = [vars(shell.last_execution_result.info), linecache.cache, In, shell._last_traceback, open("own.log").read(),
          vars(sys).get("last_value"), {name: value for name, value in globals().items() if name.startswith("_i")}]
print([number for number, place in enumerate(places) if word in str(place)])"""
    assert [one["text"] for one in outputs_of(run(look)) if "[" in one["text"]] == ["[]\n"]


def test_tests_end_in_every_way(run: Any) -> None:
    """As without a guard: a result, none, a silenced one, an error, nothing but a comment, a magic, awaiting."""
    ways = {
        "3": ["3"], "3;": [], "x = 3": [], "# only": [], "if True:\n    3": [], "None": [], "3\n# noted": ["3"],
        "'a'\n3": ["3"], "%time 3": ["3"], "!echo 3": [], "import asyncio\nawait asyncio.sleep(0, 3)": ["3"],
        "def g():\n    return 3\ng()": ["3"], "_": ["3"], "Out[max(Out)]": ["3"],
        "from __future__ import annotations\n3": ["3"],
    }  # fmt: skip
    for source, results in ways.items():
        reply = run(source, trusted=True)
        assert (reply["status"], shown(reply), reply["remarks"]) == ("ok", results, []), source
    for source, name in {
        "1 / 0": "ZeroDivisionError",
        "def f(:": "SyntaxError",
        "raise SystemExit": "SystemExit",
    }.items():
        reply = run(source, trusted=True)
        assert (reply["status"], reply["ename"]) == ("error", name)


def test_a_tests_result_is_not_lost_among_what_was_shown_before(run: Any) -> None:
    first = run("for number in range(3000):\n    display(number)")
    assert first["overflow"] and len(first["messages"]) < 1100 and "没有保留" in str(first["messages"][-1])
    run("def f(v):\n    for number in range(3000):\n        display(number)\n    return v")
    reply = run("f(7)", trusted=True)
    assert shown(reply) == ["7"] and reply["overflow"]
    assert shown(run("f(8) and 8", trusted=True)) == ["8"]


def test_what_replaces_what_was_shown_may_go_on(run: Any) -> None:
    reply = run(
        "from IPython.display import clear_output\nfor n in range(1500):\n    clear_output(True)\n    display(n)"
    )
    assert not reply["overflow"] and [one["data"]["text/plain"] for one in outputs_of(reply)] == ["1499"]
