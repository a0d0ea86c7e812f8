"""The plain lesson: Python without a library, nothing that takes time."""

from __future__ import annotations

from tests.bench.grading_courses import BenchLesson, given, graded, hidden, solution, text

MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
MEAN_TOO = """\
def mean(numbers):
    total = 0
    for one in numbers:
        total += one
    return total / len(numbers)"""
COUNT = """\
def count(words):
    found = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found"""
LONGEST = "def longest(words):\n    return max(words, key=len)"


def lesson() -> BenchLesson:
    cells = (
        text("# 数一数\n三个小函数。"),
        given('import math\n\nshells = [3, 1, 4, 1, 5]\nprint("贝壳", shells)'),
        graded("mean", solution(MEAN)),
        graded("mean-shown", 'assert mean([2, 4]) == 3, "2 和 4 的平均数是 3"', 1),
        graded("mean-judge", hidden("points = (mean([1, 2]) == 1.5) + math.isclose(mean([0.1] * 3), 0.1)\npoints"), 2),
        graded("count", solution(COUNT)),
        graded("count-shown", 'assert count(["海", "海"]) == {"海": 2}, "有两个海"', 1),
        graded("count-judge", hidden('assert count([]) == {}\nassert count("abca") == {"a": 2, "b": 1, "c": 1}'), 2),
        graded("longest", solution(LONGEST)),
        graded("longest-judge", hidden('assert longest(["a", "bbb", "cc"]) == "bbb", "最长的在中间"'), 2),
        given('print("做完了")'),
        graded("why", "### BEGIN MARK SCHEME\n说出平均数的意思\n### END MARK SCHEME", 2, written=True),
    )
    right = {"mean": (MEAN, MEAN_TOO), "count": (COUNT,), "longest": (LONGEST,)}
    wrong = {
        "mean": (MEAN.replace("/", "//"), MEAN.replace("return", "print"), MEAN.replace("len(numbers)", "2")),
        "count": (COUNT.replace("+ 1", "+ 2"), COUNT.replace("return found", "    return found")),
        "longest": (LONGEST.replace("max", "min"), LONGEST.replace(", key=len", "")),
    }
    return BenchLesson("plain", right, wrong, cells)
