"""A pad to write a digit on, and the machine that compares it with its cargo of examples (k nearest, one vote each).

The drawing is reduced the way the digits of scikit-learn were: a 32×32 bitmap as tall as the box, ink counted in
blocks of 4×4, so 8×8 numbers from 0 to 16. The same arithmetic stands in digit_pad.js; a test holds them together.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from kits.widgets import cast
from kits.widgets.base import Widget

SIDE = 32
PEN = 5.0  # of the bitmap; gives the digits of scikit-learn their amount of ink
USUAL_WIDTH, WIDEST, MOST_STRETCH = 22.0, 26.0, 2.0  # narrow digits stand widened in these data, wide ones squeezed

Strokes = list[list[list[float]]]

STEM = [[28.0, 13.0], [70.0, 13.0], [61.0, 52.0], [54.0, 90.0]]
BAR = [[42.0, 55.0], [80.0, 53.0]]
PRESETS: dict[str, Strokes] = {"七不带横": [STEM], "七带横": [STEM, BAR], "空白": []}
BUTTONS = {"不带横的 7": "七不带横", "带横的 7": "七带横"}


class DigitPad(Widget):
    module = "digit_pad"

    pack = traitlets.Unicode("").tag(sync=True)  # the examples' pixels, one byte each, base64
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    k = traitlets.Int(5).tag(sync=True)
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    strokes: traitlets.List = traitlets.List().tag(sync=True)
    presets = traitlets.List(traitlets.Dict()).tag(sync=True)
    pixels = traitlets.List(traitlets.Int()).tag(sync=True)
    answer = traitlets.Int(None, allow_none=True).tag(sync=True)
    art = traitlets.Dict().tag(sync=True)

    def in_words(self) -> str:
        cargo = f"小船从 {len(self.labels)} 张例子里找最像的 {self.k} 张来投票"
        return f"〔写字板：写一个数字，{cargo}。现在它念：{'？' if self.answer is None else self.answer}〕"


def digit_pad(
    exercise: str,
    images: Any,
    labels: Any,
    *,
    k: int = 5,
    start: str | Strokes | None = None,
    sizes: Sequence[int] | None = None,
) -> DigitPad:
    """写字板：用手指或鼠标写一个数字，看机器把它念成几、凭的是哪几张例子。

    images 是 8×8（或 64 个数）的图，每格 0 到 16；labels 是每张图的数字。舱里先装前面的例子，所以请先打乱或交错排好。
    start 是一开始写好的字："七不带横"、"七带横"、"空白"，或者自己的笔画（坐标 0 到 100）。
    后面的格子里可以用 pad.pixels（64 个数）和 pad.answer。
    """
    x, y = examples(images, labels)
    k = max(1, min(int(k), len(y)))
    pad = DigitPad(
        exercise,
        pack=base64.b64encode(x.tobytes()).decode(),
        labels=y.tolist(),
        k=k,
        sizes=_sizes(len(y), k, sizes),
        presets=[{"name": name, "strokes": PRESETS[preset]} for name, preset in BUTTONS.items()],
        art=cast.art("boat-on", "boat-flicker", "boat-off", "i-wipe", "i-pen"),
    )
    strokes = _drawn(pad.saved) or _start(start)
    pad.strokes = strokes
    pad.pixels = see(strokes)
    pad.answer = read(x, y, pad.pixels, k)[0]
    return pad


def examples(images: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(images)
    y = np.asarray(labels)
    if len(x) != len(y) or len(y) == 0:
        raise ValueError(f"例子有 {len(x)} 张图、{len(y)} 个数字，要一样多，而且至少一张")
    x = x.reshape(len(x), -1)
    if x.shape[1] != SIDE * 2:
        raise ValueError(f"每张图要有 8×8 = 64 个数，这里有 {x.shape[1]} 个")
    if not np.isfinite(x).all() or x.min() < 0 or x.max() > 16:
        raise ValueError("每一格要在 0（白）到 16（黑）之间")
    return np.rint(x).astype(np.uint8), y.astype(int)


def see(strokes: Strokes) -> list[int]:
    """What the machine is given of a drawing: 64 numbers from 0 (paper) to 16 (all ink); [] of an empty pad."""
    points = [p for stroke in strokes for p in stroke]
    if not points:
        return []
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    scale = (SIDE - PEN) / max(bottom - top, right - left, 1)
    width = (right - left) * scale + PEN
    stretch = min(WIDEST, max(width, min(MOST_STRETCH * width, USUAL_WIDTH))) / width
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    x = ((np.arange(SIDE) + 0.5 - SIDE / 2) / stretch)[None, :]
    y = (np.arange(SIDE) + 0.5 - SIDE / 2)[:, None]
    ink = np.zeros((SIDE, SIDE), dtype=bool)
    for stroke in strokes:
        line = [((p[0] - middle_x) * scale, (p[1] - middle_y) * scale) for p in stroke]
        for (ax, ay), (bx, by) in zip(line, line[1:] or line, strict=False):
            ink |= _near(x, y, ax, ay, bx - ax, by - ay)
    return ink.reshape(8, 4, 8, 4).sum(axis=(1, 3)).ravel().tolist()


def _near(x: np.ndarray, y: np.ndarray, ax: float, ay: float, dx: float, dy: float) -> np.ndarray:
    """The cells within half a pen of one straight piece."""
    length = dx * dx + dy * dy
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) if length > 0 else 0.0
    off_x, off_y = x - ax - along * dx, y - ay - along * dy
    return off_x * off_x + off_y * off_y <= PEN * PEN / 4


def read(x: np.ndarray, y: np.ndarray, pixels: Sequence[int], k: int = 5) -> tuple[int | None, int]:
    """The digit with most of the k nearest examples' votes (of equal votes, the nearer one's), and how many votes."""
    if not len(pixels):
        return None, 0
    gap = x.reshape(len(x), -1).astype(int) - np.asarray(pixels)
    nearest = np.argsort((gap * gap).sum(axis=1), kind="stable")[:k]
    votes = Counter(y[nearest].tolist())
    winner = max(votes, key=lambda digit: votes[digit])  # a Counter keeps the order of first sight: the nearest first
    return int(winner), votes[winner]


def _sizes(n: int, k: int, wanted: Sequence[int] | None) -> list[int]:
    """How many examples the slider can leave in the hold; the last is all."""
    steps = wanted if wanted is not None else (30, 50, 100, 200, 400, 800, 1200, 1600)
    return sorted({int(size) for size in steps if k <= int(size) < n} | {n})


def _start(start: str | Strokes | None) -> Strokes:
    if start is None:
        return PRESETS["七不带横"]
    if isinstance(start, str):
        if start not in PRESETS:
            raise ValueError(f"没有叫“{start}”的字，可以用：{'、'.join(PRESETS)}")
        return PRESETS[start]
    return [[[float(a), float(b)] for a, b in stroke] for stroke in start]


def _drawn(saved: Any) -> Strokes | None:
    """The child's own drawing of last time, if the record holds one."""
    try:
        return [[[float(a), float(b)] for a, b in stroke] for stroke in saved["strokes"]] or None
    except (TypeError, KeyError, ValueError):
        return None
