"""What depends on how old a child is: pinyin, page or code, passwords, the ceilings of minutes and sentences.

The facts stand in curriculum.yml under `stage`; nobody else compares grades. What a released notebook needs of them
travels in its metadata (courses/products.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from courses.table_file import read_table
from fault import Fault

CURRICULUM = Path(__file__).parent / "curriculum.yml"
Grade = int | Literal["voc", "teacher"]
GRADES: tuple[Grade, ...] = (*range(13), "voc", "teacher")
#: Facts that hold from one grade to another.
SPANS = ("pinyin", "read_aloud", "code_hidden", "points_hidden", "as_page", "tapped_password", "free_python")


@dataclass(frozen=True)
class Stage:
    """The facts for one grade. A ceiling is None where there is none."""

    pinyin: bool
    read_aloud: bool
    code_hidden: bool
    points_hidden: bool
    as_page: bool
    tapped_password: bool
    free_python: bool
    screen_minutes: float | None
    sentence: int | None
    lesson_minutes: tuple[int, int] | None

    @property
    def travelling(self) -> dict[str, bool]:
        """What a notebook's metadata tells the classroom, which knows no curriculum."""
        return {"pinyin": self.pinyin, "read_aloud": self.read_aloud, "as_page": self.as_page}


def stage(grade: Any, path: Path = CURRICULUM) -> Stage:
    """The facts for a grade; for what is no grade, those of somebody grown up. Raises Fault."""
    return _stage(grade if isinstance(grade, int | str) else None, path)


@lru_cache(maxsize=64)
def _stage(grade: int | str | None, path: Path) -> Stage:
    told = facts(path)
    try:
        ceilings = {name: told[name].get(grade) for name in ("screen_minutes", "sentence", "lesson_minutes")}
        minutes = ceilings.pop("lesson_minutes")
        spans = {name: _holds(told[name], grade) for name in SPANS}
        return Stage(**spans, **ceilings, lesson_minutes=tuple(minutes) if minutes else None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        advice = "对照版本库里的写法改正，再运行一次。"
        raise Fault(f"{path}:1  课程表里 stage 那一段少了一项，或者写法不对（{error}）。{advice}") from error


def _holds(span: list[Grade], grade: Any) -> bool:
    """Whether a grade lies between the first and the last of a span."""
    first, last = (GRADES.index(end) for end in span)
    return grade in GRADES and first <= GRADES.index(grade) <= last


@lru_cache(maxsize=4)
def facts(path: Path = CURRICULUM) -> dict[str, Any]:
    """The facts as curriculum.yml tells them."""
    told = read_table(path).get("stage")
    if not isinstance(told, dict):
        raise Fault(f"{path}:1  课程表里没有 stage 那一段。对照版本库里的写法补上，再运行一次。")
    return told
