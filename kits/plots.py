"""画图：`from kits import plots` 之后，所有的图都有中文字和海课的样子。

plots.figure("横轴（单位）", "纵轴（单位）")  一张写好轴名的空图，得到 ax
plots.pictures(图片们, 标题们)               把小图排成一排一排，每张下面有字
plots.picture(一张图)                        一张小图，可以写出每个格子的数
plots.COLORS / plots.MARKERS                 海课的颜色和记号，按顺序用

Importing it adds the bundled font and applies haike.mplstyle; no warning of matplotlib reaches stderr afterwards,
because nbgrader scores a test cell that writes to stderr 0.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
FONT = HERE / "fonts" / "HaikeSansSC.otf"
STYLE = HERE / "haike.mplstyle"

#: Okabe-Ito in the order of the house; colour is never the only difference, so each has its marker and hatch.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "\\\\", "xx", "--", "++")
INK, SLATE, SEA, KELP, BEACON = "#0B2B3C", "#4A6470", "#0B6285", "#3F6B2A", "#B3343F"
SEQUENTIAL = "cividis"
DIVERGING = "RdBu_r"
#: Pictures of pen strokes: white paper, dark ink.
STROKES = "Greys"

_HARMLESS = (
    r".*Glyph .* missing from.*font",
    r".*is non-interactive, and thus cannot be shown",
    r".*No artists with labels found to put in legend",
    r".*constrained_layout not applied",
    r".*layout has changed to tight",
    r".*Attempting to set identical",
    r".*Tight layout not applied",
    r".*not compatible with tight_layout",
)


def apply_style() -> None:
    """Add the font, set the style, silence matplotlib's remarks. May be called again after a reset of rcParams."""
    if not any(entry.fname == str(FONT) for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(FONT)
    mpl.style.use(STYLE)
    mpl.rcParams["figure.max_open_warning"] = 0
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    for message in _HARMLESS:
        warnings.filterwarnings("ignore", message=message)


def figure(xlabel: str, ylabel: str, title: str = "", *, size: tuple[float, float] | None = None) -> Axes:
    """一张写好轴名的空图：ax = plots.figure("水温（℃）", "海参（只）")"""
    _, ax = plt.subplots(figsize=size)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    return ax


def legend(ax: Axes, title: str = "") -> None:
    """把图例放到图的右边，不挡住点。"""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), title=title or None)


def picture(image: Any, title: str = "", *, numbers: bool = False, cmap: str = STROKES, ax: Axes | None = None) -> Axes:
    """画一张小图；numbers=True 时把每个格子的数也写出来。"""
    pixels = np.asarray(image)
    if pixels.ndim == 1:
        pixels = _squared(pixels)
    if ax is None:
        _, ax = plt.subplots(figsize=(3.6, 3.6))
    low, high = _limits(pixels)
    ax.imshow(pixels, cmap=cmap, vmin=low, vmax=high)
    _bare(ax)
    ax.set_title(title, fontsize=13, pad=6)
    if numbers and pixels.ndim == 2:
        for (row, column), value in np.ndenumerate(pixels):
            dark = (value - low) / (high - low) > 0.55
            ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=10, color="white" if dark else INK)
    return ax


def pictures(
    images: Iterable[Any],
    titles: Sequence[Any] | None = None,
    *,
    columns: int = 10,
    cmap: str = STROKES,
    colors: Sequence[str] | None = None,
    heading: str = "",
) -> Figure:
    """把很多小图排成行，每张上面写它的字：plots.pictures(digits.images[:10], digits.target[:10])

    titles 可以是数字或文字；colors 给每个标题一种颜色（如 plots.KELP 对、plots.BEACON 错，字里也要说）。
    """
    shown = [np.asarray(image) for image in images]
    if not shown:
        raise ValueError("plots.pictures 没有收到图片：看看给它的列表是不是空的。")
    labels = [str(title) for title in titles] if titles is not None else [""] * len(shown)
    if len(labels) != len(shown):
        raise ValueError(f"plots.pictures 收到 {len(shown)} 张图，却有 {len(labels)} 个标题：两个要一样多。")
    wide = min(columns, len(shown))
    rows = -(-len(shown) // wide)
    fig, axes = plt.subplots(rows, wide, figsize=(max(1.05 * wide, 2.0), 1.4 * rows + 0.1), squeeze=False)
    for ax, image, label in zip(axes.flat, shown, labels, strict=False):
        picture(image, label, cmap=cmap, ax=ax)
    for ax, color in zip(axes.flat, colors or (), strict=False):
        ax.title.set_color(color)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    if heading:
        fig.suptitle(heading)
    return fig


def _squared(pixels: np.ndarray) -> np.ndarray:
    side = int(round(pixels.size**0.5))
    if side * side != pixels.size:
        raise ValueError(f"一张图要有行和列，这里收到一排 {pixels.size} 个数，排不成正方形。")
    return pixels.reshape(side, side)


def _limits(pixels: np.ndarray) -> tuple[float, float]:
    """The same grey for the same number: 0 is paper; the top is 1, 16 (digits), 255 or what the picture has."""
    if pixels.size == 0:
        return 0.0, 1.0
    low, high = min(float(np.min(pixels)), 0.0), float(np.max(pixels))
    return low, next((top for top in (1.0, 16.0, 255.0) if high <= top), high)


def _bare(ax: Axes) -> None:
    """No ticks and no grid, a thin frame: the picture's edge is seen on white paper."""
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set(visible=True, color="#A9BEC8", linewidth=1)


apply_style()
