"""Why a hand-in has no mark: whatever goes wrong with it becomes its problem, in a teacher's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError
from sqlalchemy.exc import OperationalError

from fault import reason
from grading.execute import StockRefused
from grading.hand_in import HandIn
from grading.submission import BadNotebook
from running.runner import ParentFailed


class StopGrading(Exception):
    """A rule of the course forbids grading this hand-in; the text is the teacher's."""


EXPLAINED: tuple[tuple[Any, str, str], ...] = (
    (DeadKernelError, "died", "程序中途退出了，没有评分"),
    (CellTimeoutError, "time", "运行太久，没有评分"),
    (StockRefused, "kernel", ""),
    (StopGrading, "name", ""),
    ((SchemaTooOldError, SchemaTooNewError), "old-format", "nbgrader 的记号是别的版本的。备份后运行 nbgrader update"),
    (ValidationError, "broken-notebook", "笔记本里评分用的记号坏了。请孩子从原来的课文重新做"),
    (ParentFailed, "died", "评分的进程停了，没有评分。再运行一次"),
)


@contextmanager
def explained(own: HandIn) -> Iterator[None]:
    """Whatever goes wrong becomes the hand-in's problem."""
    try:
        yield
    except Exception as error:
        own.fail(*explain(error))


def explain(error: Exception) -> tuple[str, str]:
    """The reason's id and what a teacher reads. Nothing that goes wrong ends the queue."""
    if isinstance(error, BadNotebook):
        return error.flag.reason, error.flag.words
    if isinstance(error, OperationalError):
        return "gradebook", f"成绩簿写不进去（{error.orig}），这一份没有动。再运行一次"
    if isinstance(error, ValueError) and "partial credit" in str(error):
        return "score", "有一格的得分超过满分，没有评分。看看那一格的测试"
    for kinds, reason_id, words in EXPLAINED:
        if isinstance(error, kinds):
            return reason_id, words or str(error)
    if isinstance(error, OSError):  # after nbclient's time-out, which is one
        return "disk", f"文件没有读写成功（{reason(error)}），这一份没有动。腾出地方再运行一次"
    return "broken-notebook", f"没能评分（{type(error).__name__}：{str(error)[:80]}）"
