"""隔几小时看一次海：小船只量那几次，用直线连起来；看得太少，它会画出一片海里没有的慢潮。

What the boat sees at an interval is computed once, here, by `look_every`; the page only draws it. So a lesson's own
assertions speak about exactly the numbers a pupil sees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import traitlets

from kits.widgets import cast
from kits.widgets.base import Widget

MINUTES = 10  # between two rows of the tide
HALF_HOUR = 30 // MINUTES  # the slider's step, in rows
HOURS = 72  # three days are shown, as on the printed strip; the boat's last line may end later
HAN = "零一二三四五六七八九十"  # each at its own value
STILL_CM = 5  # where the boat's squares differ by no more, its sea stands still


@dataclass(frozen=True)
class View:
    """What the boat makes of three days when it looks once every `every` hours."""

    every: float
    looks: int
    low_hours: tuple[float, ...]
    lows: int
    true_lows: int
    moved_cm: int
    gap_cm: int
    gap_hour: float
    drawn_m: float
    true_m: float


class TideSampler(Widget):
    module = "tide_sampler"

    levels = traitlets.List(traitlets.Float()).tag(sync=True)
    views = traitlets.List(traitlets.Dict()).tag(sync=True)
    true_lows = traitlets.List(traitlets.Float()).tag(sync=True)
    start = traitlets.Float(8.0).tag(sync=True)
    fog = traitlets.Bool(False).tag(sync=True)
    knob = traitlets.Bool(True).tag(sync=True)
    step = traitlets.Float(0.5).tag(sync=True)
    still = traitlets.Int(STILL_CM).tag(sync=True)
    guess = traitlets.Dict().tag(sync=True)
    art = traitlets.Dict().tag(sync=True)

    def in_words(self) -> str:
        view = next(view for view in self.views if view["every"] == self.start)
        said = f"隔 {self.start:g} 小时看一次，小船数出 {view['lows']} 次低潮"
        said += "。" if self.fog else f"，真的海有 {view['true_lows']} 次（模拟数据）。"
        return "\n".join([said, self.guess["ask"], *self.guess["options"]]) if self.guess else said


def tide_sampler(
    exercise: str,
    levels: Iterable[float],
    *,
    start: float = 8,
    longest: float = 13,
    fog: bool = False,
    knob: bool = True,
    step: float = 0.5,
    guess: tuple[str, Sequence[str]] | None = None,
) -> TideSampler:
    """拖动“隔几小时看一次”，看小船画的橙线还像不像真的海。

    levels 是每 10 分钟一个的水面高度（米），要有四天以上。
    start 是一开始的间隔，longest 是滑块最右边，step 是一格多少小时，都是半小时的倍数。
    fog=True 一开始雾盖着真的海；knob=False 不给滑块。有练习名字时，孩子按“就选它”，记下的是间隔（小时）。
    guess=("问题", ["选项", …]) 要孩子先猜，猜了才掀得开雾；记下的和选择题一样：{"index": 第几项, "text": 文字}。
    """
    tide = np.asarray(list(levels), dtype=float)
    one = _halves(step, "step")
    choices = [half / 2 for half in range(one, _halves(longest, "longest") + 1, one)]
    if _halves(start, "start") > _halves(longest, "longest"):
        raise ValueError(f"start={start:g} 比滑块最右边的 {longest:g} 小时还大，改小一点。")
    if float(start) not in choices:
        raise ValueError(f"滑块一格 {step:g} 小时，停不在 start={start:g}。")
    views = [asdict(look_every(tide, every)) for every in choices]
    thinned = [round(float(level), 3) for level in tide[::HALF_HOUR]]
    lows = [row * MINUTES / 60 for row in _lows(tide) if row * MINUTES / 60 <= HOURS]
    art = cast.art("boat-on", "i-ok", "i-look")
    traits: dict[str, Any] = {"start": float(start), "fog": fog, "knob": knob, "step": float(step), "art": art}
    if guess:
        ask, options = guess[0], list(guess[1])
        if not exercise or not fog or knob or len(options) < 2:
            raise ValueError("guess 要有练习名字和两个以上的选项，还要 fog=True、knob=False：猜的是雾下面的海。")
        traits["guess"] = {"ask": ask, "options": options}
    return TideSampler(exercise, levels=thinned, views=views, true_lows=lows, **traits)


def look_every(levels: Sequence[float] | np.ndarray, every: float) -> View:
    """隔 every 小时看一次，小船在三天里看到什么，和真的海最多差多少。"""
    tide = np.asarray(levels, dtype=float)
    step = _halves(every, "间隔") * HALF_HOUR
    shown = HOURS * 60 // MINUTES
    looks = np.arange(0, len(tide), step)
    if looks[-1] < shown:
        raise ValueError(f"隔 {every:g} 小时，水面的数不够画满三天：levels 要再长一些。")
    rows = np.arange(shown + 1)
    drawn = np.interp(rows, looks, tide[looks])
    worst = int(np.argmax(np.abs(drawn - tide[rows])))
    drawn_cm, true_cm = round(100 * float(drawn[worst])), round(100 * float(tide[worst]))
    seen = tide[looks[looks <= shown]]
    low_hours = tuple(float(looks[i] * MINUTES / 60) for i in _lows(tide[looks]) if looks[i] <= shown)
    return View(
        every=float(every),
        looks=len(seen),
        low_hours=low_hours,
        lows=len(low_hours),
        true_lows=sum(row <= shown for row in _lows(tide)),
        moved_cm=round(100 * float(seen.max() - seen.min())),
        gap_cm=abs(drawn_cm - true_cm),  # of the heights as printed: a pupil who subtracts gets the same
        gap_hour=worst * MINUTES / 60,
        drawn_m=drawn_cm / 100,
        true_m=true_cm / 100,
    )


def as_number(value: object) -> float | None:
    """A number however it came: 3.5, "３．５ 小时", "十二点五", "12:30", "4 小时一次"; None where nobody can tell."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = re.sub(r"(?<=\d)\s*½", ".5", str(value))
    text = unicodedata.normalize("NFKC", text).replace("。", ".").replace("两", "二")
    once = re.fullmatch(r"(.*(?:小时|时|点)半?)\s*(?:要?看)?\s*[1一]\s*次\s*", text)  # "4 小时一次"
    text = once[1] if once else re.sub(r"^\s*(?:一天|每天)\s*(?:要?看)?", "", text)
    if re.fullmatch(r"\s*(?:每?隔|每)?\s*半个?小时\s*", text):
        return 0.5
    clock = re.fullmatch(rf"\s*(\d+|[{HAN}]+)\s*(:|时|点|小时)\s*([0-5]\d|[{HAN}]+)\s*(分?)钟?(?:小时)?\s*", text)
    if clock:
        return _clock(*clock.groups())
    unit = r"个?\s*(半)?\s*(?:小时|时|点|次低潮|次|h)?\s*(半)?"
    digits = rf"\d+(?:\.\d*)?|\.\d+|[{HAN}]+"
    found = re.fullmatch(rf"\s*(?:每?隔|每)?\s*({digits})\s*{unit}\s*", text, re.IGNORECASE)
    if not found or (found[2] and found[3]):
        return None
    number = _han(found[1]) if found[1][0] in HAN else float(found[1])
    if not (found[2] or found[3]):
        return number
    return number + 0.5 if number is not None and number == int(number) else None


def _clock(whole: str, mark: str, part: str, minute: str) -> float | None:
    """12:30, 12 小时 30 分钟, 十二点三十 are half past; 十二点五 is read as the decimal it is spoken like."""
    hour, small = (_han(text) if text[0] in HAN else float(text) for text in (whole, part))
    if hour is None or small is None:
        return None
    if mark == "点" and not minute and len(part) == 1:
        return hour + small / 10 if small < 10 else hour + small / 60
    return hour + small / 60 if small < 60 and (minute or small >= 10 or part.isascii()) else None


def _han(text: str) -> float | None:
    """五, 十二, 二十, 九十六: up to 99."""
    found = re.fullmatch(r"([一二三四五六七八九]?)(十?)([零一二三四五六七八九]?)", text)
    if not found or (found[1] and found[3] and not found[2]) or (found[2] and found[3] == "零"):
        return None
    tens = (HAN.index(found[1]) if found[1] else 1) if found[2] else 0
    ones = found[3] if found[2] else found[1] or found[3]
    return float(10 * tens + (HAN.index(ones) if ones else 0))


def _lows(heights: np.ndarray) -> list[int]:
    """Where the line stops falling and rises again; of equal neighbours the first."""
    falls = heights[1:-1] < heights[:-2]
    rises = heights[1:-1] <= heights[2:]
    return [int(i) + 1 for i in np.flatnonzero(falls & rises)]


def _halves(hours: float, name: str) -> int:
    halves = round(float(hours) * 2)
    if halves < 1 or abs(halves - float(hours) * 2) > 1e-9:
        raise ValueError(f"{name} 要写成半小时的倍数，比如 0.5、8、12.5，这里是 {hours}。")
    return halves
