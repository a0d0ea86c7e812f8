"""Hand-ins of every kind for the grader: a small course, each case one pupil of it, and what a case may have harmed.

A case is a folder in `submissions/`:

* `case.yml`: `what` it is, the `scores` Haike must give (none where it cannot be graded), the reasons (`flags`) for
  which the teacher's table names it, and what `stock` nbgrader does with it, with `why` where that is not the same.
* `answer.py`, `mean.py`: what stands in these cells instead of the right answer. An answer that reads `where.json`
  finds its World there.
* `make.py`: `make(folder, world)` changes the hand-in on disk. `harm.py`: `harm(world)` tells what it harmed besides.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import runpy
import shutil
import signal
import site
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.grading.listener import Listener

SUBMISSIONS = Path(__file__).parent / "submissions"
NEIGHBOUR = "neighbour"
REASONS = {
    *("time", "memory", "processes", "output", "disk", "kernel", "died", "integrity", "score", "stock"),
    *("broken-notebook", "missing-notebook", "renamed-notebook", "extra-notebook", "big-notebook", "old-format"),
    *("missing-cell", "changed-cell", "duplicate-cell", "links", "name", "timestamp"),
}
STOCK = {"same", "crash", "hang", "cheated", "unsafe"}
#: Seconds a cell may take. Stock nbgrader keeps to it as well, where the pupil lets it.
CELL_SECONDS = 12  # a busy machine is three times slower

HIDDEN_MARK = "隐藏标记海蜇"
SECRET_VARIABLE = "HAIKE_CORPUS_SECRET"
MARKER = re.compile(r"hk[0-9a-f]{10}")
BIG = 5 * 2**20

CONFIG = f"""\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "box"
c.ExecutePreprocessor.timeout = {CELL_SECONDS}
"""

ADD = "### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n### END SOLUTION"
ADD_SHOWN = 'assert add(1, 2) == 3, "add(1, 2) 不对"'
ADD_JUDGE = f"""\
### BEGIN HIDDEN TESTS
# {HIDDEN_MARK}
assert sum([add(-3, 5), add(-1, -1)]) == 0, "有负数的时候不对"
assert math.isclose(add(0.1, 0.2), 0.3), "有小数的时候不对"
assert abs(add(10**6, 1) - 1000001) < 1, "数很大的时候不对"
assert len(add("海", "草")) == 2, "两段文字接起来不对"
assert isinstance(add(2, 2), int), "两个整数加起来，得到的不是整数"
### END HIDDEN TESTS"""
MEAN = "### BEGIN SOLUTION\ndef mean(numbers):\n    return sum(numbers) / len(numbers)\n### END SOLUTION"
MEAN_JUDGE = f"""\
### BEGIN HIDDEN TESTS
# {HIDDEN_MARK}
points = (mean([2, 4]) == 3) + (mean([1, 2]) == 1.5)
points
### END HIDDEN TESTS"""

FULL = {"add-shown": 1, "add-judge": 2, "mean-judge": 2}
WHY = "平均数就是大家一样多的时候，每人有多少。"


@dataclass(frozen=True)
class Case:
    kind: str
    what: str
    scores: dict[str, float]
    flags: frozenset[str]
    stock: str
    why: str
    assignment: str
    slow: bool

    @property
    def folder(self) -> Path:
        return SUBMISSIONS / self.kind

    def source(self, name: str) -> str | None:
        file = self.folder / name
        return file.read_text(encoding="utf-8").rstrip("\n") if file.exists() else None


@cache
def read_cases() -> dict[str, Case]:
    return {path.parent.name: read_case(path) for path in sorted(SUBMISSIONS.glob("*/case.yml"))}


def read_case(path: Path) -> Case:
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = {"scores": {}, "why": "", "assignment": "ps1", "slow": False, **told}
    return Case(**{**fields, "kind": path.parent.name, "flags": frozenset(told.get("flags", ()))})


@dataclass(frozen=True)
class World:
    """What a hand-in may know of the machine it is graded on. Everything a case does out there carries its marker."""

    course: Path
    pupil: str
    neighbour: str
    outside: Path
    tcp_port: int
    udp_port: int
    socket: str  # an abstract one
    victim: int  # a process that is not the pupil's
    marker: str

    @property
    def autograded(self) -> Path:
        return self.course / "autograded" / self.pupil


# What make.py needs


@contextmanager
def edited(folder: Path, name: str = "ps1") -> Iterator[Any]:
    """The notebook of a hand-in, written back as it then is: nothing here checks that it is a sound one."""
    path = folder / f"{name}.ipynb"
    notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
    yield notebook
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def cell_of(notebook: Any, grade_id: str) -> Any:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


# The course


def graded(source: str, grade_id: str, points: int = 0, *, text: bool = False) -> Any:
    """An answer (no points), a test (points), or a written answer (points and text)."""
    about = {"schema_version": 3, "grade_id": grade_id, "grade": points > 0, "solution": text or points == 0}
    about |= {"locked": points > 0 and not text, "task": False} | ({"points": points} if points else {})
    made = (new_markdown_cell if text else new_code_cell)(source)
    made.id, made.metadata["nbgrader"] = grade_id, about
    return made


def ps1() -> list[Any]:
    return [
        new_code_cell("import math", id="given"),
        new_markdown_cell("写两个函数：add 把两样东西加起来，mean 算一列数的平均数。", id="task"),
        graded(ADD, "add"),
        graded(ADD_SHOWN, "add-shown", 1),
        graded(ADD_JUDGE, "add-judge", 2),
        graded(MEAN, "mean"),
        graded(MEAN_JUDGE, "mean-judge", 2),
        graded("### BEGIN MARK SCHEME\n说出平均数的意思\n### END MARK SCHEME", "why", 2, text=True),
        new_code_cell('print("做完了")', id="end"),
    ]


def times(name: str, factor: int) -> list[Any]:
    answer = f"### BEGIN SOLUTION\ndef {name}(n):\n    return {factor} * n\n### END SOLUTION"
    return [graded(answer, name), graded(f'assert {name}(4) == {4 * factor}, "不对"', f"{name}-judge", 1)]


ASSIGNMENTS = {"ps1": {"ps1": ps1()}, "ps2": {"a": times("double", 2), "b": times("triple", 3)}}


def make_course(course: Path) -> Path:
    """An nbgrader course called `box` with both assignments generated."""
    from grading.course import open_course

    course.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for assignment, notebooks in ASSIGNMENTS.items():
        folder = course / "source" / assignment
        folder.mkdir(parents=True)
        for name, cells in notebooks.items():
            spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
            nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / f"{name}.ipynb")
        result = open_course(course).generate_assignment(assignment)
        assert result["success"], result
    return course


def right(grade_id: str) -> str:
    """The right answer of a cell, as a pupil would write it."""
    cells = [cell for notebooks in ASSIGNMENTS.values() for own in notebooks.values() for cell in own]
    source = next(cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return re.sub(r"### (BEGIN|END) SOLUTION\n?", "", source).strip()


# The box


class Box:
    """A copy of the course with one pupil for each case, among things they must leave alone."""

    def __init__(self, base: Path, template: Path, kinds: Iterable[str]) -> None:
        self.base = base
        self.course = base / "course"
        self.cases = {kind: read_cases()[kind] for kind in sorted(kinds)}
        shutil.copytree(template, self.course)
        self.listener = Listener()
        self.secret = token_hex(16)
        os.environ[SECRET_VARIABLE] = self.secret
        self.victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        self.worlds = {kind: self.make_world(kind) for kind in self.cases}
        self.canaries = {kind: (self.worlds[kind].outside / "canary.txt").read_text() for kind in self.cases}
        self.hand_in(NEIGHBOUR, "ps1", {"why": f"平均数就是把 {self.secret} 分匀。"})
        for kind, case in self.cases.items():
            self.hand_in_case(case, self.worlds[kind])
        self.before = self.shared_state()

    def make_world(self, kind: str) -> World:
        outside = self.base / "outside" / kind
        outside.mkdir(parents=True)
        (outside / "canary.txt").write_text(f"金丝雀 {token_hex(16)}\n")
        listener = self.listener
        return World(
            course=self.course,
            pupil=kind,
            neighbour=NEIGHBOUR,
            outside=outside,
            tcp_port=listener.tcp_port,
            udp_port=listener.udp_port,
            socket=listener.name,
            victim=self.victim.pid,
            marker=f"hk{token_hex(5)}",
        )

    def hand_in(self, pupil: str, assignment: str, answers: dict[str, str]) -> Path:
        """The release with the right answers, or others; `why` is always answered."""
        folder = self.course / "submitted" / pupil / assignment
        shutil.copytree(self.course / "release" / assignment, folder)
        for name in ASSIGNMENTS[assignment]:
            with edited(folder, name) as notebook:
                for cell in notebook.cells:
                    about = cell.metadata.get("nbgrader", {})
                    if about.get("solution"):
                        default = WHY if about["grade"] else right(about["grade_id"])
                        cell.source = answers.get(about["grade_id"], default)
        (folder / "timestamp.txt").write_text("2026-09-01 00:00:00 UTC", encoding="utf-8")
        return folder

    def hand_in_case(self, case: Case, world: World) -> None:
        sources = {"add": case.source("answer.py"), "mean": case.source("mean.py")}
        answers = {name: source for name, source in sources.items() if source is not None}
        folder = self.hand_in(case.kind, case.assignment, answers)
        if any("where.json" in path.read_text(encoding="utf-8") for path in case.folder.glob("*.py")):
            (folder / "where.json").write_text(json.dumps(asdict(world), default=str), encoding="utf-8")
        if (case.folder / "make.py").exists():
            runpy.run_path(str(case.folder / "make.py"))["make"](folder, world)

    def assignments(self) -> list[str]:
        return sorted({"ps1", *(case.assignment for case in self.cases.values())})

    # What has become of it

    def rows(self, pupil: str, assignment: str = "ps1", course: Path | None = None) -> dict[str, Any]:
        """A pupil's rows of the gradebook: marks by the cell's id, and comments."""
        marks = """
            SELECT cell.name, grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
                   notebook.late_submission_penalty"""
        comments = "SELECT cell.name || ' comment', comment.auto_comment, NULL, NULL"
        where = """
            FROM submitted_assignment AS submission
            JOIN assignment ON assignment.id = submission.assignment_id
            JOIN submitted_notebook AS notebook ON notebook.assignment_id = submission.id
            JOIN {0} ON {0}.notebook_id = notebook.id
            JOIN base_cell AS cell ON cell.id = {0}.cell_id
            WHERE submission.student_id = ? AND assignment.name = ?"""
        with sqlite3.connect(f"file:{(course or self.course) / 'gradebook.db'}?mode=ro", uri=True) as gradebook:
            found = []
            for what, table in ((marks, "grade"), (comments, "comment")):
                found += gradebook.execute(what + where.format(table), (pupil, assignment)).fetchall()
            return {row[0]: row[1:] for row in found}

    def scores(self, pupil: str, assignment: str = "ps1", course: Path | None = None) -> dict[str, float]:
        """The marks in the gradebook that do not wait for a person."""
        rows = self.rows(pupil, assignment, course)
        return {name: row[0] for name, row in rows.items() if not name.endswith(" comment") and row[0] is not None}

    def shared_state(self) -> dict[str, str]:
        """What is nobody's to change: the teacher's and the release's files, and the neighbour's hand-in."""
        folders = ("source", "release", f"submitted/{NEIGHBOUR}")
        files = [path for name in folders for path in sorted((self.course / name).rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.course)): fingerprint(path) for path in files}

    def harm(self, kind: str) -> list[str]:
        """What a case has harmed or brought out; empty if nothing."""
        case, world = self.cases[kind], self.worlds[kind]
        found = [f"outside: {name}" for name in self.outside_changes(world)]
        found += [f"called: {said}" for said in self.listener.heard if world.marker in said]
        found += [f"still running: {who}" for who in processes_with(world.marker)]
        found += [f"left behind: {path}" for path in self.left_behind if world.marker in path.name]
        found += [f"wrote: {path}" for path in self.written.get(world.marker, ()) if not self.is_own(path, kind)]
        found += [f"brought out: {what}" for what in self.brought_out(world)]
        found += [f"gave itself: {row}" for row in self.rows(kind, case.assignment).values() if row[1] or row[2]]
        if (case.folder / "harm.py").exists():
            found += runpy.run_path(str(case.folder / "harm.py"))["harm"](world)
        return found

    def shared_harm(self) -> list[str]:
        """What somebody has harmed: the class's files, the neighbour's marks, another process; or an unsigned call."""
        now = self.shared_state()
        found = [f"changed: {name}" for name in self.before.keys() | now if self.before.get(name) != now.get(name)]
        marks = self.rows(NEIGHBOUR)
        if self.scores(NEIGHBOUR) != FULL or any(row[1] or row[2] for row in marks.values()):
            found.append(f"the neighbour's marks: {marks}")
        if self.victim.poll() is not None:
            found.append("another process was ended")
        found += [f"called: {said!r}" for said in self.listener.heard if not MARKER.search(said)]
        return found

    def outside_changes(self, world: World) -> list[str]:
        changes = [path.name for path in world.outside.iterdir() if path.name != "canary.txt"]
        canary = world.outside / "canary.txt"
        if not canary.is_file() or canary.read_text() != self.canaries[world.pupil] or canary.stat().st_nlink > 1:
            changes.append("canary.txt")
        return changes

    def is_own(self, path: Path, kind: str) -> bool:
        return any(path.is_relative_to(self.course / step / kind) for step in ("submitted", "autograded"))

    @cached_property
    def left_behind(self) -> list[Path]:
        """New names carry a marker: in the shared folders of this machine."""
        shared = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", *site.getsitepackages())
        places = {*map(Path, shared), Path.home(), Path.cwd()}
        return [path for place in places if place.is_dir() for path in place.iterdir() if MARKER.search(path.name)]

    @cached_property
    def written(self) -> dict[str, list[Path]]:
        """marker → the files of the course it stands in, or whose name holds it."""
        found: dict[str, list[Path]] = {}
        for folder, _, names in os.walk(self.course):
            for path in (Path(folder, name) for name in names):
                text = path.name + readable(path)
                for marker in set(MARKER.findall(text)):
                    found.setdefault(marker, []).append(path)
        return found

    def brought_out(self, world: World) -> Iterator[str]:
        """Secrets in what the case's run has left, and files there that are more than files."""
        secrets = [self.canaries[world.pupil].strip(), self.secret, HIDDEN_MARK, *shadow_lines()]
        for folder, _, names in os.walk(world.autograded):
            for path in (Path(folder, name) for name in names):
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode) and not path.resolve().is_relative_to(world.autograded):
                    yield f"{path.name} → {path.readlink()}"
                elif not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)) or mode & (stat.S_ISUID | stat.S_ISGID):
                    yield f"{path.name} {stat.filemode(mode)}"
                text = outputs_of(path) if path.suffix == ".ipynb" else readable(path)
                yield from (f"{secret[:20]} in {path.name}" for secret in secrets if secret in text)

    def close(self) -> None:
        """Whatever is left of the cases ends here."""
        for world in self.worlds.values():
            for pid in processes_with(world.marker):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for path in self.left_behind:
            path.unlink(missing_ok=True)
        self.victim.kill()
        self.victim.wait()
        self.listener.close()
        os.environ.pop(SECRET_VARIABLE, None)


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() + stat.filemode(path.lstat().st_mode)


def readable(path: Path) -> str:
    """The text of a file of ordinary size, as far as it is text; a link is what it leads to, as nbgrader copies it."""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size < BIG:
            return path.read_bytes().decode("utf-8", "replace")
    return ""


def outputs_of(notebook: Path) -> str:
    """All a graded notebook shows, but for the tracebacks of tests: as in nbgrader, they quote the tests' source."""
    shown = []
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        for cell in json.loads(readable(notebook))["cells"]:
            is_test = cell["metadata"].get("nbgrader", {}).get("grade")
            hidden = {"traceback"} if is_test else set()
            shown += [{key: output[key] for key in output.keys() - hidden} for output in cell.get("outputs", [])]
    return json.dumps(shown, ensure_ascii=False)


@cache
def shadow_lines() -> tuple[str, ...]:
    """Lines no pupil's program may read."""
    with suppress(OSError):
        return tuple(line for line in Path("/etc/shadow").read_text().splitlines() if line.count(":") > 7)
    return ()


def processes_with(marker: str) -> list[int]:
    """Running processes with the marker in their command, name or environment; not the dead that nobody waited for."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = b"".join((folder / name).read_bytes() for name in ("cmdline", "comm", "environ"))
            dead = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if marker.encode() in words and not dead:
                found.append(int(folder.name))
    return found
