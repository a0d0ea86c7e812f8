"""小船认字卡: the machine, what 小灰 says, and what an author is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kits import answers
from kits.widgets import base
from kits.widgets.teach_cards import LABELS, NAMES, STEPS, WORDS, reads, teach_cards
from tests.kits.boat import (
    DATA,
    EXAM,
    MUDDLED,
    RIGHT,
    ROWS,
    TRICKED,
    all_read,
    cards,
    labellings,
    screen,
    shown,
    true_names,
)


def test_the_four_new_cards_of_the_first_game_find_every_wrong_name() -> None:
    assert [labels for labels in labellings(RIGHT) if all_read(labels, EXAM["teach"])] == [RIGHT]


def test_one_card_in_the_wrong_crate_is_enough_to_fool_the_boat() -> None:
    told = {
        key: reads(cards(RIGHT), RIGHT | {key: "日" if RIGHT[key] == "目" else "目"}, ROWS["c06"]["pixels"])
        for key in RIGHT
    }
    assert told == {"c29": "目", "c31": "日", "c10": "日", "c20": "日"}


def test_the_boat_others_muddled_misreads_until_both_cards_are_put_right() -> None:
    right = true_names(MUDDLED)
    said = [reads(cards(MUDDLED), MUDDLED, ROWS[key]["pixels"]) for key in EXAM["repair"]]
    assert said == ["目", "日", "目"]
    assert all_read(right, EXAM["repair"])
    for key in (key for key in MUDDLED if MUDDLED[key] != right[key]):
        assert not all_read(right | {key: MUDDLED[key]}, EXAM["repair"])


def test_another_card_or_a_character_it_never_saw_is_misread() -> None:
    """The self-test differs from the right labels in one card, and nine of ten suns not on board are misread by it."""
    assert {key for key in RIGHT if TRICKED[key] != RIGHT[key]} == {"c29"}
    suns = [key for key, row in ROWS.items() if row["true_char"] == "日" and key not in RIGHT]
    assert len(suns) == 10
    assert [key for key in suns if reads(cards(RIGHT), TRICKED, ROWS[key]["pixels"]) == "日"] == ["c05"]
    assert reads(cards(RIGHT), TRICKED, ROWS["c33"]["pixels"]) == "目"
    assert reads(cards(RIGHT), RIGHT, ROWS["c07"]["pixels"]) == "日"


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


def test_the_style_stays_inside() -> None:
    """Every selector of the widget's style begins with its own class: the page around is not touched."""
    text = base.own_style("teach_cards")
    for block in text.split("{")[:-1]:
        selector = block.rsplit("}", 1)[-1].rsplit("*/", 1)[-1].rsplit(";", 1)[-1].strip()
        if selector.startswith("@"):
            continue
        assert all(part.strip().startswith(".hk-teach-cards") for part in selector.split(",")), selector
