"""Runs a lesson's reference, blank release, other right answers, mistakes, mutations and claims; keeps the results.

The reference is run once; each other answer begins where its answer stands, a claim behind the last cell. A run's key
is a hash of its code and of what it depends on (run_keys), so a comma in the story runs nothing again, and a new
mistake only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from courses.answer_run import AnswerRun, ReferenceRun, Scores, Way
from courses.judging import answer_run, judge
from courses.lesson import Lesson
from courses.run_plan import LessonPlan, Step, plan_lesson
from courses.run_store import Store
from courses.where_run import by_place
from fault import Fault
from running.jobs import CellRun, Job, run_jobs
from running.runner import ParentFailed

__all__ = ["AnswerRun", "ReferenceRun", "Scores", "Way", "reference_run", "reference_runs"]

#: progress(done, total, what)
Progress = Callable[[int, int, str], None]


def reference_run(lesson: Lesson, progress: Progress | None = None, *, variants: bool = True) -> ReferenceRun:
    """The lesson's runs, from the store where nothing that matters has changed."""
    return reference_runs([lesson], progress, variants=variants)[lesson.id]


def reference_runs(
    lessons: Sequence[Lesson], progress: Progress | None = None, *, variants: bool = True
) -> dict[str, ReferenceRun]:
    """The runs of several lessons, run side by side; `progress(done, total, what)` is called as each ends.

    Without `variants` only references are run; of the other runs, those that are in the store are there.
    """
    stores = {lesson.id: Store(lesson.id) for lesson in lessons}  # two lessons of one id, a fault, have one store
    known = [Known(plan_lesson(lesson), stores[lesson.id]) for lesson in lessons]
    wanted = {key: one for one in known for key in one.missing(variants)}
    if progress:
        progress(0, len(wanted), "")
    for done, (key, runs) in enumerate(run_all(lessons, [job for one in known for job in one.jobs(wanted)]), 1):
        wanted[key].add(key, runs)
        if progress:
            progress(done, len(wanted), wanted[key].lesson.id)
    if variants:
        for store in stores.values():
            store.keep_only({key for one in known if one.store is store for key in one.keys})
    return {one.lesson.id: one.gathered() for one in known}


def run_all(lessons: Sequence[Lesson], jobs: list[Job]) -> Iterator[tuple[str, list[CellRun]]]:
    try:
        for place, own in by_place(lessons, jobs):
            yield from run_jobs(own, place)
    except ParentFailed as error:
        raise Fault(f"试做课文的程序没能开始，或者中途退出了（{error}）。内存够的话，再运行一次，会接着做。") from error


class Known:
    """A lesson's plan, and what is kept of its runs."""

    def __init__(self, plan: LessonPlan, store: Store) -> None:
        self.plan, self.lesson, self.store = plan, plan.lesson, store

    @property
    def keys(self) -> set[str]:
        return {self.plan.reference.key, self.plan.blank_key, *(part.key for part in self.plan.variants.values())}

    def missing(self, variants: bool) -> set[str]:
        return {key for key in (self.keys if variants else {self.plan.reference.key}) if key not in self.store}

    def jobs(self, wanted: dict[str, Known]) -> list[Job]:
        own = {key for key, one in wanted.items() if one is self}
        return list(self.plan.jobs(own, self.weight())) if own else []

    def weight(self) -> float:
        """About how many seconds a run takes: as many as last time, or by the number of cells."""
        last = max((sum(record["seconds"]) for record in self.store.records.values()), default=0.0)
        return last or len(self.plan.reference.steps) / 100

    def steps(self, key: str) -> tuple[Step, ...]:
        """The cells of a run."""
        if key == self.plan.blank_key:
            return tuple(Step("", number) for number in self.plan.blank_numbers)
        parts = (self.plan.reference, *self.plan.variants.values())
        return next(part.steps for part in parts if part.key == key)

    def add(self, key: str, runs: list[CellRun]) -> None:
        is_reference = key == self.plan.reference.key
        outputs = {place: run.outputs for place, run in enumerate(runs) if run.outputs} if is_reference else None
        self.store.add(key, judge(self.lesson, self.steps(key), runs), outputs)

    def gathered(self) -> ReferenceRun:
        plan, record = self.plan, self.store.records[self.plan.reference.key]
        reference = answer_run(record, plan.reference.steps)
        numbers = {place: step.number for place, step in enumerate(plan.reference.steps) if step.number is not None}
        variants: dict[str, AnswerRun] = {}
        for name, part in plan.variants.items():
            if part.key in self.store:
                replaced = sum(record["seconds"][place] for place in part.places)
                besides = reference.seconds - replaced
                variants[name] = answer_run(self.store.records[part.key], part.steps, besides=besides)
        blank = AnswerRun()
        if plan.blank_key in self.store:
            blank = answer_run(self.store.records[plan.blank_key], self.steps(plan.blank_key))

        def own(kind: str) -> dict[str, AnswerRun]:
            return {name.removeprefix(kind): run for name, run in variants.items() if name.startswith(kind)}

        return ReferenceRun(
            scores=reference.scores,
            seconds=reference.seconds,
            outputs=self.store.outputs(plan.reference.key, numbers),
            pictures=frozenset(numbers[place] for place in record["pictures"] if place in numbers),
            errors=reference.errors,
            blank=blank,
            also_right={int(number): run for number, run in own("also-right/").items()},
            mistakes=own("mistake/"),
            mutations=own("mutation/"),
            claims={int(number): run for number, run in own("claim/").items()},
        )
