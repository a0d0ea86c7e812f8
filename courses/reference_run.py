"""Runs a lesson's reference, its other right answers, its blank release and each typical mistake; keeps the results.

A run's key is a hash of its code, data and kits, so a comma in the story runs nothing again, and a new mistake runs
only itself. The results stand in build/reference/<lesson id>.json.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbgrader.utils import determine_grade

from build_paths import build_dir, write_atomically
from courses import products
from courses.lesson import Exercise, Lesson
from fault import Fault
from running.runner import CellRun, Job, run_jobs

Scores = dict[str, tuple[float, float]]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Way:
    """How a test cell failed: the line of the assertion (from 1), the message with the value seen, the exception."""

    line: int
    seen: str
    ename: str


@dataclass(frozen=True)
class AnswerRun:
    """One answer run through the lesson: (score, full marks) and the way of failing of each autograded test cell."""

    scores: Scores = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    seconds: float = 0.0
    errors: tuple[tuple[int, str], ...] = ()

    @property
    def is_full(self) -> bool:
        return all(score == full for score, full in self.scores.values())


@dataclass(frozen=True)
class ReferenceRun:
    """All runs of a lesson. `outputs` holds the reference's outputs by cell number, in nbformat's shape."""

    scores: Scores = field(default_factory=dict)
    seconds: float = 0.0
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    errors: tuple[tuple[int, str], ...] = ()
    blank: AnswerRun = field(default_factory=AnswerRun)
    also_right: dict[int, AnswerRun] = field(default_factory=dict)
    mistakes: dict[str, AnswerRun] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A job, and which cell of the lesson each of its cells is (None: a widget's recorded answer)."""

    job: Job
    cell_numbers: tuple[int | None, ...]


def reference_run(lesson: Lesson, progress: Progress | None = None, *, variants: bool = True) -> ReferenceRun:
    """The lesson's runs, from the store where nothing that matters has changed."""
    return reference_runs([lesson], progress, variants=variants)[lesson.id]


def reference_runs(
    lessons: Sequence[Lesson], progress: Progress | None = None, *, variants: bool = True
) -> dict[str, ReferenceRun]:
    """The runs of several lessons, run side by side; `progress(done, total, what)` is called as each ends.

    Without `variants` only references are run; of the other runs, those that are in the store are there.
    """
    plans = {lesson.id: sound_plan(lesson) for lesson in lessons}
    stores = {lesson.id: read_store(lesson.id) for lesson in lessons}
    needed = {
        plan.job.key: (lesson_id, plan.job)
        for lesson_id, own in plans.items()
        for name, plan in own.items()
        if plan.job.key not in stores[lesson_id] and (variants or name == "reference")
    }
    if progress:
        progress(0, len(needed), "")
    new: set[str] = set()
    try:
        for done, (job, runs) in enumerate(run_jobs([job for _, job in needed.values()]), 1):
            lesson_id = needed[job.key][0]
            stores[lesson_id][job.key] = runs
            new.add(lesson_id)
            if progress:
                progress(done, len(needed), lesson_id)
    except KeyboardInterrupt:
        for lesson_id in new:  # what has been run is not run again
            write_store(lesson_id, stores[lesson_id])
        raise
    results = {}
    for lesson in lessons:
        own = plans[lesson.id]
        store = stores[lesson.id]
        used = {plan.job.key: store[plan.job.key] for plan in own.values() if plan.job.key in store}
        if used.keys() != read_store(lesson.id).keys():
            write_store(lesson.id, used)
        results[lesson.id] = gather(lesson, own, used)
    return results


def sound_plan(lesson: Lesson) -> dict[str, Plan]:
    """plan_runs, but what nbgrader refuses in a way that reading did not foresee names the lesson. Raises Fault."""
    try:
        return plan_runs(lesson)
    except OSError:
        raise
    except Exception as error:  # nbgrader and nbformat name their refusals in many ways
        said = str(error).split("\n")[0]
        raise Fault(f"{lesson.path}:1  做不出这一课的学生版（{said}）。检查练习和测试的设置，再运行一次。") from error


def plan_runs(lesson: Lesson) -> dict[str, Plan]:
    """Every run of a lesson by name: reference, blank, also-right/0 …, mistake/<id> …"""
    references = {variant.of: variant.source for variant in lesson.references}
    plans = {"reference": plan_run(lesson, {}, references), "blank": plan_run(lesson, blank_answers(lesson), {})}
    for number, variant in enumerate(lesson.also_right):
        plans[f"also-right/{number}"] = plan_answer(lesson, variant.of, variant.source, references)
    for mistake in lesson.mistakes:
        plans[f"mistake/{mistake.id}"] = plan_answer(lesson, mistake.of, mistake.source, references)
    return plans


def plan_answer(lesson: Lesson, of: str, source: str, references: dict[str, str]) -> Plan:
    exercise = lesson.exercise(of)
    if exercise and exercise.form == "widget":
        return plan_run(lesson, {}, references | {of: source})
    return plan_run(lesson, {of: source}, references)


def blank_answers(lesson: Lesson) -> dict[str, str]:
    """What stands in each answer cell of the release."""
    blank = products.release(lesson)
    return {
        exercise.id: cell.source
        for exercise in lesson.exercises
        for cell in blank.cells
        if exercise.form == "function" and cell.metadata.get("nbgrader", {}).get("grade_id") == exercise.id
    }


def plan_run(lesson: Lesson, answers: dict[str, str], records: dict[str, str]) -> Plan:
    """The lesson's code cells with some answer cells replaced, and widgets' answers recorded behind their cells."""
    after = {
        number: records[exercise.id]
        for exercise in lesson.exercises
        if exercise.form == "widget" and exercise.id in records
        for number, cell in enumerate(lesson.cells)
        if cell is exercise.answer
    }
    cells: list[str] = []
    numbers: list[int | None] = []
    for number, cell in enumerate(lesson.cells):
        if cell.kind != "code":
            continue
        cells.append(answers.get(cell.grade_id, cell.source))
        numbers.append(number)
        if number in after:
            cells.append("from kits import answers\n" + after[number])
            numbers.append(None)
    # Pictures are not read by code: a new drawing runs nothing again.
    files = tuple(file for file in products.lesson_files(lesson) if file[0].startswith("data/"))
    return Plan(Job(job_key(lesson.id, cells, files), tuple(cells), lesson.id, files), tuple(numbers))


def job_key(name: str, cells: Iterable[str], files: Iterable[tuple[str, Path]]) -> str:
    files = list(files)
    parts = [name, products.kits_hash(), runner_hash(), products.hash_files(path for _, path in files)]
    parts += [file_name for file_name, _ in files]
    return hashlib.sha256("\0".join([*parts, *cells]).encode()).hexdigest()[:24]


def runner_hash() -> str:
    return products.hash_files([Path(__file__).parent / "runner.py"])


def gather(lesson: Lesson, plans: dict[str, Plan], runs: dict[str, list[CellRun]]) -> ReferenceRun:
    stored = {name: plan for name, plan in plans.items() if plan.job.key in runs}
    answers = {name: answer_run(lesson, plan, runs[plan.job.key]) for name, plan in stored.items()}
    reference = answers["reference"]
    plan = plans["reference"]
    outputs = {
        number: run.outputs
        for number, run in zip(plan.cell_numbers, runs[plan.job.key], strict=True)
        if number is not None
    }
    return ReferenceRun(
        scores=reference.scores,
        seconds=reference.seconds,
        outputs=outputs,
        errors=reference.errors,
        blank=answers.get("blank", AnswerRun()),
        also_right={
            number: answers[name]
            for number, _ in enumerate(lesson.also_right)
            if (name := f"also-right/{number}") in answers
        },
        mistakes={
            mistake.id: answers[name] for mistake in lesson.mistakes if (name := f"mistake/{mistake.id}") in answers
        },
    )


def answer_run(lesson: Lesson, plan: Plan, runs: Sequence[CellRun]) -> AnswerRun:
    scores: Scores = {}
    ways: dict[str, Way] = {}
    errors: list[tuple[int, str]] = []
    for number, run in zip(plan.cell_numbers, runs, strict=True):
        if number is None:
            if run.error:
                errors.append((-1, run.error.evalue))
            continue
        cell = lesson.cells[number]
        if run.error:
            errors.append((number, f"{run.error.ename}：{run.error.evalue}"))
        if not cell.grade_id or lesson.exercise(cell.grade_id):
            continue
        score, full = score_of(lesson, number, run)
        scores[cell.grade_id] = (score, full)
        if score < full:
            ways[cell.grade_id] = way_of(run)
    return AnswerRun(scores, ways, sum(run.seconds for run in runs), tuple(errors))


def way_of(run: CellRun) -> Way:
    if run.error:
        return Way(run.error.line, run.error.evalue, run.error.ename)
    text = "".join(output.get("text", "") for output in run.outputs if output["output_type"] == "stream")
    return Way(0, text, "")


def score_of(lesson: Lesson, number: int, run: CellRun) -> tuple[float, float]:
    """nbgrader's own judgement of an executed test cell."""
    cell = products.notebook_cell(lesson, number, lesson.cells[number])
    cell.outputs = [from_dict(output) for output in run.outputs]
    score, full = determine_grade(cell)
    return float(score or 0), float(full)


def tests_of(exercise: Exercise) -> set[str]:
    return {test.grade_id for test in exercise.tests}


def store_path(lesson_id: str) -> Path:
    return build_dir() / "reference" / f"{lesson_id}.json"


def read_store(lesson_id: str) -> dict[str, list[CellRun]]:
    """What earlier runs left; a missing or damaged store is an empty one: it is only a cache."""
    try:
        data = json.loads(store_path(lesson_id).read_text(encoding="utf-8"))
        return {key: [CellRun.from_json(run) for run in runs] for key, runs in data.items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def stopped(run: CellRun) -> bool:
    return bool(run.error and run.error.ename == "KeyboardInterrupt")


def write_store(lesson_id: str, runs: dict[str, list[CellRun]]) -> None:
    # Ctrl-C reaches the cells as well: such a run says nothing about the lesson.
    whole = {key: own for key, own in runs.items() if not any(stopped(run) for run in own)}
    data = {key: [run.to_json() for run in own] for key, own in whole.items()}
    write_atomically(store_path(lesson_id), json.dumps(data, ensure_ascii=False))
