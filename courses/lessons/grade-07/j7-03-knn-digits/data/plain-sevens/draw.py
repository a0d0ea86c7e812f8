"""Draws the five sevens of this lesson, stroke by stroke, and writes data.npz: `python draw.py`.

They go through the arithmetic of the lesson's pad, so that the pad's first drawing and Hui's seven are one picture.
"""

from pathlib import Path

import numpy as np

from kits.widgets.digit_pad import see

#: The pad's own seven without and with a bar, then three other hands, all without a bar; the pad is 100 wide and high.
HUI = [[28.0, 13.0], [70.0, 13.0], [61.0, 52.0], [54.0, 90.0]]
BAR = [[42.0, 55.0], [80.0, 53.0]]
SEVENS = [
    [HUI],
    [HUI, BAR],
    [[[27.0, 20.9], [49.0, 19.6], [70.9, 19.6], [60.1, 39.9], [50.7, 60.8], [43.2, 81.1]]],
    [[[31.1, 20.3], [50.7, 20.3], [68.9, 20.3], [60.8, 37.2], [54.1, 57.4], [49.3, 81.1]]],
    [[[29.1, 21.6], [69.6, 20.3], [58.1, 43.9], [51.4, 81.8]]],
]

if __name__ == "__main__":
    images = np.array([see(strokes) for strokes in SEVENS], dtype=float).reshape(-1, 8, 8)
    np.savez(Path(__file__).parent / "data.npz", images=images, target=np.full(len(images), 7))
