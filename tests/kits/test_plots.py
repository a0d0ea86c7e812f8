"""Figures carry Chinese, look like the house, and write nothing to stderr."""

import subprocess
import sys

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib import pyplot as plt

from kits import plots


@pytest.fixture(autouse=True)
def closed():
    plots.apply_style()
    yield
    plt.close("all")


def test_font_is_small_open_and_complete():
    assert plots.FONT.stat().st_size <= 2 * 1024 * 1024
    assert "SIL OPEN FONT LICENSE" in (plots.FONT.parent / "OFL.txt").read_text()
    font = TTFont(plots.FONT)
    assert font["name"].getDebugName(1) == "Haike Sans SC"
    drawn = font.getBestCmap()
    wanted = "威海大天鹅海带扇贝喆昇鲅鲍→←↑↓×÷±≤≥≈✓✗●○▲■…—“”‘’（），。：；？！āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜαβσ℃"
    assert [char for char in wanted if ord(char) not in drawn] == []


def test_chinese_text_is_drawn_with_the_bundled_font():
    assert font_manager.findfont("Haike Sans SC") == str(plots.FONT)
    assert plt.rcParams["font.family"] == ["Haike Sans SC", "DejaVu Sans"]
    assert plt.rcParams["axes.unicode_minus"] is False


def test_colours_and_markers_of_the_house():
    ax = plots.figure("时间（分）", "潮位（米）")
    lines = [ax.plot([0, 1], [0, n])[0] for n in range(7)]
    assert [line.get_color().lstrip("#") for line in lines] == [color.lstrip("#") for color in plots.COLORS]
    assert tuple(line.get_marker() for line in lines) == plots.MARKERS
    assert plt.rcParams["image.cmap"] == "cividis"
    assert not ax.spines["top"].get_visible()


def test_figure_has_its_axis_labels():
    ax = plots.figure("水温（℃）", "海参（只）", "暖一点会怎样")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("水温（℃）", "海参（只）", "暖一点会怎样")


def test_pictures_in_rows_with_their_titles():
    fig = plots.pictures(np.zeros((12, 8, 8)), range(12), columns=5)
    shown = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in shown] == [str(n) for n in range(12)]
    assert len({ax.get_subplotspec().rowspan.start for ax in shown}) == 3


def test_pictures_share_one_scale_of_grey():
    faint, strong = np.full((8, 8), 2.0), np.full((8, 8), 16.0)
    fig = plots.pictures([faint, strong], ["浅", "深"])
    assert {ax.images[0].get_clim() for ax in fig.axes} == {(0.0, 16.0)}


def test_a_flat_row_of_numbers_becomes_a_square():
    ax = plots.picture(np.arange(64), numbers=True)
    assert ax.images[0].get_array().shape == (8, 8)
    assert [text.get_text() for text in ax.texts][:3] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: plots.pictures([]), "没有收到图片"),
        (lambda: plots.pictures(np.zeros((2, 8, 8)), ["一个"]), "2 张图，却有 1 个标题"),
        (lambda: plots.picture(np.zeros(63)), "63 个数"),
    ],
)
def test_bad_pictures_are_answered_in_chinese(call, seen):
    with pytest.raises(ValueError, match=seen):
        call()


NOISY = """
import sys
from kits import plots
from matplotlib import pyplot as plt
import numpy as np
ax = plots.figure("一㐀", "ᠮ")
ax.legend()
ax.plot([0, 1, 2], [-1, 0, 1], label="大天鹅 ✗ → ₂")
plots.legend(ax)
ax.set_xlim(1, 1)
for n in range(25):
    plt.figure()
plots.pictures(np.zeros((3, 8, 8)), "甲乙丙", heading="三张")
plt.figure(figsize=(0.3, 0.3)); plt.title("很长很长的标题"); plt.xlabel("水温"); plt.tight_layout()
for number in plt.get_fignums():
    plt.figure(number).canvas.draw()
plt.show()
"""


def test_nothing_is_written_to_stderr(tmp_path):
    environment = {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
