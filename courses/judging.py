"""From the executed cells of a run to what is kept of it: scores, ways of failing, errors, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from courses import products
from courses.answer_run import AnswerRun, Scores, Way
from courses.lesson import Lesson
from courses.run_plan import Step
from running.jobs import CellRun

Record = dict[str, Any]


def judge(lesson: Lesson, steps: Sequence[Step], runs: Sequence[CellRun]) -> Record:
    """What is kept, as JSON. Cells stand in it by their place in the run: a new paragraph moves nothing."""
    record: Record = {"scores": {}, "ways": {}, "errors": [], "seconds": [round(run.seconds, 4) for run in runs]}
    for place, (step, run) in enumerate(zip(steps, runs, strict=True)):
        if run.error:
            record["errors"].append([place, run.error.ename, run.error.evalue])
        if step.number is None:
            continue
        grade_id = lesson.cells[step.number].grade_id
        if not grade_id or lesson.exercise(grade_id):
            continue
        score, full = score_of(lesson, step.number, run)
        record["scores"][grade_id] = [score, full]
        if score < full:
            way = way_of(run)
            record["ways"][grade_id] = [way.line, way.seen, way.ename]
    return record


def answer_run(record: Record, steps: Sequence[Step], *, besides: float = 0.0) -> AnswerRun:
    """What a record says of today's lesson; `besides` are the seconds of the cells that were not run again."""
    scores: Scores = {grade_id: (score, full) for grade_id, (score, full) in record["scores"].items()}
    ways = {grade_id: Way(*way) for grade_id, way in record["ways"].items()}
    errors = []
    for place, ename, evalue in record["errors"]:
        number = steps[place].number
        errors.append((-1 if number is None else number, f"{ename}：{evalue}"))
    own = sum(record["seconds"])
    return AnswerRun(scores, ways, besides + own, tuple(errors), own)


def way_of(run: CellRun) -> Way:
    if run.error:
        return Way(run.error.line, run.error.evalue, run.error.ename)
    text = "".join(output.get("text", "") for output in run.outputs if output["output_type"] == "stream")
    return Way(0, text, "")


def score_of(lesson: Lesson, number: int, run: CellRun) -> tuple[float, float]:
    """nbgrader's own judgement of an executed test cell."""
    from nbformat import from_dict
    from nbgrader.utils import determine_grade

    cell = products.notebook_cell(lesson, number, lesson.cells[number])
    cell.outputs = [from_dict(output) for output in run.outputs]
    score, full = determine_grade(cell)
    return float(score or 0), float(full)
