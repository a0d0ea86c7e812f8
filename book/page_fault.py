"""Why the page of one lesson cannot be set: the others can be."""

from __future__ import annotations

from fault import Fault


class PageFault(Fault):
    def __init__(self, lesson: str, cause: str) -> None:
        super().__init__(cause)
        self.lesson = lesson
