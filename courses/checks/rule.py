"""A rule of the check: its name in words, what it asks, why, what to do, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from courses.curriculum import Curriculum
from courses.finding import Finding, Level
from courses.knowledge import KnowledgeMap
from courses.lesson import Lesson
from courses.roots import is_ours

if TYPE_CHECKING:
    from courses.answer_run import ReferenceRun

#: What a rule looks at: one lesson, the whole course, or a lesson together with its reference run.
Scope = Literal["lesson", "course", "run"]


@dataclass(frozen=True)
class Course:
    """All lessons together, in the order in which they are taught."""

    lessons: tuple[Lesson, ...]
    curriculum: Curriculum
    knowledge: KnowledgeMap


@dataclass(frozen=True)
class Seen:
    """What a rule saw at a line. Without `advice` the rule's own is given; `file` is relative to the folder."""

    line: int
    text: str
    advice: str = ""
    file: str = "lesson.md"
    level: Level = "error"
    folder: Path | None = None  # only for rules of the whole course


@dataclass(frozen=True)
class Rule:
    """One refusal of the lesson guide. `what`, `why` and `advice` are Chinese: an author reads them."""

    id: str
    what: str
    why: str
    advice: str
    scope: Scope
    look: Callable[..., Iterable[Seen]]

    def findings(self, folder: Path, *seen_by: Any) -> Iterator[Finding]:
        """Look, and give every fault a path. A rule that crashes is reported like a fault: the others still run."""
        try:
            for seen in self.look(*seen_by):
                path = (seen.folder or folder) / seen.file
                yield Finding(path, max(1, seen.line), self.id, seen.text, seen.advice or self.advice, seen.level)
        except Exception as error:  # noqa: BLE001
            seen_text = f"规则“{self.id}”自己出错了：{type(error).__name__}: {error}"
            yield Finding(folder / "lesson.md", 1, self.id, seen_text, "这不是课的错，请把这一行告诉海课的开发者")


def _register(scope: Scope) -> Callable[..., Callable[[Callable[..., Iterable[Seen]]], Rule]]:
    def rule(rule_id: str, *, what: str, why: str, advice: str) -> Callable[[Callable[..., Iterable[Seen]]], Rule]:
        return lambda look: Rule(rule_id, what, why, advice, scope, look)

    return rule


lesson_rule = _register("lesson")
course_rule = _register("course")
run_rule = _register("run")


def of_the_second_edition(lesson: Lesson) -> Level:
    """What the lesson guide has asked since its second edition: of ours it must be so, of a school's own it is told."""
    return "error" if is_ours(lesson.folder) else "note"


Runs = Mapping[str, "ReferenceRun"]
