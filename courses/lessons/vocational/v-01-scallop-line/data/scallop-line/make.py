"""Simulates the scallops of three batches and writes data.csv beside this file. Run: python make.py"""

import csv
from pathlib import Path

import numpy as np

COLUMNS = ("批次", "壳长", "重量", "张口", "缺口", "坏")
#: name, how many shells, how many of them are dead, how many broken
BATCHES = (("上周", 800, 40, 24), ("早班", 400, 20, 12), ("晚班", 400, 20, 12))


def shells(rng: np.random.Generator, count: int, dead: int, broken: int) -> np.ndarray:
    """One batch: length, weight, gape, chip, bad. Good shells may gape to breathe or be knocked at the edge."""
    kind = np.array(["dead"] * dead + ["broken"] * broken + ["good"] * (count - dead - broken))
    rng.shuffle(kind)
    length = rng.normal(68, 5, count).clip(52, 84)
    weight = 42 * (length / 68) ** 3 * rng.normal(1, 0.06, count)
    gape = rng.gamma(2.0, 0.8, count)
    breathing = (kind == "good") & (rng.random(count) < 0.13)
    gape[breathing] = rng.normal(5.2, 1.3, breathing.sum())
    gape[kind == "dead"] = rng.normal(6.6, 1.7, dead)
    weight[kind == "dead"] *= rng.normal(0.9, 0.04, dead)
    chip = rng.exponential(1.0, count)
    knocked = (kind == "good") & (rng.random(count) < 0.07)
    chip[knocked] = rng.normal(5, 1.5, knocked.sum())
    chip[kind == "broken"] = rng.normal(7.5, 2.4, broken)
    return np.column_stack([length, weight, gape.clip(0, 12), chip.clip(0, 15), kind != "good"])


def main() -> None:
    rng = np.random.default_rng(54)
    with (Path(__file__).parent / "data.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, count, dead, broken in BATCHES:
            for length, weight, gape, chip, bad in shells(rng, count, dead, broken):
                writer.writerow([name, round(length), round(weight), f"{gape:.1f}", f"{chip:.1f}", int(bad)])


if __name__ == "__main__":
    main()
