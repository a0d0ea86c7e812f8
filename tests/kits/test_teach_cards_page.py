"""小船认字卡 in a real browser: a child who taps, drags, errs and repairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kits.widgets.teach_cards import STEPS
from tests.kits.boat import MUDDLED, RIGHT, ROWS, Child, screen, three_names


def test_teaching_the_boat_reads_at_once(widget_page: Any) -> None:
    page = widget_page.show(screen("teach"))
    child = Child(page)
    assert child.boat_reads() == "?"
    child.send("c31", "目")
    assert (child.boat_reads(), child.says()) == ("目", "这个字它没见过。送一张给它看。")
    child.send("c29", "日")
    assert (child.boat_reads(), child.shining()) == ("日", "c29")
    assert child.says() == "灯亮了，它会念了。把卡都送上去。", "what the lamp means is said when it lights"
    child.send("c10", "目")
    assert page.locator(".held-out:visible").count() == 0, "first teach, then test"
    child.send("c20", "日")
    assert child.says() == "念对了！点一张卡考考它。"
    assert widget_page.stored()[-1]["value"] == {"labels": {"c29": "日", "c31": "目", "c10": "目", "c20": "日"}}


def test_a_boat_with_all_its_cards_is_tested_with_new_ones(widget_page: Any) -> None:
    page = widget_page.show(screen("teach"))
    child = Child(page)
    for key, name in RIGHT.items():
        child.send(key, name)
    told = len(widget_page.stored())
    first, second, third, fourth = page.locator(".held-out:visible").all()
    assert [e.locator(".said").inner_text()[:1] for e in (first, second, third, fourth)] == ["日", "?", "?", "?"]
    second.click()
    assert (child.boat_reads(), child.shining(), child.says()) == ("目", "c31", "它找最像的卡。照那张卡的标签念。")
    third.click()
    fourth.click()
    assert (child.boat_reads(), child.says()) == ("目", "念对了！是你教它的。")
    assert len(widget_page.stored()) == told, "testing the boat changes no name"


def test_praise_waits_until_every_new_card_is_read_right(widget_page: Any) -> None:
    page = widget_page.show(screen("teach"))
    child = Child(page)
    for key, name in (RIGHT | {"c20": "目"}).items():
        child.send(key, name)
    for exam in page.locator(".held-out:visible").all():
        exam.click()
    assert (child.boat_reads(), child.says()) == ("目", "念对了！点念错的那张。")
    page.locator(".held-out:visible:has(.hand)").click()
    assert (child.boat_reads(), child.shining(), child.says()) == ("目", "c20", "咦，念错了！这张放对了吗？")
    assert child.card("c20").locator(".hand").count() == 1
    child.send("c20", "日")
    assert child.says() == "念对了！是你教它的。"


def test_a_card_in_the_wrong_crate_is_not_a_character_it_never_saw(widget_page: Any) -> None:
    child = Child(widget_page.show(screen("teach")))
    child.send("c29", "目")
    assert child.says() == "咦，念错了！这张放对了吗？"
    child.send("c29", "日")
    assert child.says().startswith("见什么都念这个字。")


def test_a_new_character_in_two_wrong_crates(widget_page: Any) -> None:
    child = Child(widget_page.show(three_names()))
    assert child.says() == "这个字它没见过。送一张给它看。"
    child.send("c01", "日")
    child.send("c02", "目")
    assert child.says() == "咦，念错了！这张放对了吗？"
    wrong = child.shining()
    child.send(wrong, "口")
    assert (child.boat_reads(), child.says()) == ("口", "念对了！还有放错的卡。")


def test_a_hand_points_at_what_to_touch_and_never_at_one_crate_alone(widget_page: Any) -> None:
    page = widget_page.show(screen("teach"))
    child = Child(page)
    assert page.locator(".pier .zi .hand").count() == 1
    child.card("c29").click()
    assert page.locator(".crate .hand").count() == page.locator(".crate").count() == 2
    page.get_by_label("箱子：日").click()
    assert page.locator(".hand").count() == 0, "who has done it once needs no hand"


def test_wrong_names_fool_the_boat_and_right_names_mend_it(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)
    assert child.boat_reads() == "日"
    assert widget_page.stored() == [], "looking is not answering"
    child.send("c29", "目")
    assert (child.boat_reads(), child.says()) == ("目", "咦，念错了！现在改回来。"), "one card is enough"
    one = RIGHT | {"c29": "目"}
    assert widget_page.stored()[-1]["value"] == {"labels": one, "wrong": one, "mended": None}
    assert page.locator(".star.won").count() == 0
    child.send("c31", "日")

    widget_page.reload(1)
    child = Child(page)
    assert child.boat_reads() == "目", "the child's own boat is there again"
    child.send("c29", "日")
    child.send("c31", "目")
    assert (child.boat_reads(), child.says()) == ("日", "又念对了！你修好了它。")
    assert page.locator(".star.won").count() == 1

    child.send("c20", "目")  # goes on playing: what was done stays done
    last = widget_page.stored()[-1]["value"]
    assert (last["wrong"], last["mended"], last["labels"]["c20"]) == (one, RIGHT, "目")


def test_from_the_start_again_is_a_new_game_and_what_was_done_stays_on_record(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)
    start = child.says()
    child.send("c29", "目")
    child.send("c29", "日")
    assert page.locator(".won").count() == 2
    page.get_by_label("从头再玩").click()
    assert (child.says(), page.locator(".won").count()) == (start, 0)
    child.send("c20", "目")
    value = widget_page.stored()[-1]["value"]
    assert (value["wrong"], value["mended"]) == (RIGHT | {"c29": "目"}, RIGHT)


def test_a_lamp_does_not_flicker_because_all_cards_lie_in_one_crate(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    lamp = page.locator(".lamp").inner_html()
    child = Child(page)
    child.send("c29", "目")
    child.send("c20", "目")
    assert page.locator(".lamp").inner_html() == lamp


def test_who_mends_the_shining_card_first_is_shown_the_other_one_after_a_while(widget_page: Any) -> None:
    page = widget_page.page
    page.clock.install()
    widget_page.show(screen("fool"))
    child = Child(page)
    child.send("c20", "目")
    child.send("c29", "目")
    child.send("c29", "日")
    assert (child.boat_reads(), child.says()) == ("日", "还有放错的卡。")
    assert page.locator(".hand").count() == 0, "first look yourself"
    page.clock.run_for(9000)
    assert child.card("c20").locator(".hand").count() == 1


def test_wrong_names_that_do_not_matter_leave_a_hint(widget_page: Any) -> None:
    page = widget_page.page
    page.clock.install()
    widget_page.show(screen("fool"))
    child = Child(page)
    child.send("c20", "目")
    child.send("c10", "日")
    assert (child.boat_reads(), child.says()) == ("日", "它还是念对了。换发亮的那张。")
    assert widget_page.stored()[-1]["value"]["wrong"] is None
    page.clock.run_for(9000)
    assert child.card("c29").locator(".hand").count() == 1, "a child who cannot read is shown the card that shines"


def test_dragging_does_what_tapping_does_and_a_card_dropped_in_the_sea_comes_back(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)

    def drag(key: str, x: float, y: float) -> None:
        start = child.card(key).bounding_box()
        page.mouse.move(start["x"] + 30, start["y"] + 30)
        page.mouse.down()
        page.mouse.move(x, y, steps=5)
        page.mouse.up()

    drag("c29", 20, 400)
    assert child.boat_reads() == "日"
    assert widget_page.stored() == []
    crate = page.get_by_label("箱子：目").bounding_box()
    drag("c29", crate["x"] + 40, crate["y"] + 10)
    assert child.boat_reads() == "目"
    assert page.locator(".held").count() == 0
    assert page.locator(".pick").count() == 0, "the end of a drag is no tap"


def test_repairing_follows_the_shining_card(widget_page: Any) -> None:
    page = widget_page.show(screen("repair"))
    child = Child(page)
    assert child.says().startswith("有人放错了箱子！")
    for _ in range(2):
        wrong = child.shining()
        child.send(wrong, ROWS[wrong]["true_char"])
    assert child.says() == "三张都念对了！你修好了它。"
    value = widget_page.stored()[-1]["value"]
    assert value["mended"] == {key: ROWS[key]["true_char"] for key in MUDDLED}
    assert page.locator(".said.right").count() == 3


def test_no_star_while_a_card_lies_in_the_wrong_crate_that_no_exam_shows(widget_page: Any) -> None:
    page = widget_page.show(screen("repair"))
    child = Child(page)
    child.send("c05", "目")
    child.send("c03", "日")
    child.send("c04", "目")
    assert (child.says(), page.locator(".won").count()) == ("三张都念对了！再找放错的卡。", 0)
    assert widget_page.stored()[-1]["value"]["mended"] is None
    child.send("c05", "日")
    assert (child.says(), page.locator(".won").count()) == ("三张都念对了！你修好了它。", 1)


def test_a_double_tap_is_one_tap(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)
    child.card("c29").dblclick()
    assert page.locator(".pick").count() == 1


def test_the_loudspeaker_shows_that_something_else_is_said_now(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)
    assert page.locator(".round.new").count() == 0
    child.send("c29", "目")
    page.locator(".round.new").click()
    assert page.locator(".round.new").count() == 0


def test_a_card_lands_where_the_other_card_lies(widget_page: Any) -> None:
    child = Child(widget_page.show(screen("repair")))
    child.card("c03").click()
    child.card("c05").click()  # a small finger meets the card in the crate, not the crate
    assert widget_page.stored()[-1]["value"]["labels"]["c03"] == "日"


def test_looking_never_answers_and_choosing_is_a_gesture_of_its_own(widget_page: Any) -> None:
    page = widget_page.show(screen("who", "cause"))
    child = Child(page)
    choose = page.get_by_label("就选它")
    boat, name, card = (page.get_by_role("button", name=label) for label in ("小船", "标签", "新卡"))
    assert choose.is_disabled(), "nothing has been looked at"
    read = []
    for suspect in (name, boat, card):
        suspect.click()
        read.append(child.boat_reads())
        if suspect is name:
            assert child.says() == "念对了！别的也换一换。", "who finds it first goes on"
    assert read == ["日", "目", "目"]
    assert child.says() == "是谁错了？点一点它。"
    boat.click()
    assert child.says() == "想好了，就选它。"
    for suspect in (name, boat):  # looking again, as often as one likes
        suspect.click()
    assert widget_page.stored() == [], "looking is not answering"
    assert page.locator(".chosen").count() == 0

    choose.click()
    assert child.says() == "记下了。说给同桌听。", "the page does not tell whether it was the right one"
    choose.click()
    assert [event["value"] for event in widget_page.stored()] == ["boat"], "once is enough"
    name.click()
    assert (child.boat_reads(), child.says()) == ("日", "念对了！"), "looking goes on after the answer"
    assert [event["value"] for event in widget_page.stored()] == ["boat"]
    assert page.locator(".suspect.chosen").get_attribute("aria-label") == "小船"
    choose.click()
    assert [event["value"] for event in widget_page.stored()] == ["boat", "name"]

    widget_page.reload(1)
    assert page.locator(".suspect.chosen").get_attribute("aria-label") == "标签"
    page.locator(".suspect").first.click()
    assert len(widget_page.stored()) == 2


@pytest.mark.parametrize("order", [("小船", "新卡", "标签"), ("标签", "小船", "新卡")])
def test_the_last_one_looked_at_is_not_yet_an_answer(widget_page: Any, order: tuple[str, ...]) -> None:
    """Neither who follows the hand nor who found the cause first answers without meaning to."""
    page = widget_page.show(screen("who", "cause"))
    choose = page.get_by_label("就选它")
    for label in order:
        page.get_by_role("button", name=label).click()
    assert choose.is_disabled()
    assert page.locator(".suspect.on").count() == 0
    assert choose.locator(".face *").count() == 0, "the button holds nobody"
    assert page.locator(".suspect .hand").count() == 3, "the hand points at none alone"
    page.get_by_role("button", name="标签").click()
    choose.click()
    assert [event["value"] for event in widget_page.stored()] == ["name"]


def test_following_the_hand_does_not_end_at_the_cause(widget_page: Any) -> None:
    page = widget_page.show(screen("who"))
    for _ in range(3):
        last = page.locator(".suspect:has(.hand)")
        label = last.get_attribute("aria-label")
        last.click()
    assert label != "标签"


def test_a_button_turns_to_what_follows_be_it_words_or_a_game(widget_page: Any) -> None:
    page = widget_page.show(screen("teach", "a"), screen("fool", "b"), screen("who", "c"))
    page.evaluate("""() => document.querySelector('.fool').closest('.haike-widget').insertAdjacentHTML(
        'beforebegin', '<h2>讲解</h2><p style="height: 900px">它找最像的卡。</p><h3>必做</h3>')""")
    near_top = "what => Math.abs(document.querySelector(what).getBoundingClientRect().top - 100) < 100"
    page.get_by_label("下一步").first.click()
    page.wait_for_function(near_top, arg="h2")
    page.get_by_label("下一步").nth(1).click()
    page.wait_for_function(near_top, arg=".who")


def test_a_keyboard_is_enough(widget_page: Any) -> None:
    page = widget_page.show(screen("fool"))
    child = Child(page)
    child.card("c29").focus()
    page.keyboard.press("Enter")
    page.get_by_label("箱子：目").focus()
    page.keyboard.press("Enter")
    assert child.boat_reads() == "目"


@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize(
    "size", [(375, 667), (375, 812), (686, 768), (1100, 700), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_everything_fits_and_every_target_is_big(
    open_page: Callable[..., Any], step: str, size: tuple[int, int]
) -> None:
    shown_page = open_page(viewport={"width": size[0], "height": size[1]})
    page = shown_page.show(screen(step))
    fits(page, size)
    child = Child(page)
    if step == "teach":
        for labels in (dict.fromkeys(RIGHT, "目"), RIGHT):
            for key, name in labels.items():
                child.send(key, name)
            fits(page, size)
    elif step == "who":
        for suspect in page.locator(".suspect").all():
            suspect.click()
    elif step == "fool":
        child.send("c29", "目")
    else:
        child.send("c04", "目")
    fits(page, size)
    assert shown_page.errors == []


# The lower edge of every name, points across it and the two pixels below: none lies in the hull as it is drawn.
NAMES_ABOVE_THE_HULL = """() => [...document.querySelectorAll('.plate ruby')].every(name => {
    const { left, width, bottom } = name.getBoundingClientRect();
    return [...document.querySelectorAll('.hull path')].every(path => [0, 0.25, 0.5, 0.75, 1].every(part => {
        const at = new DOMPoint(left + part * width, bottom + 2).matrixTransform(path.getScreenCTM().inverse());
        return !path.isPointInFill(at);
    }));
})"""


def fits(page: Any, size: tuple[int, int]) -> None:
    stage = page.locator(".stage").bounding_box()
    assert stage["height"] <= 600, "a heading fits above it"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no scrolling sideways"
    for target in page.locator(".stage button:visible").all():
        box = target.bounding_box()
        assert box["width"] >= 64, target.get_attribute("aria-label")
        assert box["height"] >= 64, target.get_attribute("aria-label")
        assert box["x"] >= stage["x"]
        assert box["y"] >= stage["y"]
        assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
        assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
    bubble = page.locator(".bubble").bounding_box()
    assert bubble["x"] + bubble["width"] <= stage["x"] + stage["width"]
    for other in page.locator(".tools .round, .crates .zi, .pier").all():
        assert not overlap(bubble, other.bounding_box()), other.get_attribute("class")
    assert page.evaluate(NAMES_ABOVE_THE_HULL), "the bars of 日 and 目 are counted: the hull hides none"
    for suspect in page.locator(".suspect").all():
        face, said = (suspect.locator(part).bounding_box() for part in (".face", ".said"))
        assert not overlap(face, said, 0), "what the boat says hides the picture"
    held = page.locator(".stage .exam").bounding_box()
    for other in page.locator(".crates .zi").all():
        assert held is None or not overlap(held, other.bounding_box()), "the card held up lies over one on board"


@pytest.mark.parametrize(
    "size", [(320, 568), (375, 812), (686, 768), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}"
)
@pytest.mark.parametrize("crate", ["日", "目"])
def test_the_fullest_crate_shows_every_card_in_one_size(
    open_page: Callable[..., Any], size: tuple[int, int], crate: str
) -> None:
    """Left and right, on board and held up: only then can a child see which are alike. None lies over another."""
    page = open_page(viewport={"width": size[0], "height": size[1]}).show(screen("repair"), three_names())
    for game in (page.locator(".hk:has(.repair)"), page.locator(".hk:has(.teach)")):
        for i in range(game.locator(".zi[aria-label^='字卡']").count()):
            game.get_by_label(f"字卡 {i + 1}", exact=True).click()
            game.get_by_label(f"箱子：{crate}").click()
        sizes = {round(zi.bounding_box()["width"]) for zi in game.locator(".zi:visible, .reading:visible").all()}
        assert len(sizes) == 1 and sizes.pop() >= 64
        on_board = [zi.bounding_box() for zi in game.locator(".crates .zi").all()]
        assert not any(overlap(one, other) for i, one in enumerate(on_board) for other in on_board[:i])


def overlap(one: dict[str, float], other: dict[str, float], least: float = 2) -> bool:
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > least and down > least
