"""What is to be run of a lesson: its reference, its blank release, each mistake, other right answer and mutation, and
each claim.

Answers begin where their answer stands: their own answer, the tests of its exercise, and the cells between that those
tests need. A claim stands behind the last cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from courses import products
from courses.claims import CLAIM_SECONDS, over_draws
from courses.lesson import Cell, Exercise, Lesson
from courses.mutations import SECONDS, mutations
from courses.needed_cells import needed_cells
from courses.run_keys import LIBRARIES, data_files, digest, surroundings, version_of
from fault import Fault
from running.jobs import Fork, Job


@dataclass(frozen=True)
class Step:
    """One cell of a run. `number` is that of the lesson's cell; a widget's recorded answer has none."""

    source: str
    number: int | None


@dataclass(frozen=True)
class Part:
    """A run, or the part of one: its steps from the reference's step `at` on, and which steps they stand for.

    `timeout` is the wall time in seconds of a cell that may never end.
    """

    key: str
    at: int
    steps: tuple[Step, ...]
    places: tuple[int, ...]
    timeout: float | None = None


@dataclass(frozen=True)
class LessonPlan:
    """The runs of one lesson."""

    lesson: Lesson
    base: str
    reference: Part

    @cached_property
    def blank_key(self) -> str:
        """The release follows from the lesson and from nbgrader, which need not be imported to tell."""
        settings = (
            products.CODE_STUB,
            *products.RELEASE_STEPS,
            *map(version_of, LIBRARIES),
        )
        own = [cell.source for cell in self.lesson.cells if cell.kind == "code"]
        return digest([self.base, "blank", *settings, *own, *graded(self.lesson, self.blank_numbers)])

    @property
    def blank_numbers(self) -> list[int]:
        return [number for number, cell in enumerate(self.lesson.cells) if cell.kind == "code"]

    @cached_property
    def variants(self) -> dict[str, Part]:
        """also-right/0 …, mistake/<id> …, mutation/<exercise>/<id> …, claim/0 …"""
        found = {}
        for number, variant in enumerate(self.lesson.also_right):
            found[f"also-right/{number}"] = self.part(variant.of, variant.source)
        for mistake in self.lesson.mistakes:
            found[f"mistake/{mistake.id}"] = self.part(mistake.of, mistake.source)
        for one in (one for exercise in self.lesson.exercises for one in mutations(exercise)):
            found[f"mutation/{one.name}"] = self.part(one.of, one.source, SECONDS)
        for number, claim in enumerate(self.lesson.claims):
            found[f"claim/{number}"] = self.claim_part(over_draws(claim))
        return {name: part for name, part in found.items() if part}

    def claim_part(self, source: str) -> Part:
        steps = self.reference.steps
        key = digest([self.base, "claim", *(step.source for step in steps), "", source])
        return Part(key, len(steps), (Step(source, None),), (), CLAIM_SECONDS)

    def part(self, of: str, answer: str, timeout: float | None = None) -> Part | None:
        exercise = self.lesson.exercise(of)
        if not exercise:
            return None
        steps = self.reference.steps
        number = number_of(self.lesson, exercise.answer)
        at = next(place for place, step in enumerate(steps) if step.number == number)
        first, rest = Step(answer, number), at + 1
        if exercise.form == "widget":
            first, at = Step(recorded(answer), None), at + 1
            rest = at + 1 if at < len(steps) and steps[at].number is None else at
        places = self.needed(exercise, rest)
        own = (first, *(steps[place] for place in places))
        numbers = [step.number for step in own if step.number is not None]
        before = [step.source for step in steps[:at]]
        key = digest([self.base, "part", *before, "", *(step.source for step in own), *graded(self.lesson, numbers)])
        return Part(key, at, own, (*range(at, rest), *places), timeout)

    def needed(self, exercise: Exercise, start: int) -> list[int]:
        """The reference's steps from `start` on that judge the exercise, or that its tests need."""
        steps = self.reference.steps
        tests = {number_of(self.lesson, test) for test in exercise.tests}
        last = max((place for place, step in enumerate(steps) if step.number in tests), default=start - 1)
        between = range(start, last + 1)
        always = {place for place in between if steps[place].number is None or steps[place].number in tests}
        if len(always) == len(between):
            return list(between)
        return needed_cells([step.source for step in steps], between, always)

    def blank_steps(self) -> tuple[Step, ...]:
        """The code cells of the release. Raises Fault where nbgrader makes none."""
        answers = blank_answers(self.lesson)
        cells = self.lesson.cells
        return tuple(Step(answers.get(cells[n].grade_id, cells[n].source), n) for n in self.blank_numbers)

    def jobs(self, wanted: set[str], weight: float) -> Iterator[Job]:
        """What has to be run for the keys that are wanted. Raises Fault."""
        files, name = data_files(self.lesson), self.lesson.id
        forks = [
            Fork(part.key, part.at, tuple(step.source for step in part.steps), part.timeout)
            for part in {part.key: part for part in self.variants.values()}.values()
            if part.key in wanted
        ]
        if self.reference.key in wanted or forks:
            key = self.reference.key if self.reference.key in wanted else ""
            sources = tuple(step.source for step in self.reference.steps)
            yield Job(key, sources, name, files, forks=tuple(forks), weight=weight * (1 + len(forks) / 4))
        if self.blank_key in wanted:
            yield Job(self.blank_key, tuple(step.source for step in self.blank_steps()), name, files, weight=weight / 2)


def plan_lesson(lesson: Lesson) -> LessonPlan:
    """The lesson's code cells, and widgets' reference answers recorded behind their cells."""
    references = {variant.of: variant.source for variant in lesson.references}
    after = {
        number_of(lesson, exercise.answer): recorded(references[exercise.id])
        for exercise in lesson.exercises
        if exercise.form == "widget" and exercise.id in references
    }
    steps: list[Step] = []
    for number, cell in enumerate(lesson.cells):
        if cell.kind == "code":
            steps.append(Step(cell.source, number))
            if number in after:
                steps.append(Step(after[number], None))
    base = surroundings(lesson)
    numbers = [step.number for step in steps if step.number is not None]
    key = digest([base, "reference", *(step.source for step in steps), *graded(lesson, numbers)])
    return LessonPlan(lesson, base, Part(key, 0, tuple(steps), tuple(range(len(steps)))))


def recorded(answer: str) -> str:
    return "from kits import answers\n" + answer


def number_of(lesson: Lesson, wanted: Cell) -> int:
    return next(number for number, cell in enumerate(lesson.cells) if cell is wanted)


def graded(lesson: Lesson, numbers: list[int]) -> Iterator[str]:
    """What of cells matters to their score besides their code."""
    for place, number in enumerate(numbers):
        cell = lesson.cells[number]
        if cell.grade_id:
            yield f"{place} {cell.grade_id} {cell.points} {lesson.exercise(cell.grade_id) is not None}"


def blank_answers(lesson: Lesson) -> dict[str, str]:
    """What stands in each answer cell of the release. Raises Fault."""
    try:
        blank = products.release(lesson)
    except OSError:
        raise
    except Exception as error:  # nbgrader and nbformat name their refusals in many ways
        said = str(error).split("\n")[0]
        raise Fault(f"{lesson.path}:1  做不出这一课的学生版（{said}）。检查练习和测试的设置，再运行一次。") from error
    return {
        exercise.id: cell.source
        for exercise in lesson.exercises
        for cell in blank.cells
        if exercise.form == "function" and cell.metadata.get("nbgrader", {}).get("grade_id") == exercise.id
    }
