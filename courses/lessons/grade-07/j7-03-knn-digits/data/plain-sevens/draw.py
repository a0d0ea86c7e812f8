"""Draws the five sevens of this lesson, stroke by stroke, and writes data.npz: `python draw.py`.

A pen stroke is a chain of points in a square of side 1. Like the library's digits, the picture is fitted into a square,
cut into 8 × 8 boxes, and each box says how much of it is ink, from 0 to 16.
"""

from pathlib import Path

import numpy as np

PEN = 0.074  # width of the pen; the unit is the side of the pad
FINE = 16  # sample points along a box's side

#: Hui's seven without a bar, the same with a bar, then three other hands, all without a bar.
SEVENS = [
    [[(0.284, 0.236), (0.507, 0.209), (0.723, 0.189), (0.642, 0.405), (0.568, 0.608), (0.534, 0.824)]],
    [
        [(0.284, 0.236), (0.507, 0.209), (0.723, 0.189), (0.642, 0.405), (0.568, 0.608), (0.534, 0.824)],
        [(0.439, 0.527), (0.750, 0.507)],
    ],
    [[(0.270, 0.209), (0.490, 0.196), (0.709, 0.196), (0.601, 0.399), (0.507, 0.608), (0.432, 0.811)]],
    [[(0.311, 0.203), (0.507, 0.203), (0.689, 0.203), (0.608, 0.372), (0.541, 0.574), (0.493, 0.811)]],
    [[(0.291, 0.216), (0.696, 0.203), (0.581, 0.439), (0.514, 0.818)]],
]


def ink(points: np.ndarray, strokes: list) -> np.ndarray:
    """For each point: does it lie under the pen?"""
    covered = np.zeros(len(points), dtype=bool)
    for stroke in strokes:
        for start, end in zip(stroke, stroke[1:], strict=False):
            a, along = np.array(start), np.array(end) - np.array(start)
            share = np.clip((points - a) @ along / (along @ along), 0, 1)
            covered |= np.hypot(*(points - a - share[:, None] * along).T) <= PEN / 2
    return covered


def draw(strokes: list) -> np.ndarray:
    corners = np.array([point for stroke in strokes for point in stroke])
    low, high = corners.min(0) - PEN / 2, corners.max(0) + PEN / 2
    side = (high - low).max()
    origin = (low + high) / 2 - side / 2
    steps = (np.arange(8 * FINE) + 0.5) / (8 * FINE) * side
    x, y = np.meshgrid(steps, steps)
    covered = ink(np.column_stack([x.ravel(), y.ravel()]) + origin, strokes)
    return np.round(covered.reshape(8, FINE, 8, FINE).mean(axis=(1, 3)) * 16)


if __name__ == "__main__":
    images = np.array([draw(strokes) for strokes in SEVENS])
    np.savez(Path(__file__).parent / "data.npz", images=images, target=np.full(len(images), 7))
