"""小船认字卡 in tests: the lesson's own cards and games, and a child who taps."""

from __future__ import annotations

import csv
import json
from itertools import product
from pathlib import Path
from typing import Any

from kits.widgets.teach_cards import TeachCards, reads, teach_cards

LESSON = Path(__file__).parents[2] / "courses/lessons/grade-01/p1-03-sun-or-eye"
DATA = LESSON / "data/char-cards-8x8"

with (DATA / "data.csv").open(encoding="utf-8") as stream:
    ROWS = {row["id"]: row for row in csv.DictReader(stream)}
RIGHT = {"c29": "日", "c31": "目", "c10": "目", "c20": "日"}
TRICKED = RIGHT | {"c29": "目"}
MUDDLED = {"c04": "日", "c05": "日", "c03": "目", "c13": "目", "c06": "日", "c14": "目"}
EXAM = {"teach": ("c06", "c27", "c05", "c21"), "fool": ("c06",), "repair": ("c19", "c34", "c32"), "who": ("c06", "c33")}


def cards(names: Any) -> dict[str, str]:
    return {key: ROWS[key]["pixels"] for key in names}


def shown(*keys: str) -> list[tuple[str, str]]:
    return [(ROWS[key]["pixels"], ROWS[key]["true_char"]) for key in keys]


def true_names(names: Any) -> dict[str, str]:
    return {key: ROWS[key]["true_char"] for key in names}


def screen(step: str, exercise: str = "play") -> TeachCards:
    """The lesson's own games."""
    start = {"teach": {}, "who": TRICKED, "repair": MUDDLED}.get(step, RIGHT)
    on_board = MUDDLED if step == "repair" else RIGHT
    fixed = {} if step == "fool" else true_names(on_board)
    return teach_cards(exercise, cards(on_board), step=step, start=start, fixed=fixed, show=shown(*EXAM[step]))


def three_names() -> TeachCards:
    start = {"c29": "日", "c31": "目"}
    fixed = true_names(start | {"c01": "", "c02": ""})
    return teach_cards("", cards(fixed), names=["日", "目", "口"], start=start, fixed=fixed, show=shown("c07"))


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


def labellings(on_board: dict[str, str]) -> list[dict[str, str]]:
    return [dict(zip(on_board, names, strict=True)) for names in product("日目", repeat=len(on_board))]


def all_read(labels: dict[str, str], exam: tuple[str, ...]) -> bool:
    return all(reads(cards(labels), labels, ROWS[key]["pixels"]) == ROWS[key]["true_char"] for key in exam)
