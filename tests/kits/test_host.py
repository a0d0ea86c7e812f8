"""Widgets on a page without a kernel: a real browser, a page from disk, the network cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from kits import answers
from kits.widgets import choice, digit_pad, number

pytestmark = pytest.mark.browser

OPTIONS = [
    ("它懂 7", False, "换一种写法试试"),
    ("它只会比", True, "它找最像的例子"),
    ("它在猜", False, "看看它凭的是哪几张"),
]


def self_test(exercise: str = "why") -> Any:
    return choice(exercise, "它为什么念成 3？", options=OPTIONS)


@pytest.fixture(scope="module")
def digits() -> Any:
    return pytest.importorskip("sklearn.datasets").load_digits()


def test_a_tap_shows_its_own_hint_and_is_recorded_as_the_kernel_would(widget_page: Any) -> None:
    page = widget_page.show(self_test())
    page.get_by_text("它懂 7").click()
    assert "换一种写法试试" in page.locator(".reply").inner_text()
    page.get_by_text("它只会比").click()
    assert "它找最像的例子" in page.locator(".reply").inner_text()
    assert "换一种写法试试" not in page.locator(".reply").inner_text()
    events = widget_page.stored()
    assert [e["value"] for e in events] == [{"index": 0, "text": "它懂 7"}, {"index": 1, "text": "它只会比"}]
    assert {(e["lesson"], e["exercise"], e["mode"]) for e in events} == {("j7-03", "why", "屏幕")}
    assert events[0]["at"] < events[1]["at"]


def test_after_a_reload_the_last_answer_stands_and_nothing_new_is_written(widget_page: Any) -> None:
    page = widget_page.show(self_test(), number("count", "几只？"))
    page.get_by_text("它在猜").click()
    page.locator("#w1 input").fill("１２")
    page.get_by_role("button", name="记下").click()
    before = widget_page.stored()
    widget_page.reload(2)
    assert page.locator(".opt[aria-pressed=true]").inner_text().endswith("它在猜")
    assert "看看它凭的是哪几张" in page.locator(".reply").first.inner_text()
    assert page.locator("#w1 input").input_value() == "12"
    assert widget_page.stored() == before


def test_opening_a_page_records_nothing(widget_page: Any, digits: Any) -> None:
    pad = digit_pad("pad", digits.images[:200], digits.target[:200])
    page = widget_page.show(self_test(), number("n", "几？", pick=range(3)), pad)
    assert page.evaluate("localStorage.length") == 0


def test_a_widget_without_an_exercise_keeps_nothing(widget_page: Any) -> None:
    page = widget_page.show(self_test(""))
    page.get_by_text("它懂 7").click()
    assert "换一种写法试试" in page.locator(".reply").inner_text()
    assert page.evaluate("localStorage.length") == 0


def test_a_graded_choice_says_only_that_it_is_kept(widget_page: Any) -> None:
    page = widget_page.show(choice("q", "哪一个？", options=["甲鱼", "乌贼"]))
    page.get_by_text("乌贼").click()
    assert "已记下" in page.locator(".reply").inner_text()
    assert page.locator(".good, .hint").count() == 0


def test_it_can_be_done_with_the_keyboard_alone(widget_page: Any) -> None:
    page = widget_page.show(self_test())
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert widget_page.stored()[-1]["value"]["index"] == 1
    assert page.locator(".opt[aria-pressed=true]").count() == 1


def test_targets_are_large_enough_for_a_finger(widget_page: Any, digits: Any) -> None:
    pad = digit_pad("pad", digits.images[:200], digits.target[:200])
    page = widget_page.show(self_test(), number("n", "几？", pick=range(10)), number("m", "几？"), pad)
    page.set_viewport_size({"width": 375, "height": 700})
    for target in page.locator("button, input").all():
        box = target.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44, target.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_a_number_that_is_none_gets_a_hint_and_is_not_kept(widget_page: Any) -> None:
    page = widget_page.show(number("n", "差多少？", low=0, high=64))
    field = page.get_by_role("textbox")
    for odd, hint in (("", "还是空的"), ("一百", "不是一个数"), ("65", "0 到 64")):
        field.fill(odd)
        field.press("Enter")
        assert hint in page.locator(".reply").inner_text()
    assert widget_page.stored() == []
    field.fill("6。5")
    field.press("Enter")
    assert widget_page.stored()[-1]["value"] == 6.5


def test_two_pages_in_two_tabs_lose_nothing(widget_page: Any) -> None:
    first = widget_page.show(self_test())
    second = widget_page.context.new_page()
    second.goto(first.url)
    second.get_by_text("它在猜").click()
    first.get_by_text("它懂 7").click()
    assert len(widget_page.stored()) == 2


def test_lessons_are_kept_apart(widget_page: Any) -> None:
    widget_page.show(self_test(), lesson="j7-03").get_by_text("它懂 7").click()
    page = widget_page.show(self_test(), lesson="p4-01")
    assert page.locator(".opt[aria-pressed=true]").count() == 0
    page.get_by_text("它在猜").click()
    assert (len(widget_page.stored("j7-03")), len(widget_page.stored("p4-01"))) == (1, 1)


def test_a_damaged_record_is_set_aside_and_a_newer_one_left_alone(widget_page: Any) -> None:
    key = "haike:answers:j7-03"
    page = widget_page.show(self_test())
    page.evaluate("key => localStorage.setItem(key, '{broken')", key)
    page.get_by_text("它懂 7").click()
    assert len(widget_page.stored()) == 1
    aside = page.evaluate("Object.keys(localStorage).filter(k => k.includes('damaged')).map(k => localStorage[k])")
    assert aside == ["{broken"]
    newer = '{"version": 2, "events": []}'
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, newer])
    page.get_by_text("它在猜").click()
    assert page.evaluate("key => localStorage.getItem(key)", key) == newer
    assert "更新版" in page.get_by_role("alert").inner_text()


def test_where_the_browser_keeps_nothing_the_widget_still_works(open_page: Callable[..., Any]) -> None:
    shown = open_page()
    shown.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = shown.show(self_test())
    page.get_by_text("它懂 7").click()
    assert "换一种写法试试" in page.locator(".reply").inner_text()
    assert page.evaluate("haikeHost.last('j7-03', 'why')") == {"index": 0, "text": "它懂 7"}
    assert shown.errors == []


def test_a_full_store_drops_old_tries_and_never_the_newest(widget_page: Any) -> None:
    page = widget_page.show(self_test())
    page.get_by_text("它懂 7").click()
    page.evaluate(
        """() => {
          const full = JSON.parse(localStorage['haike:answers:j7-03']);
          const one = (_, i) => ({...full.events[0], exercise: 'often', value: String(i).repeat(30000)});
          const many = Array.from({length: 60}, one);
          localStorage['haike:answers:j7-03'] = JSON.stringify({version: 1, events: [...full.events, ...many]});
          try { for (let i = 0; ; i++) localStorage['x' + i] = 'x'.repeat(50000); } catch (full) { /* now it is */ }
          try { for (let i = 0; ; i++) localStorage['y' + i] = 'y'.repeat(10); } catch (full) { /* to the brim */ }
        }"""
    )
    page.get_by_text("它在猜").click()
    events = widget_page.stored()
    assert events[-1]["value"]["text"] == "它在猜"
    assert any(e["exercise"] == "often" for e in events)


def test_the_record_can_be_saved_as_the_file_a_notebook_keeps(widget_page: Any) -> None:
    page = widget_page.show(self_test())
    page.get_by_text("它懂 7").click()
    with page.expect_download() as download:
        page.evaluate("haikeHost.download('j7-03')")
    assert download.value.suggested_filename == "answers.json"
    text = download.value.path().read_text("utf-8")
    assert answers.read_document(text) == (widget_page.stored(), "")


def test_a_broken_module_says_so_and_the_others_live(open_page: Callable[..., Any]) -> None:
    shown = open_page()
    page = shown.show(self_test(), wait=False)
    shown.alive(1)
    page.evaluate(
        """() => {
          const place = document.createElement('div');
          place.className = 'haike-widget';
          place.dataset.module = 'nowhere';
          place.innerHTML = '<script type="application/json">{}</' + 'script>';
          document.body.append(place);
          return haikeHost.start();
        }"""
    )
    assert "没有打开" in page.locator(".haike-widget[data-haike=failed]").inner_text()
    page.get_by_text("它懂 7").click()
    assert len(shown.stored()) == 1


# ---- the digit pad ----


def draw(page: Any, strokes: list[list[tuple[float, float]]]) -> None:
    box = page.locator(".pad").bounding_box()
    for stroke in strokes:
        places = [(box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()


def test_the_pad_makes_its_point_untouched_and_a_bar_turns_it(widget_page: Any, digits: Any) -> None:
    page = widget_page.show(digit_pad("pad", digits.images[:1000], digits.target[:1000]))
    assert page.locator("output").inner_text() == "3"
    assert "灯亮了" in page.locator(".lab").inner_text()
    assert page.locator(".near li b").all_inner_texts() == ["3"] * 5
    page.get_by_role("button", name="带横的 7", exact=True).click()
    assert page.locator("output").inner_text() == "7"
    (event,) = widget_page.stored()
    assert (event["value"]["answer"], event["value"]["votes"], event["value"]["examples"]) == (7, 5, 1000)


def test_page_and_kernel_see_a_drawing_alike(widget_page: Any, digits: Any) -> None:
    """The same 64 numbers and the same answer from digit_pad.js and digit_pad.py, to the last bit."""
    from kits.widgets.digit_pad import examples, read, see

    x, y = examples(digits.images, digits.target)
    page = widget_page.show(digit_pad("pad", digits.images, digits.target))
    drawings = [
        [[(50, 12), (28, 40), (32, 80), (60, 85), (70, 50), (50, 12)]],
        [[(60, 10), (60, 90)], [(60, 12), (25, 62), (85, 62)]],
        [[(20, 50), (80, 52)]],
        [[(50, 50)]],
    ]
    for n, strokes in enumerate(drawings, 1):
        if n > 1:
            page.get_by_role("button", name="清空").click()
        draw(page, strokes)
        page.wait_for_function(
            "n => JSON.parse(localStorage['haike:answers:j7-03'] || '{\"events\": []}').events.length === n", arg=n
        )
        value = widget_page.stored()[-1]["value"]
        assert value["pixels"] == see(value["strokes"])
        assert (value["answer"], value["votes"]) == read(x, y, value["pixels"], 5)
        assert page.locator("output").inner_text() == str(value["answer"])


def test_fewer_examples_make_the_lantern_flicker(widget_page: Any, digits: Any) -> None:
    page = widget_page.show(digit_pad("pad", digits.images[:1000], digits.target[:1000], start="七带横"))
    page.locator("input[type=range]").fill("0")
    assert page.locator(".slid b").inner_text() == "30 张"
    assert "拿不准" in page.locator(".lab").inner_text()
    assert widget_page.stored() == []


def test_the_first_touch_wipes_the_example_and_a_reload_brings_the_childs_own(widget_page: Any, digits: Any) -> None:
    page = widget_page.show(digit_pad("pad", digits.images[:500], digits.target[:500]))
    draw(page, [[(50, 10), (50, 90)]])
    page.wait_for_function("localStorage['haike:answers:j7-03']")
    value = widget_page.stored()[-1]["value"]
    assert len(value["strokes"]) == 1
    assert value["answer"] == 1
    widget_page.reload(1)
    expect(page.locator("output")).to_have_text("1")
    page.get_by_role("button", name="清空").click()
    assert page.locator("output").inner_text() == "？"


@pytest.mark.parametrize(
    ("system", "says", "night"),
    [
        ("light", "", False),
        ("dark", "", True),
        ("dark", "document.documentElement.dataset.theme = 'light'", False),
        ("light", "document.documentElement.dataset.theme = 'dark'", True),
        ("dark", "document.body.dataset.jpThemeLight = 'true'", False),
        ("light", "document.body.dataset.jpThemeLight = 'false'", True),
    ],
)
def test_text_stands_out_by_day_and_night_and_the_page_decides(
    open_page: Callable[..., Any], system: str, says: str, night: bool
) -> None:
    shown = open_page(color_scheme=system, reduced_motion="reduce", viewport={"width": 375, "height": 800})
    page = shown.show(self_test(), number("n", "几？"))
    page.evaluate(says)
    page.get_by_text("它懂 7").click()
    pairs = page.evaluate(
        """() => [...document.querySelectorAll('.ask, .opt .txt, .hk-note b, .hk-note p, .hk-btn')].map((node) => {
          let paper = node;
          while (getComputedStyle(paper).backgroundColor === 'rgba(0, 0, 0, 0)') paper = paper.parentElement;
          return [getComputedStyle(node).color, getComputedStyle(paper).backgroundColor, node.textContent];
        })"""
    )
    assert len(pairs) >= 6
    for ink, paper, text in pairs:
        assert contrast(ink, paper) >= 4.5, text
    assert (contrast(pairs[0][1], "rgb(255, 255, 255)") > 10) == night


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(c) / 255 for c in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
