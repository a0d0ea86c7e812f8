"""给小船喂字卡：小朋友把 8×8 的字卡放进有名字的箱子，小船马上照最像的那一张念新卡。

A card is 64 hexadecimal digits, one for each pixel, 0 white to f black. The machine is the nearest neighbour on these
pixels; the page computes it at once, and `reads` computes the same in a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from kits.widgets import cast
from kits.widgets.base import Widget

STEPS = ("teach", "fool", "repair", "who")
ART = ("hui-calm", "hui-happy", "hui-wow", "hui-think", "lamp-on", "lamp-flicker", "lamp-off", "i-speak", "i-again")


class TeachCards(Widget):
    module = "teach_cards"

    step = traitlets.Unicode().tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    start = traitlets.Dict().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    show = traitlets.List().tag(sync=True)
    art = traitlets.Dict().tag(sync=True)


def teach_cards(
    exercise: str,
    cards: Mapping[str, str],
    *,
    step: str = "teach",
    names: Sequence[str] = ("日", "目"),
    start: Mapping[str, str] | None = None,
    fixed: Mapping[str, str] | None = None,
    show: Sequence[str] = (),
) -> TeachCards:
    """教小船认字卡。step 是玩法：teach 送卡上船，fool 换错名字，repair 修好，who 找出谁错了。"""
    if step not in STEPS:
        raise ValueError(f"没有“{step}”这种玩法，可以用的有：{'、'.join(STEPS)}。")
    traits: dict[str, Any] = {"start": dict(start or {}), "fixed": dict(fixed or {}), "show": list(show)}
    return TeachCards(exercise, step=step, cards=dict(cards), names=list(names), art=cast.art(*ART), **traits)


def reads(cards: Mapping[str, str], labels: Mapping[str, str], shown: str) -> str:
    """小船看到 shown 会念什么：它找最像的那张卡，照那张卡的名字念。"""
    return labels[nearest(cards, labels, shown)] if labels else ""


def nearest(cards: Mapping[str, str], labels: Mapping[str, str], shown: str) -> str:
    """The card on board most like the shown one; of equals the one that comes first in `cards`."""
    return min((card for card in cards if card in labels), key=lambda card: distance(cards[card], shown))


def distance(one: str, other: str) -> int:
    return sum((int(a, 16) - int(b, 16)) ** 2 for a, b in zip(one, other, strict=True))
