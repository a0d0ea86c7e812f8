"""Draws the fifteen sevens of this lesson, stroke by stroke, and writes data.npz: `python draw.py`.

They go through the arithmetic of the lesson's pad, so that the pad's first drawing and Hui's seven are one picture.
"""

from pathlib import Path

import numpy as np

from kits.widgets.digit_pad import see

#: The pad's own seven without and with a bar, then three for the repair and ten for the test, all flat-topped and without
#: a bar, drawn before anything was tried with them; the pad is 100 wide and high.
HUI = [[28.0, 13.0], [70.0, 13.0], [61.0, 52.0], [54.0, 90.0]]
BAR = [[42.0, 55.0], [80.0, 53.0]]
SEVENS = [
    [HUI],
    [HUI, BAR],
    [[[27.0, 20.9], [49.0, 19.6], [70.9, 19.6], [60.1, 39.9], [50.7, 60.8], [43.2, 81.1]]],
    [[[31.1, 20.3], [50.7, 20.3], [68.9, 20.3], [60.8, 37.2], [54.1, 57.4], [49.3, 81.1]]],
    [[[29.1, 21.6], [69.6, 20.3], [58.1, 43.9], [51.4, 81.8]]],
    [[[25, 18], [50, 17], [74, 18], [62, 42], [52, 66], [46, 86]]],
    [[[30, 15], [68, 15], [60, 38], [55, 62], [53, 88]]],
    [[[24, 22], [72, 16], [58, 44], [47, 68], [40, 86]]],
    [[[28, 16], [72, 20], [66, 46], [58, 70], [55, 88]]],
    [[[33, 14], [66, 14], [58, 36], [49, 60], [38, 88]]],
    [[[22, 20], [76, 20], [64, 40], [56, 60], [52, 82]]],
    [[[30, 17], [70, 17], [66, 34], [56, 52], [50, 70], [49, 88]]],
    [[[26, 14], [64, 15], [62, 40], [61, 64], [60, 90]]],
    [[[27, 24], [48, 21], [73, 21], [60, 45], [50, 64], [44, 80]]],
    [[[31, 18], [50, 20], [71, 17], [57, 40], [48, 60], [45, 86]]],
]

if __name__ == "__main__":
    images = np.array([see(strokes) for strokes in SEVENS], dtype=float).reshape(-1, 8, 8)
    np.savez(Path(__file__).parent / "data.npz", images=images, target=np.full(len(images), 7))
