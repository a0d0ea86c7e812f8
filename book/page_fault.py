"""Why the book, or the page of one lesson, cannot be set."""

from __future__ import annotations

from fault import Fault


class BookError(Fault):
    """A build that could not be finished, in Chinese: what is wrong, where, what to do."""


class PageFault(Fault):
    """The page of one lesson cannot be set: the others can be."""

    def __init__(self, lesson: str, cause: str) -> None:
        super().__init__(cause)
        self.lesson = lesson
