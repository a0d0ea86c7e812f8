"""Draws the 36 cards of this data set: 日, 目 and 口 as if written by children, on 8x8 grids, values 0..15.

Simulated, not collected: every card is strokes moved, tilted, thinned and broken by a seeded generator.
Run `python draw.py` in this folder to write data.csv again; the same seed gives the same file.
"""
from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

SEED = 20
CARDS_EACH = 12
FINE = 64  # strokes are drawn on a fine grid, then averaged to 8x8
BARS = {"日": [0.5], "目": [1 / 3, 2 / 3], "口": []}


def strokes(char: str, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """The lines of one handwritten character, in a box from 0 to 1."""
    rows = {"日": rng.choice([4, 6, 6]), "目": 6, "口": rng.choice([4, 5])}[char]  # bars fall on whole rows: readable
    tall = rows / 8
    wide = {"日": rng.uniform(0.46, 0.7), "目": rng.uniform(0.4, 0.6), "口": rng.uniform(0.56, 0.74)}[char]
    left, top = 0.5 - wide / 2, (rng.integers(0, 8 - rows) + 0.5) / 8
    corners = np.array([[left, top], [left + wide, top], [left + wide, top + tall], [left, top + tall]])
    corners += rng.normal(0, 0.012, corners.shape)
    a, b, c, d = corners
    gap = rng.uniform(0, 0.1) * (b - a)  # some children leave the corner open
    lines = [(a, d), (a + gap, b), (b, c), (d, c - gap * rng.integers(0, 2))]
    for at in BARS[char]:
        at = at + rng.normal(0, 0.012)
        start, end = a + at * (d - a), b + at * (c - b)
        lines.append((start, end - rng.choice([0, 0, 0.15]) * (end - start)))  # or the bar stops short
    return lines


def draw(char: str, rng: np.random.Generator) -> np.ndarray:
    """One card: its strokes inked on the fine grid and averaged."""
    slant = rng.normal(0, 0.04)
    shift = np.array([rng.uniform(-0.06, 0.06), 0])
    pen = rng.uniform(0.04, 0.056)
    y, x = (np.mgrid[0:FINE, 0:FINE] + 0.5) / FINE
    ink = np.zeros((FINE, FINE))
    for p, q in strokes(char, rng):
        p, q = (np.array([v[0] + slant * (0.5 - v[1]), v[1]]) + shift for v in (p, q))
        along = np.clip(((x - p[0]) * (q - p)[0] + (y - p[1]) * (q - p)[1]) / max(((q - p) ** 2).sum(), 1e-9), 0, 1)
        away = np.hypot(x - p[0] - along * (q - p)[0], y - p[1] - along * (q - p)[1])
        ink = np.maximum(ink, np.clip((pen - away) / 0.012 + 0.5, 0, 1))
    cells = ink.reshape(8, FINE // 8, 8, FINE // 8).mean(axis=(1, 3))
    return np.clip(np.rint(cells * 17), 0, 15).astype(int)


def main() -> None:
    rng = np.random.default_rng(SEED)
    cards = [(char, draw(char, rng)) for char in BARS for _ in range(CARDS_EACH)]
    order = rng.permutation(len(cards))  # an id tells nothing about the character
    with Path(__file__).with_name("data.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "true_char", "pixels"])
        for number, at in enumerate(order, start=1):
            char, pixels = cards[at]
            table.writerow([f"c{number:02d}", char, "".join(f"{v:x}" for v in pixels.ravel())])


if __name__ == "__main__":
    main()
