"""小船认字卡 in a real browser: what the boat says aloud, where the hand points, and an answer that stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kits.widgets.teach_cards import STEPS
from tests.kits.boat import RIGHT, Child, screen

HEAR = "window.heard = []; speechSynthesis.speak = words => window.heard.push(words.text);"


def test_the_choice_is_read_aloud(widget_page: Any) -> None:
    """What the boat reads, what can be chosen when it can be, and what was chosen when it was."""
    page = widget_page.page
    page.add_init_script(HEAR)
    widget_page.show(screen("who"))
    for suspect in page.locator(".suspect").all():
        suspect.click()
    page.get_by_role("button", name="标签").click()
    page.get_by_label("就选它").click()
    assert page.evaluate("window.heard") == ["目", "日", "目。是谁错了？点一点它。", "日", "就选它，标签。"]


def test_the_boat_says_what_it_reads(widget_page: Any) -> None:
    """A child who cannot read hears it, as soon as a card was moved or a new one held up, and only then."""
    page = widget_page.page
    page.add_init_script(HEAR)
    widget_page.show(screen("teach"))
    child = Child(page)
    for key, name in RIGHT.items():
        child.card(key).click()
        page.get_by_label(f"箱子：{name}").click()
    assert page.evaluate("window.heard.splice(0)") == ["日"] * 4
    child.send("c29", "日")
    assert page.evaluate("window.heard.splice(0)") == [], "it lies there already"
    for exam in page.locator(".held-out:visible").all():
        exam.click()
    assert page.evaluate("window.heard.splice(0)") == ["日", "目", "日", "目"]

    page = widget_page.show(screen("fool"))
    child = Child(page)
    assert page.evaluate("window.heard.splice(0)") == [], "silent until somebody does something"
    child.send("c29", "目")
    child.send("c29", "日")
    assert page.evaluate("window.heard") == ["目", "日"]


def test_who_has_found_the_cause_keeps_it_however_often_it_is_played_again(widget_page: Any) -> None:
    page = widget_page.show(screen("who", "cause"))
    child = Child(page)

    def answer(label: str) -> None:
        for suspect in page.locator(".suspect").all():
            suspect.click()
        page.get_by_role("button", name=label, exact=True).click()
        page.get_by_label("就选它").click()

    answer("标签")
    page.get_by_label("从头再玩").click()
    answer("小船")
    assert child.says() == "说给同桌听。", "nothing is put on record, and nobody says that it was"
    assert [event["value"] for event in widget_page.stored()] == ["name"]
    widget_page.reload(1)
    answer("新卡")
    assert [event["value"] for event in widget_page.stored()] == ["name"]


# Every dark dot of the cards and every name: none lies under a hand.
NOTHING_UNDER_A_HAND = """() => [...document.querySelectorAll('.hand path')].every(path =>
    [...document.querySelectorAll('.ink rect, .plate ruby, .said ruby, .label ruby')].every(mark => {
        const { left, top, width, height } = mark.getBoundingClientRect();
        const at = new DOMPoint(left + width / 2, top + height / 2).matrixTransform(path.getScreenCTM().inverse());
        return !path.isPointInFill(at);
    }))"""


@pytest.mark.parametrize("size", [(375, 812), (686, 768), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_hand_hides_nothing_that_is_to_be_compared(open_page: Callable[..., Any], size: tuple[int, int]) -> None:
    shown_page = open_page(viewport={"width": size[0], "height": size[1]})

    def free(game: Any) -> Child:
        page = shown_page.show(game)
        assert page.locator(".hand").count() > 0
        assert page.evaluate(NOTHING_UNDER_A_HAND)
        return Child(page)

    for step in STEPS:
        child = free(screen(step, step))
        if step == "who":
            for suspect in child.page.locator(".suspect").all():
                suspect.click()
            assert child.page.locator(".hand").count() == 3 and child.page.evaluate(NOTHING_UNDER_A_HAND)
    for wrong in RIGHT:
        child = free(screen("teach", f"without-{wrong}"))
        for key, name in RIGHT.items():
            child.send(key, name if key != wrong else "日" if name == "目" else "目")
        for exam in child.page.locator(".held-out:visible").all():
            exam.click()
            assert child.page.evaluate(NOTHING_UNDER_A_HAND)
        if child.page.locator(".held-out .hand").count():
            child.page.locator(".held-out:has(.hand)").click()
        assert child.shining() == wrong
        assert child.card(wrong).locator(".hand").count() == 1
        assert child.page.evaluate(NOTHING_UNDER_A_HAND)
