"""The light lesson: scikit-learn and one figure, some 45 ms of its own code (the bench prints what it measures)."""

from __future__ import annotations

from tests.bench.grading_courses import BenchLesson, given, graded, hidden, solution, text

SHARE = """
def share(k):
    reader = KNeighborsClassifier(k)
    reader.fit(learn, names)
    return reader.score(exam, truth)
"""
SHARE_TOO = """
def share(k):
    reader = KNeighborsClassifier(n_neighbors=k).fit(learn, names)
    right = reader.predict(exam) == truth
    return sum(right) / len(right)
"""
SHARE_WRONG = (
    SHARE.replace("exam, truth", "learn, names"),  # asks what it has learned
    SHARE.replace("(k)", "(50)").replace("share(50)", "share(k)"),  # always fifty neighbours
    SHARE.replace("return ", ""),
)
LOST = """
def lost(said, truth):
    return [number for number in range(len(truth)) if said[number] != truth[number]]
"""
LOST_WRONG = (LOST.replace("!=", "=="), LOST.replace("range(len(truth))", "range(1, len(truth))"))


def lesson() -> BenchLesson:
    cells = (
        text("# 邻居会认数字\n让邻居来认手写数字，再数一数认错了哪些。"),
        given("""
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
"""),
        given("""
digits = load_digits()
learn, exam, names, truth = train_test_split(
    digits.data, digits.target, train_size=600, test_size=150, random_state=7
)
print(len(learn), len(exam))
"""),
        given("""
figure, axes = plt.subplots(figsize=(2, 2))
axes.imshow(digits.images[0], cmap="gray_r")
axes.axis("off")
plt.show()
"""),
        text("写 `share(k)`：看 k 个邻居时，考题认对了多少。"),
        graded("share", solution(SHARE)),
        graded("share-shown", 'assert 0.5 < share(1) < 1, f"share(1) 是 {share(1)}"', 1),
        graded("share-judge", hidden('assert round(share(5) * 150) == 142, "五个邻居的时候不对"'), 2),
        text("写 `lost(said, truth)`：认错的是第几个。"),
        graded("lost", solution(LOST)),
        graded("lost-shown", 'assert lost([1, 2, 3], [1, 7, 3]) == [1], "第 1 个认错了"', 1),
        graded("lost-judge", hidden('assert lost([4, 2, 3], [1, 2, 7]) == [0, 2], "头尾都认错的时候不对"'), 2),
        graded("why", "### BEGIN MARK SCHEME\n说出为什么要问邻居\n### END MARK SCHEME", 2, written=True),
    )
    right = {"share": (SHARE.strip(), SHARE_TOO.strip()), "lost": (LOST.strip(),)}
    wrong = {"share": [one.strip() for one in SHARE_WRONG], "lost": [one.strip() for one in LOST_WRONG]}
    return BenchLesson("light", right, wrong, cells)
