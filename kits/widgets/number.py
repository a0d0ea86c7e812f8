"""A number as an answer: typed into a field, or picked from a few. It only records; the key stands in a hidden test."""

from __future__ import annotations

from collections.abc import Iterable

import traitlets

from kits.widgets import cast
from kits.widgets.base import Widget

MOST_CHOICES = 24


class Number(Widget):
    module = "number"

    question = traitlets.Unicode("").tag(sync=True)
    pick = traitlets.List(traitlets.Float()).tag(sync=True)
    low = traitlets.Float(None, allow_none=True).tag(sync=True)
    high = traitlets.Float(None, allow_none=True).tag(sync=True)
    whole = traitlets.Bool(False).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    read_aloud = traitlets.Bool(False).tag(sync=True)
    art = traitlets.Dict().tag(sync=True)

    def in_words(self) -> str:
        picks = "　".join(f"{n:g}" for n in self.pick)
        return f"{self.question}\n{picks or '（填一个数）'}{' ' + self.unit if self.unit else ''}"


def number(
    exercise: str,
    question: str,
    *,
    pick: Iterable[float] = (),
    low: float | None = None,
    high: float | None = None,
    whole: bool = False,
    unit: str = "",
    read_aloud: bool = False,
) -> Number:
    """答案是一个数的题，只记下，不说对错。

    写 pick=range(10) 就从几个数里点一个；不写就自己填。
    low、high 是填得进去的最小和最大，whole=True 只收整数，unit 是单位。
    """
    picks = [float(n) for n in pick]
    if len(picks) > MOST_CHOICES:
        raise ValueError(f"可以点的数最多 {MOST_CHOICES} 个，这里有 {len(picks)} 个；改成自己填吧")
    if low is not None and high is not None and low > high:
        raise ValueError(f"最小的 {low} 比最大的 {high} 还大，看看是不是写反了")
    return Number(
        exercise,
        question=question,
        pick=picks,
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        whole=whole,
        unit=unit,
        read_aloud=read_aloud,
        art=cast.art("i-ok", "i-bulb", "i-speak"),
    )
