"""What the boat sees of the tide at an interval: the effects that lesson p4-01 promises."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from kits import answers
from kits.widgets import tide_sampler
from kits.widgets.tide_sampler import as_number, look_every

PERIOD = 12.4206
TIDE = 2 + np.cos(2 * math.pi * np.arange(7 * 144 + 1) / 6 / PERIOD)
LESSON = Path(__file__).parents[2] / "courses/lessons/grade-04/p4-01-how-often-tide"
LESSON_TIDE = np.loadtxt(LESSON / "data/tide-chengshantou/data.csv", delimiter=",", skiprows=1)[:, 1]


def test_looking_often_shows_every_low_tide_and_nearly_the_true_curve():
    seen = look_every(TIDE, 1)
    assert (seen.lows, seen.true_lows) == (6, 6)
    assert seen.gap_cm <= 5


def test_one_interval_hides_the_tide_and_its_neighbours_do_not():
    still = look_every(TIDE, 12.5)
    assert still.lows == 0
    assert still.moved_cm <= tide_sampler("", TIDE).still
    assert still.gap_cm > 190
    assert all(look_every(TIDE, half / 2).moved_cm > 70 for half in range(1, 27) if half != 25)


def test_too_few_looks_draw_a_slow_tide_that_is_not_there():
    lows = [look_every(TIDE, every).lows for every in (6, 8, 10, 11)]
    assert lows == [6, 3, 1, 1]


def test_the_longest_whole_hours_within_sixty_centimetres_are_found_by_going_up_step_by_step():
    good = [every for every in range(1, 14) if look_every(TIDE, every).gap_cm < 60]
    assert good == [1, 2, 3, 4]
    assert all(look_every(TIDE, every).lows == 6 for every in good)


def test_in_the_first_day_the_sheets_three_points_show_one_low_tide_of_two():
    view = look_every(LESSON_TIDE, 8)
    lows = tide_sampler("", LESSON_TIDE).true_lows
    assert [round(10 * float(LESSON_TIDE[hour * 6])) for hour in (0, 8, 16, 24)] == [30, 14, 18, 29]
    assert ([low for low in view.low_hours if low < 24], [round(low) for low in lows if low < 24]) == ([8], [6, 19])


@pytest.mark.parametrize("every", [3, 4, 5, 6, 8, 10, 12.5])
def test_heights_read_to_ten_centimetres_on_the_printed_strip_give_the_same_lows(every):
    seen = [round(10 * float(TIDE[round(hour * 6)])) for hour in np.arange(0, 75.01, every)]
    lows = sum(a > b <= c for a, b, c in zip(seen, seen[1:], seen[2:], strict=False))
    assert lows == look_every(TIDE, every).lows


def test_the_figures_that_the_lesson_prints_are_those_of_its_data():
    assert [round(100 * float(level)) for level in LESSON_TIDE[::75][:6]] == [300, 300, 300, 299, 299, 298]
    assert [look_every(LESSON_TIDE, every).gap_cm for every in (1, 2, 3, 4, 6, 12)] == [4, 13, 27, 47, 90, 199]
    assert [round(100 * float(LESSON_TIDE[hour * 6])) for hour in (0, 20, 25, 30, 50)] == [300, 123, 300, 114, 299]
    assert round(look_every(LESSON_TIDE, 10).gap_hour) == 25
    assert look_every(LESSON_TIDE, 10).true_m == 3


def test_the_longest_whole_hours_that_miss_no_low_tide_are_six_and_four_and_a_half_keeps_both_rules():
    assert [every for every in range(1, 14) if look_every(LESSON_TIDE, every).lows == 6] == [1, 2, 3, 4, 5, 6]
    assert (look_every(LESSON_TIDE, 4.5).lows, look_every(LESSON_TIDE, 4.5).gap_cm) == (6, 58)


def test_only_the_two_intervals_of_one_and_two_whole_swings_are_flat():
    moved = {half / 2: look_every(LESSON_TIDE, half / 2).moved_cm for half in range(1, 53)}
    assert sorted(moved, key=lambda every: moved[every])[:3] == [25, 12.5, 24.5]
    assert moved[24.5] == 6


def test_the_worst_moment_is_where_boat_and_sea_differ_by_the_gap():
    view = look_every(TIDE, 8)
    true = TIDE[round(view.gap_hour * 6)]
    assert view.true_m == round(float(true), 2)
    assert abs(view.drawn_m - view.true_m) * 100 == pytest.approx(view.gap_cm)


@pytest.mark.parametrize("every", [0, -1, 0.3, 8.25])
def test_an_interval_off_the_half_hours_is_refused_in_chinese(every):
    with pytest.raises(ValueError, match="半小时的倍数"):
        look_every(TIDE, every)


def test_a_tide_that_ends_before_three_days_is_refused():
    with pytest.raises(ValueError, match="不够画满三天"):
        look_every(TIDE[:400], 8)


def test_a_start_beyond_the_slider_is_refused():
    with pytest.raises(ValueError, match="滑块最右边"):
        tide_sampler("", TIDE, start=14)


def test_a_start_between_two_stops_of_the_slider_is_refused():
    with pytest.raises(ValueError, match="停不在 start=2.5"):
        tide_sampler("", TIDE, start=2.5, step=1)


@pytest.mark.parametrize("typed", [3.5, "3.5", " 3.5 ", "３．５", "3。5", "3.5小时", "隔 3.5 小时", "3.5 个小时"])
def test_a_number_is_read_however_a_child_wrote_it(typed):
    assert as_number(typed) == 3.5


def test_a_numeral_in_chinese_is_a_number():
    assert [as_number(typed) for typed in ("五", "五次", "5 次", "两次", 6)] == [5, 5, 5, 2, 6]
    assert [as_number(typed) for typed in ("零", "十", "十二", "二十", "九十六次")] == [0, 10, 12, 20, 96]
    assert [as_number(typed) for typed in ("5 次低潮", "五次低潮", "4h", "4 H")] == [5, 5, 4, 4]


@pytest.mark.parametrize(
    "typed",
    [
        "12.5",
        "12时半",
        "12 小时半",
        "12个半小时",
        "隔 12 点半",
        "１２半",
        "12:30",
        "12：30",
        "12时30分",
        "十二时半",
        "12小时30分钟",
        "十二小时三十分钟",
        "十二点五",
        "十二点五小时",
        "12½",
        "12 ½ 小时",
    ],
)
def test_half_an_hour_in_words_is_half_an_hour(typed):
    assert as_number(typed) == 12.5


def test_how_often_is_read_with_its_once_and_its_a_day():
    assert [as_number(typed) for typed in ("一天6次", "一天看 6 次", "每天六次", "一天要看6次")] == [6, 6, 6, 6]
    assert [as_number(typed) for typed in ("4小时一次", "每4小时看一次", "隔 4 小时看 1 次", "四个小时1次")] == [
        4,
        4,
        4,
        4,
    ]
    assert as_number("12个半小时一次") == 12.5


def test_half_an_hour_alone_is_a_number():
    assert [as_number(typed) for typed in ("半小时", "隔半个小时", "五个半小时")] == [0.5, 0.5, 5.5]


@pytest.mark.parametrize(
    "typed",
    [
        None,
        True,
        "",
        "很久",
        "24÷4=6",
        "二三",
        "十零",
        "十十",
        "12:75",
        "½",
        "一天",
        "一次4小时",
        "3½½",
        "4次一次",
        "3或4",
        "5 6",
        "-3",
        "次",
        "nan",
        "半",
        "12.5 时半",
        "3 个半小时半",
        {"text": "4"},
        [4],
    ],
)
def test_what_is_no_number_is_not_guessed(typed):
    assert as_number(typed) is None


def test_making_the_widget_writes_nothing_and_a_rerun_restores_the_choice(tmp_path, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.chdir(own)
    tide_sampler("still", TIDE)
    assert not list(own.iterdir())
    answers.record("still", 12)
    assert tide_sampler("still", TIDE).saved == 12


def test_the_page_state_has_the_views_and_nothing_of_the_child():
    state = tide_sampler("", TIDE, start=10, fog=True).public_state()
    assert [view["every"] for view in state["views"]] == [half / 2 for half in range(1, 27)]
    assert len(state["true_lows"]) == 6
    assert "saved" not in state


def test_fog_keeps_the_truth_out_of_the_words_for_a_reader_without_a_browser():
    assert "真的海有 6 次" in tide_sampler("", TIDE, start=8).in_words()
    assert "真的海" not in tide_sampler("", TIDE, start=8, fog=True).in_words()


def test_a_pupil_drags_picks_and_finds_the_choice_again(widget_page):
    made = tide_sampler("still-sea", TIDE, start=6)
    page = widget_page.show(made, lesson="p4-01")
    page.get_by_role("slider").fill("12.5")
    assert "几乎不动" in page.locator(".said").first.inner_text()
    page.get_by_role("button", name="就选它").click()
    assert [(e["exercise"], e["value"]) for e in widget_page.stored("p4-01")] == [("still-sea", 12.5)]
    widget_page.reload(1)
    assert page.get_by_role("slider").input_value() == "12.5"
    assert "已记下：隔 12.5 小时" in page.locator(".kept").inner_text()
    assert not widget_page.errors


GUESS = ("打“？”的那一刻，雾下面的海……", ["也退得很低", "刚好半高", "正涨得最满"])


def guessing():
    return tide_sampler("guess-fog", LESSON_TIDE, start=10, fog=True, knob=False, guess=GUESS)


def test_the_fog_lifts_only_after_a_guess_which_stays_and_is_said_beside_the_truth(widget_page):
    page = widget_page.show(guessing(), lesson="p4-01")
    assert page.get_by_role("button", name="先猜，再掀开雾").is_disabled()
    page.get_by_role("button", name="刚好半高").click()
    page.get_by_role("button", name="也退得很低").click()
    kept = [(e["exercise"], e["value"]) for e in widget_page.stored("p4-01")]
    assert kept[-1] == ("guess-fog", {"index": 0, "text": "也退得很低"})
    page.get_by_role("button", name="掀开雾").click()
    assert page.locator(".chart .water").count() == 1
    assert "你猜“也退得很低”" in page.locator(".guess").inner_text()
    page.get_by_role("button", name="盖上雾").click()
    assert page.get_by_role("button", name="正涨得最满").is_disabled()
    assert page.get_by_role("button", name="就选它").count() == 0
    assert not widget_page.errors


def test_a_guess_is_found_again_and_the_fog_lies_again(widget_page):
    page = widget_page.show(guessing(), lesson="p4-01")
    page.get_by_role("button", name="正涨得最满").click()
    widget_page.reload(1)
    assert page.get_by_role("button", name="正涨得最满").get_attribute("aria-pressed") == "true"
    assert page.locator(".chart .water").count() == 0
    assert page.get_by_role("button", name="掀开雾").is_enabled()


@pytest.mark.parametrize(("width", "height"), [(375, 812), (1366, 768)])
def test_the_guess_its_fog_and_the_picture_are_seen_at_once(widget_page, width, height):
    widget_page.page.set_viewport_size({"width": width, "height": height})
    page = widget_page.show(guessing(), lesson="p4-01")
    chart, lift = page.locator(".chart").bounding_box(), page.locator(".lift").bounding_box()
    assert lift["y"] + lift["height"] - chart["y"] <= height - 60
    before = lift["y"]
    page.get_by_role("button", name="刚好半高").click()
    assert page.locator(".lift").bounding_box()["y"] == before
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = "[...document.querySelectorAll('.hk button')].filter(b => b.getBoundingClientRect().height < 44).length"
    assert page.evaluate(small) == 0


def test_a_guess_stands_in_the_words_for_a_reader_without_a_browser():
    assert guessing().in_words().splitlines()[1:] == [GUESS[0], *GUESS[1]]


@pytest.mark.parametrize("wrong", [{"exercise": ""}, {"fog": False}, {"knob": True}, {"guess": ("海……", ["高"])}])
def test_a_guess_that_cannot_be_kept_or_has_nothing_to_hide_is_refused(wrong):
    given = {"exercise": "guess-fog", "fog": True, "knob": False, "guess": GUESS} | wrong
    with pytest.raises(ValueError, match="guess"):
        tide_sampler(given.pop("exercise"), TIDE, start=10, **given)


def test_fog_hides_the_sea_until_it_is_lifted(widget_page):
    page = widget_page.show(tide_sampler("", TIDE, start=10, fog=True, knob=False), lesson="p4-01")
    assert page.locator(".chart .water").count() == 0
    assert "真的 ？" in page.locator(".facts").inner_text()
    page.get_by_role("button", name="掀开雾").click()
    assert page.locator(".chart .water").count() == 1
    assert "真的 6 次" in page.locator(".facts").inner_text()
    assert page.get_by_role("slider").count() == 0
    assert not widget_page.errors


def test_in_the_fog_the_shore_shows_what_the_boat_says_and_its_ruler_stands_above_the_fog(widget_page):
    page = widget_page.show(guessing(), lesson="p4-01")
    assert page.locator(".words").inner_text() == "第 2 天 1 时：小船画 119 厘米。真的水面在哪里？"
    after_fog = """[...document.querySelectorAll('.scene .mark, .scene .said')].every(part =>
        document.querySelector('.scene .fog').compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING)"""
    assert page.evaluate(after_fog)


def test_lifting_the_fog_adds_the_gap_and_keeps_what_the_boat_itself_can_tell(widget_page):
    page = widget_page.show(tide_sampler("", LESSON_TIDE, start=12.5, fog=True), lesson="p4-01")
    rows = page.locator(".facts li")
    assert [row.split() for row in rows.all_inner_texts()][2:] == [
        ["橙线高低差", "2", "厘米"],
        ["和真的海最多差", "？"],
    ]
    page.get_by_role("button", name="掀开雾").click()
    assert [row.split()[1] for row in rows.all_inner_texts()][2:] == ["2", "200"]


@pytest.mark.parametrize("every", [1, 2, 3, 4, 5, 6, 8, 10, 12])
@pytest.mark.parametrize("width", [375, 1366])
def test_the_words_of_the_gap_cover_no_square(widget_page, every, width):
    widget_page.page.set_viewport_size({"width": width, "height": 768})
    page = widget_page.show(tide_sampler("", LESSON_TIDE, start=every, step=1), lesson="p4-01")
    covered = """[...document.querySelectorAll('.gap text')].filter(words => {
        const a = words.getBBox();
        return [...document.querySelectorAll('.boatline rect')].map(square => square.getBBox()).some(b =>
            a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height);
    }).length"""
    assert page.evaluate(covered) == 0


def test_the_keys_and_buttons_move_by_half_an_hour_and_stop_at_the_ends(widget_page):
    page = widget_page.show(tide_sampler("", TIDE, start=12.5), lesson="p4-01")
    more = page.get_by_role("button", name="多隔半小时")
    more.click()
    more.click()
    assert page.get_by_role("slider").input_value() == "13"
    page.get_by_role("slider").press("ArrowLeft")
    assert page.locator(".value").inner_text() == "12.5 小时"


def test_a_slider_of_whole_hours_says_and_moves_whole_hours(widget_page):
    page = widget_page.show(tide_sampler("", TIDE, start=1, step=1), lesson="p4-01")
    page.get_by_role("button", name="多隔 1 小时").click()
    assert page.locator(".value").inner_text() == "2 小时"
    page.get_by_role("slider").press("ArrowRight")
    assert page.locator(".value").inner_text() == "3 小时"
    assert not widget_page.errors


def test_the_chart_has_as_many_squares_as_the_panel_counts_looks(widget_page):
    page = widget_page.show(tide_sampler("", TIDE, start=12.5), lesson="p4-01")
    assert page.locator(".facts li").first.inner_text().split() == ["三天看几次", "6", "次"]
    assert page.locator(".boatline rect").count() == 6
    assert not widget_page.errors


def test_the_buttons_stay_under_the_finger_on_a_telephone(widget_page):
    widget_page.page.set_viewport_size({"width": 375, "height": 800})
    page = widget_page.show(tide_sampler("", TIDE, start=12), lesson="p4-01")
    more = page.get_by_role("button", name="多隔半小时")
    before = more.bounding_box()["y"]
    more.click()
    assert more.bounding_box()["y"] == before


def test_slider_and_facts_are_seen_at_once_on_a_telephone(widget_page):
    widget_page.page.set_viewport_size({"width": 375, "height": 667})
    page = widget_page.show(tide_sampler("still", TIDE, start=12, fog=True), lesson="p4-01")
    chart, facts = page.locator(".chart").bounding_box(), page.locator(".facts").bounding_box()
    assert facts["y"] + facts["height"] - chart["y"] <= 667


def test_it_fits_a_telephone(widget_page):
    widget_page.page.set_viewport_size({"width": 375, "height": 800})
    page = widget_page.show(tide_sampler("still", TIDE, start=4), lesson="p4-01")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    small = "[...document.querySelectorAll('.hk button')].filter(b => b.getBoundingClientRect().height < 44).length"
    assert page.evaluate(small) == 0
