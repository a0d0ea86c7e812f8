"""Widgets on the kernel's side: what they keep, what they publish, and that making one writes nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kits import answers
from kits.widgets import base, cast, choice, digit_pad, embed, number

ROOT = Path(base.__file__).parents[2]
WIDGETS = Path(base.__file__).parent
MODULES = sorted(p.stem for p in WIDGETS.glob("*.js") if p.with_suffix(".py").exists())
SELF_TEST = [("甲错", False, "再看看图"), ("乙对", True, "就是它")]


def told(value: Any, at: str = "2026-03-02T01:02:03.004Z", **more: Any) -> dict[str, Any]:
    """An event as record.js makes it."""
    event = {"step": None, "point": None, "exercise": "q", "value": value, "mistake": None, "seconds": 2.5}
    return {**event, "mode": "屏幕", "at": at, "earlier": [], **more}


def make(name: str, exercise: str = "q") -> base.Widget:
    images = [[i % 17] * 64 for i in range(40)]
    made = {
        "choice": lambda: choice(exercise, "问", options=SELF_TEST),
        "number": lambda: number(exercise, "几只？", unit="只"),
        "digit_pad": lambda: digit_pad(exercise, images, [i % 10 for i in range(40)]),
    }
    return made[name]()


@pytest.fixture(params=["choice", "number", "digit_pad"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


# ---- what every widget does ----


def test_making_a_widget_writes_nothing(name: str, own_folder: Path) -> None:
    make(name)
    assert list(own_folder.iterdir()) == []


def test_what_the_page_reports_is_recorded_and_restored(name: str) -> None:
    widget = make(name)
    widget.event = told({"index": 1})
    (event,) = answers.events("q")
    assert event["value"] == {"index": 1}
    assert (event["lesson"], event["seconds"], event["at"]) == ("lesson", 2.5, "2026-03-02T01:02:03.004Z")
    assert widget.saved == {"index": 1}
    assert make(name).saved == {"index": 1}


def test_a_widget_without_an_exercise_records_nothing(name: str, own_folder: Path) -> None:
    make(name, "").event = told(1, exercise="")
    assert list(own_folder.iterdir()) == []


def test_events_merged_by_a_busy_kernel_are_all_kept_once() -> None:
    widget = make("choice")
    first, second = told(1, "2026-03-02T01:00:00.001Z"), told(2, "2026-03-02T01:00:00.002Z")
    widget.event = {**second, "earlier": [first]}
    widget.event = told(3, "2026-03-02T01:00:00.003Z", earlier=[first, second])
    assert [e["value"] for e in answers.events("q")] == [1, 2, 3]


def test_a_page_cannot_write_for_another_exercise_or_lesson() -> None:
    make("choice").event = told(1, exercise="other", lesson="other")
    assert [(e["exercise"], e["lesson"]) for e in answers.events()] == [("q", "lesson")]


def test_trouble_is_told_to_the_child_not_raised(own_folder: Path) -> None:
    (own_folder / "answers.json").write_text('{"version": 9, "events": []}')
    widget = make("choice")
    assert "更新版" in widget.trouble
    widget.event = told(1)
    assert "更新版" in widget.trouble
    assert (own_folder / "answers.json").read_text() == '{"version": 9, "events": []}'


def test_trouble_goes_when_recording_works_again() -> None:
    widget = make("choice")
    widget.event = told("字" * 40_000, "2026-03-02T01:00:00.001Z")
    assert "太大" in widget.trouble
    widget.event = told(1, "2026-03-02T01:00:00.002Z")
    assert widget.trouble == ""


def test_the_public_bundle_holds_the_start_state_and_no_answer_of_anybody(name: str) -> None:
    answers.record("q", {"strokes": [[[1, 2], [3, 40]]], "canary": "海蜇"})
    data, _ = make(name)._repr_mimebundle_()
    spec = data[base.MIME]
    assert spec["module"] == name
    assert spec["state"]["exercise"] == "q"
    assert not {"saved", "event", "trouble", "layout"} & set(spec["state"])
    assert "海蜇" not in json.dumps(spec, ensure_ascii=False)
    assert "application/vnd.jupyter.widget-view+json" in data
    assert re.search("[一-鿿]", data["text/plain"])


def test_a_widget_is_asked_for_by_name_however_it_was_imported_first() -> None:
    code = (
        "import kits.widgets.choice\nfrom kits.widgets import choice, number\nprint(choice.__name__, number.__name__)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_env(), check=True)
    assert out.stdout.split() == ["choice", "number"]


def test_an_unknown_widget_says_so() -> None:
    code = "import kits.widgets as w\ntry: w.chioce\nexcept AttributeError as e: print(e)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_env(), check=True)
    assert "没有叫 chioce 的小部件" in out.stdout


def _env() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


# ---- where they run ----


def test_in_a_notebook_a_message_from_the_page_is_recorded(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    cells = [
        "from kits import answers\nfrom kits.widgets import choice\n"
        "w = choice('q', '问', options=[('甲', False, '看图'), ('乙', True, '对')])\nw",
        # what ipywidgets calls when the browser's message arrives
        f"data = {{'method': 'update', 'state': {{'event': {told({'index': 1})!r}}}}}\n"
        "w._handle_msg({'content': {'data': data}})",
        "print(answers.last('q'))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(own_folder)}}).execute()
    shown = notebook.cells[0].outputs[-1]["data"]
    assert shown[base.MIME]["module"] == "choice"
    assert notebook.cells[2].outputs[0]["text"] == "{'index': 1}\n"
    assert answers.last("q") == {"index": 1}


def test_in_a_forked_process_without_a_kernel(own_folder: Path) -> None:
    """As the runner does: everything imported, ipykernel too, then a bare shell in a fork."""
    code = """
import os, sys
import ipykernel.ipkernel, ipywidgets, kits.widgets.base
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
done = shell.run_cell("from kits.widgets import choice\\nw = choice('q', '问', options=['甲', '乙'])\\nw")
data, _ = shell.display_formatter.format(done.result)
assert data['application/vnd.haike.widget+json']['state']['options'] == [{'text': '甲'}, {'text': '乙'}]
assert done.success
shell.run_cell("w.event = {'value': 1, 'at': '2026-01-01T00:00:00Z'}")
sys.stdout.flush()
os._exit(0)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_env(), cwd=own_folder)
    assert out.returncode == 0, out.stderr
    assert answers.last("q") == 1


# ---- choice ----


def test_a_graded_choice_carries_no_key() -> None:
    state = choice("q", "问", options=["甲", "乙"]).public_state()
    assert state["options"] == [{"text": "甲"}, {"text": "乙"}]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["只有一个"], "2 到"),
        (["同", "同"], "一样"),
        (["甲", ("乙", True, "对")], "要么"),
        ([("甲", False, "看"), ("乙", False, "看")], "没有一个选项是对的"),
        ([("甲", False, ""), ("乙", True, "对")], "提示"),
        ([("甲", 1, "看"), ("乙", True, "对")], "三样"),
    ],
)
def test_a_choice_that_cannot_be_answered_is_refused(options: list[Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        choice("q", "问", options=options)


# ---- number ----


def test_a_number_refuses_turned_bounds_and_too_many_keys() -> None:
    with pytest.raises(ValueError, match="写反"):
        number("q", "问", low=9, high=1)
    with pytest.raises(ValueError, match="自己填"):
        number("q", "问", pick=range(100))


# ---- digit pad ----


@pytest.fixture(scope="module")
def digits() -> Any:
    return pytest.importorskip("sklearn.datasets").load_digits()


@pytest.mark.parametrize("size", [100, 200, 400, 1000, 1297, 1797])
def test_the_seven_without_a_bar_is_read_as_three_and_with_it_as_seven(digits: Any, size: int) -> None:
    """The point of j7-03: the cargo's sevens wear a bar. At every size a lesson may use."""
    x, y = digits.images[:size], digits.target[:size]
    pad = digit_pad("", x, y)
    assert pad.answer == 3
    assert digit_pad("", x, y, start="七带横").answer == 7


def test_a_drawing_has_the_shape_and_ink_of_the_data(digits: Any) -> None:
    pad = digit_pad("", digits.images, digits.target)
    assert len(pad.pixels) == 64
    assert 0 <= min(pad.pixels) <= max(pad.pixels) <= 16
    assert 200 < sum(pad.pixels) < 400  # the data's own digits: 313 on average
    assert sum(pad.pixels[:8]) > 0 < sum(pad.pixels[56:])  # as tall as the box


def test_size_and_place_of_a_drawing_do_not_matter(digits: Any) -> None:
    big = [[[20.0, 10.0], [80.0, 10.0], [50.0, 90.0]]]
    small = [[[a / 2 + 40, b / 2 + 3] for a, b in stroke] for stroke in big]
    pads = [digit_pad("", digits.images, digits.target, start=s) for s in (big, small)]
    assert pads[0].pixels == pads[1].pixels


def test_an_empty_pad_has_no_answer(digits: Any) -> None:
    pad = digit_pad("", digits.images, digits.target, start="空白")
    assert (pad.pixels, pad.answer) == ([], None)


def test_of_equal_votes_the_nearer_digit_wins() -> None:
    from kits.widgets.digit_pad import examples, read

    x, y = examples([[1] * 64, [2] * 64, [3] * 64, [4] * 64], [6, 5, 5, 6])
    assert read(x, y, [0] * 64, k=4) == (6, 2)
    assert read(x, y, [0] * 64, k=3) == (5, 2)


def test_the_childs_own_drawing_comes_back(digits: Any) -> None:
    strokes = [[[50.0, 10.0], [50.0, 90.0]]]
    answers.record("q", {"strokes": strokes, "answer": 1})
    pad = digit_pad("q", digits.images, digits.target)
    assert pad.strokes == strokes
    assert pad.answer == 1


@pytest.mark.parametrize(
    ("images", "labels", "word"),
    [([[0] * 64], [1, 2], "一样多"), ([[0] * 9], [1], "64 个数"), ([[99] * 64], [1], "16"), ([], [], "至少一张")],
)
def test_examples_that_do_not_fit_are_refused(images: Any, labels: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        digit_pad("", images, labels)


# ---- the files ----


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_and_fetches_nothing_and_keeps_to_the_browser_floor(module: str) -> None:
    """Chromium 109 and Firefox ESR 115 are the floor; the page is read from disk."""
    text = base.script(module)
    for pattern, why in FORBIDDEN.items():
        found = re.search(pattern, text)
        assert not found, f"{module}.js: {why}: {found and found.group()}"
    assert text.count("export default") == 1


def test_the_host_fetches_nothing_and_leaves_one_name() -> None:
    text = embed.host_js()
    assert not re.search(r"\bfetch\(|XMLHttpRequest|https?://|</script", text)
    assert set(re.findall(r"window\.(\w+)\s*=", text)) == {"haikeHost"}


FORBIDDEN = {
    r"(?m)^\s*import\b|\bimport\(": "an import",
    r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|importScripts|navigator\.sendBeacon": "a request",
    r"https?://(?!www\.w3\.org/)": "an address",
    r"\b(?:window|globalThis|self)\.\w+\s*=[^=]": "a global",
    r"\blocalStorage|sessionStorage|indexedDB": "a store of its own: record() is the one way",
    r"Object\.groupBy|Map\.groupBy|Promise\.withResolvers|Array\.fromAsync|structuredClone\.": "newer than the floor",
    r"\.toSorted\(|\.toReversed\(|\.toSpliced\(|\.isWellFormed\(": "newer than Chromium 109",
    r"(?s)/\S*/v[\s.,;)]": "regular expressions with the v flag",
}


@pytest.mark.parametrize("path", sorted(WIDGETS.glob("*.css")), ids=lambda p: p.name)
def test_styles_keep_to_the_browser_floor_and_to_themselves(path: Path) -> None:
    text = re.sub(r"(?s)/\*.*?\*/", "", path.read_text("utf-8"))
    assert not re.search(r"@import|url\(\s*['\"]?(?!data:)|color-mix|@layer|@scope|light-dark\(|(?<!\w)&", text)
    depth = longest = 0
    for mark in re.findall(r"[{}]|@(?:media|container|supports|keyframes)[^{]*\{", text):
        depth += 0 if mark.startswith("@") else 1 if mark == "{" else -1
        depth = max(depth, 0)
        longest = max(longest, depth)
    assert longest == 1, "a rule inside a rule (nesting)"
    if path.name != "tokens.css":
        for selector in re.findall(
            r"(?m)^\s*([.#a-z*][^{}@]*)\{", re.sub(r"(?s)@keyframes[^{]*\{.*?\}\s*\}", "", text)
        ):
            for one in selector.split(","):
                assert ".hk" in one, f"{path.name}: {one.strip()} reaches outside the widget"


def test_the_two_nights_are_alike() -> None:
    text = (WIDGETS / "tokens.css").read_text("utf-8")
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", text, re.DOTALL)
    assert len(blocks) == 2
    one, two = ([line.strip() for line in block.strip().splitlines()] for block in blocks)
    assert one == two
    names = set(re.findall(r"(--[\w-]+):", blocks[0]))
    assert names <= set(re.findall(r"(--[\w-]+):", text.split("color-scheme: dark")[0]))


def test_every_drawing_of_the_cast_is_there_by_name() -> None:
    assert len(cast.names()) == 35
    assert cast.svg("boat-on", '灯"亮').startswith('<svg viewBox="0 0 96 96" role="img" aria-label="灯&quot;亮"')
    assert cast.symbols(["i-ok"]).count("<symbol") == 1


def test_text_of_a_lesson_cannot_leave_its_script_element() -> None:
    nasty = "</script><script>alert(1)</script><!--\u2028"
    html = embed.widget_html({"module": "choice", "state": {"question": nasty}}, 'u"1', fallback="<b>")
    assert html.count("<script") == html.count("</script>") == 1
    assert json.loads(re.search(r'json">(.*?)</script>', html)[1])["question"] == nasty  # type: ignore[index]
    modules = embed.modules_html(["choice", "number", "choice"])
    assert modules.count('data-name="choice"') == 1
    assert modules.count("<script") == modules.count("</script>") == 2
