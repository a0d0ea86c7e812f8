"""Seconds per submission of stock `nbgrader autograde` and of `./haike autograde`, on copies of one course in one run.

    python tests/bench/grading.py [--lessons light,plain,heavy] [--submissions 60] [--stock N] [--jobs 2]
                                  [--otter-python PATH]
    python tests/bench/grading.py --lessons heavy --kinds right --jobs 1      what is added to a right answer's own time
    python tests/bench/grading.py --memory 1000      is the grader's memory flat over a long course?
    python tests/bench/grading.py --profile          where one submission's time goes

Both graders are the real commands in processes of their own, timed from start to end on the wall clock. Haike starts
with an empty HAIKE_BUILD, so its one run of the reference is in its time as well. The floor is the reference's own code
in one process that has everything imported, the median of several runs in the shell that Haike uses. Haike grades
`jobs` submissions at a time, so what it adds is seen against floor / jobs; stock nbgrader grades one at a time.

otter-grader is not among Haike's libraries: PATH is the Python of an environment with otter-grader, ipykernel,
matplotlib and scikit-learn; it runs `otter run`'s own function on every notebook, in one process, without Docker.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import nbformat  # noqa: E402
import psutil  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from kits.startup import jupyter_path  # noqa: E402
from tests.bench.grading_courses import KINDS, BenchLesson, copy_of, environment, lesson, make_course, play  # noqa: E402

FLOOR_RUNS = 7
Marks = dict[tuple[str, ...], tuple[Any, ...]]  # (what, pupil, notebook, cell) → a row of the gradebook
console = Console(width=110)


@dataclass
class Outcome:
    """What one lesson's run found. Seconds are per submission."""

    lesson: str
    submissions: int
    compared: int
    jobs: int
    level: str
    stock: float
    haike: float
    floor: float
    otter: float | None
    figures: tuple[int, ...]  # bytes in stock's notebooks and in Haike's
    errors: tuple[int, ...]
    marks: Marks
    different: list[str]

    def over_the_floor(self, at_a_time: int) -> str:
        over = self.haike - self.floor / at_a_time
        return f"{(self.stock - self.floor) / over:.0f}" if over > 0 else "below the floor"


# ---- the graders ----


def timed(*command: str, folder: Path, course: Path, more: dict[str, str] | None = None) -> float:
    """Wall-clock seconds of a command in a course. What it says is shown only if it fails."""
    own = environment(folder) | (more or {})
    started = time.perf_counter()
    done = subprocess.run(command, cwd=course, env=own, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return seconds


def haike_command(course: Path, assignment: str, jobs: int) -> list[str]:
    own = ["--course-dir", str(course), "--jobs", str(jobs), "--json", str(course / "haike.json")]
    return [str(ROOT / "haike"), "autograde", assignment, *own]


def measure(
    name: str, submissions: int, stock: int, jobs: int, otter_python: str = "", kinds: Sequence[str] = KINDS
) -> Outcome:
    own = lesson(name)
    with tempfile.TemporaryDirectory(prefix="haike-bench-") as made:
        folder = Path(made)
        make_course(folder / "course", own, submissions, kinds)
        ours = copy_of(folder / "course", folder / "haike", submissions)
        theirs = copy_of(folder / "course", folder / "stock", stock)
        floor = floor_of(folder / "course", own)
        haike = timed(*haike_command(ours, own.id, jobs), folder=folder, course=ours) / submissions
        # In class a Haike lesson has Haike's kernel: crisp figures, Chinese errors.
        kernel = {} if own.cells else {"JUPYTER_PATH": str(jupyter_path(folder / "kernel"))}
        seconds = timed("nbgrader", "autograde", own.id, folder=folder, course=theirs, more=kernel) / stock
        otter = otter_seconds(folder, own, stock, otter_python) if otter_python and own.cells else None
        figures, errors = zip(*(kept(course, stock) for course in (theirs, ours)), strict=True)
        marks = marks_of(theirs)
        different = differences(marks, marks_of(ours))
        level = json.loads((ours / "haike.json").read_text(encoding="utf-8"))["sandbox"]
    counted = (name, submissions, stock, jobs, level)
    return Outcome(*counted, seconds, haike, floor, otter, figures, errors, marks, different)


def floor_of(course: Path, own: BenchLesson) -> float:
    """In a process of its own: a shell changes its process for good."""
    with tempfile.TemporaryDirectory(prefix="haike-floor-") as folder:
        shutil.copytree(course / "source" / own.id, folder, dirs_exist_ok=True)
        play(own, Path(folder))
        command = [sys.executable, str(Path(__file__).resolve()), "--floor", f"{own.id}.ipynb"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return float(done.stdout.split()[-1])


def run_floor(notebook: str) -> None:
    from running.kernel_shell import Recorder, make_shell
    from running.runner import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    cells = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    recorder = Recorder(1 << 30)
    shell = make_shell(recorder, ("kits.startup",) if any("kits" in cell for cell in cells) else ())
    seconds = []
    for _ in range(FLOOR_RUNS + 1):  # the first imports
        started = time.perf_counter()
        for cell in cells:
            if not shell.run_cell(cell, store_history=True).success:
                sys.stderr = sys.__stderr__
                sys.exit(f"the reference fails: {cell}")
        seconds.append(time.perf_counter() - started)
        recorder.take()
    print(statistics.median(seconds[1:]), file=sys.__stdout__)


# ---- what is compared ----


def marks_of(course: Path) -> Marks:
    """Every grade, comment and late penalty of a course."""
    notebooks = """
        FROM submitted_notebook AS own
        JOIN submitted_assignment AS hand_in ON hand_in.id = own.assignment_id
        JOIN notebook ON notebook.id = own.notebook_id"""
    cells = notebooks + " JOIN {0} ON {0}.notebook_id = own.id JOIN base_cell AS cell ON cell.id = {0}.cell_id"
    queries = {
        "grade": "SELECT hand_in.student_id, notebook.name, cell.name, grade.auto_score, grade.manual_score, "
        "grade.extra_credit, grade.needs_manual_grade" + cells.format("grade"),
        "comment": "SELECT hand_in.student_id, notebook.name, cell.name, comment.auto_comment, comment.manual_comment"
        + cells.format("comment"),
        "late": "SELECT hand_in.student_id, notebook.name, '', own.late_submission_penalty, hand_in.timestamp"
        + notebooks,
    }
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        return {
            (kind, *row[:3]): row[3:] for kind, query in queries.items() for row in gradebook.execute(query).fetchall()
        }


def differences(stock: Marks, haike: Marks) -> list[str]:
    """A line for each row that is not the same, of the pupils that stock nbgrader has graded."""
    pupils = {key[1] for key in stock}
    keys = [key for key in stock | haike if key[1] in pupils and stock.get(key) != haike.get(key)]
    return [f"{key}: stock {stock.get(key)}, Haike {haike.get(key)}" for key in keys]


def kept(course: Path, first: int) -> tuple[int, int]:
    """Bytes of figures and number of errors that the first graded notebooks hold."""
    figures = errors = 0
    for path in sorted(course.glob("autograded/*/*/*.ipynb"))[:first]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                figures += len("".join(output.get("data", {}).get("image/png", "")))
                errors += output["output_type"] == "error"
    return figures * 3 // 4, errors


# ---- otter-grader ----

OTTER = """\
import json, sys
from otter.api import grade_submission
for path in sys.argv[2:]:
    grade_submission(path, sys.argv[1], quiet=True)
"""


def otter_seconds(folder: Path, own: BenchLesson, first: int, python: str) -> float:
    """The same hand-ins with otter's tests in the place of nbgrader's; the tests stand in its zip."""
    tests = folder / "otter" / "tests"
    tests.mkdir(parents=True)
    for cell in own.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("locked") and cell.cell_type == "code":
            lines = [f">>> {line}" for line in cell.source.splitlines() if line.startswith("assert")]
            case = {"code": "\n".join(lines), "hidden": False, "locked": False}
            suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            test = {"name": about["grade_id"], "points": about["points"], "suites": [suite]}
            (tests / f"{about['grade_id']}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n", encoding="utf-8")
    make = [python, "-m", "otter", "generate", "-t", str(tests), "-o", "autograder.zip", "--no-requirements"]
    subprocess.run(make + ["--no-environment"], cwd=tests.parent, check=True, capture_output=True)
    paths = []
    for submitted in sorted((folder / "course" / "submitted").iterdir())[:first]:
        notebook = json.loads((submitted / own.id / f"{own.id}.ipynb").read_text(encoding="utf-8"))
        notebook["cells"] = [c for c in notebook["cells"] if not c["metadata"].get("nbgrader", {}).get("locked")]
        paths.append(tests.parent / f"{submitted.name}.ipynb")
        paths[-1].write_text(json.dumps(notebook), encoding="utf-8")
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    started = time.perf_counter()
    command = [python, "-c", OTTER, str(tests.parent / "autograder.zip"), *map(str, paths)]
    done = subprocess.run(command, cwd=tests.parent, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return (time.perf_counter() - started) / len(paths)


# ---- what is printed ----


def machine() -> str:
    parts = [f"{os.cpu_count()} cores", f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in ("nbgrader", "nbclient", "ipykernel")]
    load = f"load {os.getloadavg()[0]:.1f}"
    return ", ".join([*parts, f"{platform.system()} {platform.release()}", load])


def table(outcomes: list[Outcome]) -> Table:
    found = Table("seconds per submission", *(one.lesson for one in outcomes), box=None, header_style="bold")

    def row(title: str, *values: str) -> None:
        found.add_row(title, *values)

    row("submissions", *(str(one.submissions) for one in outcomes))
    row("stock nbgrader", *(f"{one.stock:.3f}{first(one)}" for one in outcomes))
    row("Haike", *(f"{one.haike:.3f} ({one.jobs} jobs)" for one in outcomes))
    if any(one.otter is not None for one in outcomes):
        row("otter-grader", *("—" if one.otter is None else f"{one.otter:.3f}{first(one)}" for one in outcomes))
    row("stock / Haike", *(f"{one.stock / one.haike:.1f}" for one in outcomes))
    row("floor: the reference's own code", *(f"{one.floor:.3f}" for one in outcomes))
    row("(stock − floor) / (Haike − floor)", *(one.over_the_floor(1) for one in outcomes))
    row("(stock − floor) / (Haike − floor / jobs)", *(one.over_the_floor(one.jobs) for one in outcomes))
    row("sandbox level", *(one.level for one in outcomes))
    row("bytes of figures kept, stock / Haike", *("{} / {}".format(*one.figures) for one in outcomes))
    row("errors kept, stock / Haike", *("{} / {}".format(*one.errors) for one in outcomes))
    row("rows compared, of them late penalties", *(f"{len(one.marks)}, {late(one)}" for one in outcomes))
    row("identical marks", *("no" if one.different else "yes" for one in outcomes))
    return found


def late(one: Outcome) -> int:
    return sum(key[0] == "late" and bool(row[0]) for key, row in one.marks.items())


def first(one: Outcome) -> str:
    return f" (first {one.compared})" if one.compared < one.submissions else ""


# ---- memory ----


def watch_memory(submissions: int, jobs: int) -> None:
    """PSS of the command and of its warm parent while a long course is graded. Shared pages are counted in parts."""
    own = lesson("light")
    with tempfile.TemporaryDirectory(prefix="haike-bench-") as made:
        folder = Path(made)
        make_course(folder / "course", own, submissions)
        command = haike_command(folder / "course", own.id, jobs)
        with (folder / "log").open("w") as log:
            running = subprocess.Popen(command, env=environment(folder), stdout=log, stderr=log)
        samples: list[tuple[int, dict[int, int]]] = []
        while running.poll() is None:
            done = len(list((folder / "course" / "autograded").glob(f"*/{own.id}")))
            if done >= len(samples) * submissions // 10 + 1:
                sizes = pss_of_family(running.pid)
                samples += [(done, sizes)] if running.pid in sizes else []
            time.sleep(0.1)
        assert running.returncode == 0, (folder / "log").read_text()
    lasting = set.intersection(*(set(sizes) for _, sizes in samples)) - {running.pid}
    found = Table("graded", "command", "warm parent", "all its processes", title="PSS in MB", box=None)
    for done, sizes in samples:
        cells = (sizes[running.pid], sum(sizes[pid] for pid in lasting), sum(sizes.values()))
        found.add_row(str(done), *(f"{size / 2**20:.0f}" for size in cells))
    console.print(found)


def pss_of_family(pid: int) -> dict[int, int]:
    """pid → bytes, of a process and all that came from it."""
    found: dict[int, int] = {}
    with suppress(psutil.Error):
        family = [pid, *(one.pid for one in psutil.Process(pid).children(recursive=True))]
        for one in family:
            with suppress(OSError, StopIteration):  # a run may end meanwhile
                lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
                found[one] = int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", default="light,plain,heavy")
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--stock", type=int, help="stock nbgrader (and otter) grade only the first so many")
    parser.add_argument("--kinds", default=",".join(KINDS), help="what is handed in, in turn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--otter-python", default="", metavar="PATH")
    parser.add_argument("--memory", type=int, metavar="SUBMISSIONS")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--floor", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.floor:
        return run_floor(asked.floor)
    console.print(machine(), highlight=False)
    if asked.memory:
        return watch_memory(asked.memory, asked.jobs)
    names = asked.lessons.split(",")
    if asked.profile:
        from tests.bench.grading_profile import profile

        for name in names:
            profile(name, asked.submissions, asked.jobs)
        return None
    stock = min(asked.stock or asked.submissions, asked.submissions)
    kinds = asked.kinds.split(",")
    outcomes = []
    for name in names:
        outcomes.append(measure(name, asked.submissions, stock, asked.jobs, asked.otter_python, kinds))
        console.print(f"{name} done, load {os.getloadavg()[0]:.1f}", highlight=False)
    console.print(table(outcomes), highlight=False)
    for line in [line for one in outcomes for line in one.different]:
        console.print(line, highlight=False)
    if any(one.different for one in outcomes):
        sys.exit(1)
    return None


if __name__ == "__main__":
    main()
