"""小船认字卡: the machine, what 小灰 says, and a child who taps, drags, errs and repairs in a real browser."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kits import answers
from kits.widgets import base
from kits.widgets.teach_cards import LABELS, NAMES, STEPS, WORDS, TeachCards, reads, teach_cards

LESSON = Path(__file__).parents[2] / "courses/lessons/grade-01/p1-03-sun-or-eye"
DATA = LESSON / "data/char-cards-8x8"

with (DATA / "data.csv").open(encoding="utf-8") as stream:
    ROWS = {row["id"]: row for row in csv.DictReader(stream)}
RIGHT = {"c29": "日", "c31": "目", "c10": "目", "c20": "日"}
TRICKED = RIGHT | {"c29": "目", "c31": "日"}
MUDDLED = {"c34": "日", "c03": "日", "c19": "目", "c11": "目", "c23": "日", "c13": "目"}


def cards(names: Any) -> dict[str, str]:
    return {key: ROWS[key]["pixels"] for key in names}


def shown(*keys: str) -> list[tuple[str, str]]:
    return [(ROWS[key]["pixels"], ROWS[key]["true_char"]) for key in keys]


def screen(step: str, exercise: str = "play") -> TeachCards:
    if step == "repair":
        return teach_cards(exercise, cards(MUDDLED), step=step, start=MUDDLED, show=shown("c15", "c04", "c27"))
    start = {"teach": {}, "who": TRICKED}.get(step, RIGHT)
    show = shown(*{"teach": ("c06", "c27", "c33"), "who": ("c06", "c33")}.get(step, ("c06",)))
    return teach_cards(exercise, cards(RIGHT), step=step, start=start, fixed=RIGHT if step == "who" else {}, show=show)


class Child:
    """Plays one screen by tapping, as a child does."""

    def __init__(self, page: Any) -> None:
        self.page = page
        spec = json.loads(page.locator(".haike-widget script").first.text_content())
        self.order = {key: i + 1 for i, key in enumerate(spec["cards"])}

    def card(self, key: str) -> Any:
        return self.page.locator(f".zi[aria-label='字卡 {self.order[key]}']:not(.held)")

    def send(self, key: str, name: str) -> None:
        self.card(key).click()
        self.page.get_by_label(f"箱子：{name}").click()

    def says(self) -> str:
        bare = "c => { c.querySelectorAll('rt').forEach(t => t.remove()); return c.textContent; }"
        lines = self.page.locator(".bubble").evaluate(f"b => ({bare})(b.cloneNode(true))")
        return str(lines)

    def boat_reads(self) -> str:
        return str(self.page.locator(".reading").inner_text())[:1]

    def shining(self) -> str:
        label = self.page.locator(".crates .like").get_attribute("aria-label")
        return next(key for key, i in self.order.items() if label == f"字卡 {i}")


# ---- without a browser ----


def test_the_machine_reads_the_name_of_the_nearest_card() -> None:
    mystery = ROWS["c06"]["pixels"]
    assert reads(cards(RIGHT), RIGHT, mystery) == "日"
    assert reads(cards(RIGHT), TRICKED, mystery) == "目"
    assert reads(cards(RIGHT), {}, mystery) == ""
    assert reads(cards(RIGHT), {"c10": "目"}, mystery) == "目", "a card without a name is not on board"


def test_equal_distances_go_to_the_card_that_comes_first() -> None:
    same = {"one": "0" * 64, "other": "0" * 64}
    assert reads(same, {"other": "目", "one": "日"}, "f" * 64) == "日"


def test_every_sentence_is_short_and_spelled_as_in_the_lessons() -> None:
    pytest.importorskip("pypinyin")
    from kits.pinyin import readings

    spoken = (
        {key: words[1:] for key, words in WORDS.items()}
        | LABELS
        | {name: (name, sound) for name, sound in NAMES.items()}
    )
    for key, (text, spelled) in spoken.items():
        assert sum(c.isalpha() for c in text) <= 15, key
        assert [sound for sound in readings(text) if sound] == spelled.split(), key


def test_every_sentence_can_be_said() -> None:
    said = {key for step in STEPS for key in screen(step).words}
    assert said == set(WORDS)


def test_making_a_widget_writes_nothing_and_its_public_state_holds_nothing_of_the_child(own_folder: Path) -> None:
    answers.record("play", {"labels": TRICKED, "wrong": TRICKED, "mended": None})
    before = (own_folder / "answers.json").read_bytes()
    widget = screen("fool")
    assert widget.saved["wrong"] == TRICKED
    assert not {"saved", "event"} & widget.public_state().keys()
    assert (own_folder / "answers.json").read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"step": "dance"}, "玩法"), ({"names": ["日", "月"]}, "月"), ({"show": []}, "show")],
)
def test_an_author_who_errs_is_told_in_chinese(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        teach_cards("", cards(RIGHT), **({"show": shown("c06")} | wrong))


def test_the_data_are_drawn_again_from_their_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "draw.py"
    copy.write_bytes((DATA / "draw.py").read_bytes())
    space: dict[str, Any] = {"__name__": "draw", "__file__": str(copy)}
    exec(compile(copy.read_text("utf-8"), str(copy), "exec"), space)
    space["main"]()
    assert (tmp_path / "data.csv").read_bytes() == (DATA / "data.csv").read_bytes()
    assert {row["true_char"] for row in ROWS.values()} == set(NAMES)


# ---- in the browser ----


def test_teaching_the_boat_reads_at_once(widget_page: Any) -> None:
    page = widget_page.show(screen("teach"))
    child = Child(page)
    assert child.boat_reads() == "?"
    child.send("c31", "目")
    assert (child.boat_reads(), child.says()) == ("目", "这个字它没见过。送一张给它看。")
    child.send("c29", "日")
    assert (child.boat_reads(), child.shining()) == ("日", "c29")
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
    first, second, third = page.locator(".held-out:visible").all()
    assert [e.locator(".said").inner_text()[:1] for e in (first, second, third)] == ["日", "?", "?"]
    second.click()
    assert (child.boat_reads(), child.shining(), child.says()) == ("目", "c31", "它找最像的卡。照那个名字念。")
    third.click()
    assert (child.boat_reads(), child.says()) == ("日", "念对了！是你教它的。")
    assert len(widget_page.stored()) == told, "testing the boat changes no name"


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
    child.send("c31", "日")
    assert (child.boat_reads(), child.says()) == ("目", "咦，念错了！现在改回来。")
    assert widget_page.stored()[-1]["value"] == {"labels": TRICKED, "wrong": TRICKED, "mended": None}
    assert page.locator(".star.won").count() == 0

    widget_page.reload(1)
    child = Child(page)
    assert child.boat_reads() == "目", "the child's own boat is there again"
    child.send("c29", "日")
    child.send("c31", "目")
    assert (child.boat_reads(), child.says()) == ("日", "又念对了！你修好了它。")
    assert page.locator(".star.won").count() == 1

    child.send("c20", "目")  # goes on playing: what was done stays done
    last = widget_page.stored()[-1]["value"]
    assert (last["wrong"], last["mended"], last["labels"]["c20"]) == (TRICKED, RIGHT, "目")
    page.get_by_label("从头再玩").click()
    assert child.boat_reads() == "日"
    assert page.locator(".star.won").count() == 1


def test_wrong_names_that_do_not_matter_leave_a_hint(widget_page: Any) -> None:
    child = Child(widget_page.show(screen("fool")))
    child.send("c20", "目")
    child.send("c10", "日")
    assert (child.boat_reads(), child.says()) == ("日", "还念对？换发亮的那张。")
    assert widget_page.stored()[-1]["value"]["wrong"] is None


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
    assert child.says().startswith("有人贴错了名字！")
    for _ in range(2):
        wrong = child.shining()
        child.send(wrong, ROWS[wrong]["true_char"])
    assert child.says() == "三张都念对了！你修好了它。"
    value = widget_page.stored()[-1]["value"]
    assert value["mended"] == {key: ROWS[key]["true_char"] for key in MUDDLED}
    assert page.locator(".said.right").count() == 3


def test_a_card_lands_where_the_other_card_lies(widget_page: Any) -> None:
    child = Child(widget_page.show(screen("repair")))
    child.card("c19").click()
    child.card("c03").click()  # a small finger meets the card in the crate, not the crate
    assert widget_page.stored()[-1]["value"]["labels"]["c19"] == "日"


def test_looking_never_answers_and_choosing_is_a_gesture_of_its_own(widget_page: Any) -> None:
    page = widget_page.show(screen("who", "cause"))
    child = Child(page)
    choose = page.get_by_label("就选它")
    boat, card, name = page.locator(".suspect").all()
    assert choose.is_disabled(), "nothing has been looked at"
    read = []
    for suspect in (name, boat, card):
        suspect.click()
        read.append(child.boat_reads())
        if suspect is name:
            assert child.says() == "念对了！别的也换一换。", "who finds it first goes on"
    assert read == ["日", "目", "目"]
    assert child.says() == "是谁错了？想好了，就选它。"
    for suspect in (boat, name, boat):  # looking again, as often as one likes
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
    assert page.locator(".suspect.chosen").get_attribute("aria-label") == "名字"
    page.locator(".suspect").first.click()
    assert len(widget_page.stored()) == 2


def test_the_choice_is_read_aloud(widget_page: Any) -> None:
    """What can be chosen is told when it can be, and what was chosen when it was."""
    page = widget_page.page
    page.add_init_script("window.heard = []; speechSynthesis.speak = words => window.heard.push(words.text);")
    widget_page.show(screen("who"))
    for suspect in page.locator(".suspect").all():
        suspect.click()
    page.get_by_label("就选它").click()
    assert page.evaluate("window.heard") == ["是谁错了？想好了，就选它。", "就选它，名字。"]


def test_a_button_turns_to_the_next_game(widget_page: Any) -> None:
    page = widget_page.show(screen("teach", "a"), screen("fool", "b"))
    page.get_by_label("下一步").first.click()
    page.wait_for_function("() => Math.abs(document.querySelector('.fool').getBoundingClientRect().top - 100) < 100")


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
        for key, name in RIGHT.items():
            child.send(key, name)
    elif step == "who":
        for suspect in page.locator(".suspect").all():
            suspect.click()
    elif step == "fool":
        child.send("c29", "目")
    else:
        child.send("c34", "目")
    fits(page, size)
    assert shown_page.errors == []


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
    for other in page.locator(".tools .round, .crates .zi, .pier").all():
        assert not overlap(bubble, other.bounding_box()), other.get_attribute("class")
    held = page.locator(".stage .exam").bounding_box()
    for other in page.locator(".crates .zi").all():
        assert held is None or not overlap(held, other.bounding_box()), "the card held up lies over one on board"


@pytest.mark.parametrize("size", [(375, 812), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_all_cards_of_a_screen_are_of_one_size(open_page: Callable[..., Any], size: tuple[int, int]) -> None:
    """Left and right, on board and held up: only then can a child see which are alike."""
    page = open_page(viewport={"width": size[0], "height": size[1]}).show(screen("repair"))
    child = Child(page)
    for key in MUDDLED:
        child.send(key, "日")  # the fullest crate
    sizes = {round(zi.bounding_box()["width"]) for zi in page.locator(".zi:visible, .reading:visible").all()}
    assert len(sizes) == 1 and sizes.pop() >= 64


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > 2 and down > 2


def test_the_style_stays_inside() -> None:
    """Every selector of the widget's style begins with its own class: the page around is not touched."""
    text = base.own_style("teach_cards")
    for block in text.split("{")[:-1]:
        selector = block.rsplit("}", 1)[-1].rsplit("*/", 1)[-1].rsplit(";", 1)[-1].strip()
        if selector.startswith("@"):
            continue
        assert all(part.strip().startswith(".hk-teach-cards") for part in selector.split(",")), selector
