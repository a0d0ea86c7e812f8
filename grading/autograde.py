"""Grade a class's hand-ins of one assignment: a queue of boxed runs in front of nbgrader's gradebook.

    submitted/ ─ prepare (nbgrader's sanitizers) ─ run (grading.execute, in a box) ─┐   side by side, in threads
    autograded/ + gradebook.db ─ save (nbgrader's savers, one transaction) ─────────┘   one after another

One bad hand-in never stops the rest. A hand-in is either graded whole or as it was before: the gradebook is committed
first, then the folder takes its place; whatever ends in between is graded again by the next call, to the same marks.
"""

from __future__ import annotations

import fnmatch
import gc
import hashlib
import itertools
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4.nbjson import BytesEncoder
from nbformat.v4.rwbase import strip_transient
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.preprocessors import CheckCellMetadata, Execute, GetGrades, OverwriteCells, SaveCells
from nbgrader.utils import determine_grade, find_all_files, is_grade
from sqlalchemy.exc import OperationalError

from build_paths import build_dir, write_atomically
from fault import reason
from grading.course import CourseFault, last_line, open_course
from grading.execute import METADATA, BoxedExecute, StockRefused
from grading.gradebook import Ledger, Source, in_use, lent, patiently, standings
from grading.quick_check import QuickCheckCellMetadata
from grading.result import CellResult, Flag, SubmissionResult, what_was_seen
from grading.submission import BadNotebook, Found, bring_out, copy_files, look_through, read_notebook, settle
from grading.warm_box import box_for, given_cells, read_reference, reference_cells
from running.box import Box, NoWalls
from running.runner import Dead, ParentFailed, Unresponsive
from running.sandbox import at_least

Progress = Callable[[int, int, str], None]
A_FEW, MANY = 3, 60  # hand-ins from which it pays to run the given cells once, and to make forks cheaper
AHEAD = 100  # hand-ins at most that wait in memory, ready, for the box
NBGRADERS_OWN = (Path("timestamp.txt"), Path("submission_secret.txt"))  # put into a hand-in when it is handed in
VERSION = "4"  # of what a grading leaves behind; a change grades everything again


@dataclass
class Work:
    """One hand-in on its way: what was found, run and is to be saved."""

    student: str
    found: Found
    stamps: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # graded before, nothing of them has changed
    graded: dict[str, NotebookNode] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    problem: str = ""
    part: Path | None = None
    seconds: float = 0.0
    slowest: tuple[str, float] = ("", 0.0)

    def fail(self, reason: str, words: str) -> Work:
        if all(one.reason != reason for one in self.flags):
            self.flags.append(Flag(reason, words))
        self.problem = self.problem or words
        return self


def autograde(
    assignment: str,
    course_dir: Path,
    pupil: str | None = None,
    *,
    force: bool = False,
    jobs: int | None = None,
    level: str | None = None,
    keep_earned: bool | None = None,
    progress: Progress | None = None,
) -> list[SubmissionResult]:
    """Grade the collected hand-ins of an assignment (of one pupil, or of all).

    Without `force` only what is new or has changed since: a hand-in, its files, or a test that touches it. Raises
    CourseFault if there is nothing to grade or the course cannot be read, NoWalls where no sandbox is strong enough.
    """
    queue = Queue(assignment, course_dir, force=force, level=level, keep_earned=keep_earned)
    return queue.run(pupil, jobs, progress)


class Queue:
    """One call's course, assignment and settings. `level` is the sandbox that was used, once something has run."""

    def __init__(
        self,
        assignment: str,
        course_dir: Path,
        *,
        force: bool = False,
        level: str | None = None,
        keep_earned: bool | None = None,
        opening: Future[Box] | None = None,
    ) -> None:
        """`opening` is a box that is being made already for the usual settings, while this module was imported."""
        self.opening = opening
        if not course_dir.is_dir():
            raise CourseFault(f"没有课程文件夹 {course_dir}。用 ./haike class list 看有哪些班，或者检查 --course-dir。")
        self.level = ""
        self.assignment, self.force = assignment, force
        self.api = open_course(course_dir)
        self.coursedir = self.api.coursedir
        self.converter = self.new_converter()
        for name, value in (("level", level), ("keep_earned", keep_earned)):
            if value is not None:
                self.api.config.BoxedExecute[name] = value
        self.runner = BoxedExecute(config=self.api.config)
        self.numbers = itertools.count(1)
        self.local = threading.local()

    def own_steps(self) -> Steps:
        """This thread's steps: they keep what they work on in themselves."""
        if not hasattr(self.local, "steps"):
            self.local.steps = Steps(self)
        return self.local.steps

    def new_converter(self) -> Autograde:
        """nbgrader's own Autograde, for its settings: which steps, in which order, set up how."""
        converter = Autograde(coursedir=self.coursedir, parent=self.api)
        converter.exporter = converter.exporter_class(parent=converter, config=converter.config)
        return converter

    # ---- the whole ----

    def run(self, pupil: str | None, jobs: int | None, progress: Progress | None) -> list[SubmissionResult]:
        jobs = jobs or os.cpu_count() or 1
        students = self.students(pupil)
        try:
            self.source = patiently(lambda: Source(self.coursedir.db_url, self.assignment))
            self.before = patiently(lambda: standings(self.coursedir.db_url, self.assignment))
        except MissingEntry:
            advice = f"先运行 ./haike release {self.assignment} --course-dir {self.coursedir.root}"
            raise CourseFault(f"成绩簿里没有 {self.assignment} 这份作业。{advice}") from None
        except OperationalError as error:
            advice = "别的程序正在用它，等一会儿再运行。" if in_use(error) else "先备份它，再试 nbgrader db upgrade。"
            raise CourseFault(f"{self.coursedir.db_url} 打不开：{error.orig}。{advice}") from error
        self.base = self.fingerprint_of_course()
        self.sweep()
        results: list[SubmissionResult] = []
        tell = progress or (lambda *_: None)
        tell(0, len(students), "")
        if self.is_unusual():
            for number, student in enumerate(students):
                tell(number, len(students), student)
                results.append(self.grade_by_nbgrader(student))
            return results
        works: list[Work] = []
        for student in students:
            work = self.find(student)
            if self.is_done(work):
                results.append(self.unchanged(work))
                tell(len(results), len(students), student)
            else:
                works.append(work)
        if any(not work.problem for work in works):
            self.box = self.get_ready(works)
            self.level = self.box.level
            try:
                self.work_off(works, jobs, results, lambda who: tell(len(results), len(students), who))
            finally:
                self.box.close()
        else:
            results += [self.result(work) for work in works]
        tell(len(students), len(students), "")
        order = {student: number for number, student in enumerate(students)}
        return sorted(results, key=lambda one: order[one.pupil])

    def work_off(
        self, works: list[Work], jobs: int, results: list[SubmissionResult], tell: Callable[[str], None]
    ) -> None:
        """Run side by side, save one by one. Whatever ends this early, what is saved is saved."""
        ledger = patiently(lambda: Ledger(self.coursedir.db_url, self.coursedir.course_id))
        self.box.turns = threading.Semaphore(jobs)
        # Twice as many threads as runs: one's files are made ready and cleared away while another's cells run.
        with at_its_quickest(), ThreadPoolExecutor(2 * jobs) as pool:
            local = self.own_steps()
            todo = iter(works)
            running: dict[Future[Work], Work] = {}

            def more() -> None:
                for work in itertools.islice(todo, 4 * jobs - len(running)):
                    running[pool.submit(self.grade, work)] = work

            try:
                more()
                while running:
                    tell("、".join(list(dict.fromkeys(one.student for one in running.values()))[:2]))
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    more()
                    for future in done:
                        running.pop(future)
                        results.append(self.save(future.result(), ledger, local))
                    more()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                if running:  # interrupted: the runs end with their box
                    self.box.parent.control.close()
                ledger.end()

    # ---- which, and what has changed ----

    def students(self, pupil: str | None) -> list[str]:
        """Who handed the assignment in. Raises CourseFault if nobody did."""
        pattern = self.coursedir.format_path(self.coursedir.submitted_directory, pupil or "*", self.assignment)
        named = self.coursedir.format_path(
            self.coursedir.submitted_directory, "(?P<student>.*)", self.assignment, escape=True
        )
        excluded = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        paths = Path(self.coursedir.root).glob(str(Path(pattern).relative_to(self.coursedir.root)))
        found = [m["student"] for path in paths if (m := re.fullmatch(named, str(path), re.DOTALL))]
        students = sorted(set(found) - excluded)
        if not students:
            whose = f"{pupil} 的" if pupil else ""
            advice = f"先用 ./haike class collect {self.assignment} 收作业。"
            raise CourseFault(f"{self.coursedir.root} 里还没有{whose} {self.assignment} 的作业。{advice}")
        return students

    def path(self, step: str, student: str) -> Path:
        directory = getattr(self.coursedir, f"{step}_directory")
        return Path(self.coursedir.root) / self.coursedir.format_path(directory, student, self.assignment)

    def is_unusual(self) -> bool:
        """Settings that only nbgrader's own converter can honour."""
        converter = self.converter
        if converter.pre_convert_hook or converter.post_convert_hook or self.coursedir.notebook_id != "*":
            return True
        graders = steps_of(converter.autograde_preprocessors)
        # A course's own step may look for anything that nbgrader has in the gradebook by then.
        own = [one for one in (*steps_of(converter.sanitize_preprocessors), *graders) if not is_known(one)]
        return bool(own) or not any(issubclass(one, Execute) for one in graders)

    def find(self, student: str) -> Work:
        folder = self.path("submitted", student)
        work = Work(student, look_through(folder, self.source.notebooks, self.is_ignored))
        work.flags = list(work.found.flags)
        if not work.found.notebooks:
            return work.fail(work.flags[-1].reason, work.flags[-1].words) if work.flags else work
        common = hashlib.sha256(self.base.encode())
        with suppress(OSError):
            for name in work.found.files:
                common.update(f"\0{name}\0".encode("utf-8", "surrogateescape"))
                common.update(hashlib.sha256((folder / name).read_bytes()).digest())
            for notebook, path in work.found.notebooks.items():
                own = common.copy()
                own.update(repr(self.source.notebooks[notebook]).encode())
                own.update(path.read_bytes())
                work.stamps[notebook] = own.hexdigest()[:32]
        if not self.force:
            for notebook in work.found.notebooks:
                old = self.read_graded(student, notebook)
                if old is not None and old.metadata.get(METADATA, {}).get("stamp") == work.stamps.get(notebook):
                    work.kept.add(notebook)
        return work

    def read_graded(self, student: str, notebook: str) -> NotebookNode | None:
        try:
            path = self.path("autograded", student) / f"{notebook}.ipynb"
            return nbformat.v4.reads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, AttributeError):
            return None

    def is_done(self, work: Work) -> bool:
        if self.force or work.problem:
            return False
        standing = self.before.get(work.student)
        if standing is None or not standing.is_whole:
            work.kept = set()
            return False
        if work.kept == work.found.notebooks.keys():
            return True
        return not work.kept and self.is_done_by_nbgrader(work)

    def is_done_by_nbgrader(self, work: Work) -> bool:
        """nbgrader's own rule, for what it graded itself: there, and not older than the hand-in."""
        folder = self.path("autograded", work.student)
        graded = [self.read_graded(work.student, name) for name in work.found.notebooks]
        if any(one is None or "stamp" in one.metadata.get(METADATA, {}) for one in graded):
            return False
        submitted = self.path("submitted", work.student)
        new, old = self.timestamp(submitted), self.timestamp(folder)
        return not (new is not None and old is not None and new > old)

    def timestamp(self, folder: Path) -> Any:
        """When it was handed in; a file that says no time says nothing (nbgrader's own reader ends the program)."""
        try:
            return self.coursedir.get_existing_timestamp(str(folder))
        except Exception:
            return None

    def is_ignored(self, path: str) -> bool:
        return any(fnmatch.fnmatch(part, one) for part in Path(path).parts[-3:] for one in self.coursedir.ignore)

    def fingerprint_of_course(self) -> str:
        """What every mark depends on besides the hand-in and its cells: the teacher's files, the settings."""
        self.source_dir = self.path("source", ".")
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        kept = {str(self.source_dir / one) for one in self.converter.exclude_overwriting.get(self.assignment, [])}
        files = [path for path in sorted(find_all_files(str(self.source_dir), ignored)) if path not in kept]
        self.source_files = [Path(path).relative_to(self.source_dir) for path in files]
        settings = {key: value for key, value in self.api.config.items() if key not in ("CourseDirectory", "Exchange")}
        parts = [VERSION, repr(sorted((str(key), repr(value)) for key, value in settings.items()))]
        for name in self.source_files:
            parts.append(f"{name} {hashlib.sha256((self.source_dir / name).read_bytes()).hexdigest()}")
        return "\0".join(parts)

    # ---- side by side ----

    def warm_box(self, count: int) -> Box:
        """A box that has imported what the reference imports, found by running the reference once."""
        box = self.open_box()
        reference = read_reference(self.source_dir)
        cells = reference_cells(reference)
        key = hashlib.sha256("\0".join([VERSION, *cells, self.base]).encode()).hexdigest()[:24]
        store = build_dir() / "warm" / f"{key}.json"
        try:
            known = json.loads(store.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = self.scout(box, cells)
            with suppress(OSError):
                write_atomically(store, json.dumps(known, ensure_ascii=False))
        box.allowed = tuple(known["remarks"])
        box.needs_kernel = known["needs_kernel"]
        box.parent.preload(known["modules"])
        if count >= A_FEW and self.runner.share_given and box.may_share and not box.needs_kernel:
            for name, given in given_cells(reference).items():
                good = list(itertools.takewhile(lambda cell: cell not in known["failed"], given))
                if good:
                    self.share(box, name, good, many=count >= MANY)
        if count >= MANY and len(box.branches) < len(self.source.notebooks):
            box.parent.preload([], many=True)
        return box

    def share(self, box: Box, notebook: str, given: list[str], *, many: bool) -> None:
        """Run once what a class has been given; a notebook whose cells cannot be shared is run whole each time."""
        with box.folder() as folder, suppress(ParentFailed):
            copy_files(self.source_dir, self.source_files, folder)
            (folder / f"{notebook}.ipynb").touch()
            box.share(notebook, given, folder, self.assignment, many=many)

    def open_box(self) -> Box:
        limits, level = self.runner.limits(), self.runner.level
        usual = not self.runner.pass_environment and self.source_dir.parent == Path(self.coursedir.root) / "source"
        if self.opening and usual:
            with suppress(NoWalls):
                box = self.opening.result()
                if at_least(box.level, level):
                    box.limits = limits
                    return box
        return box_for(self.source_dir, Path(self.coursedir.root), level, limits, self.runner.passed())

    def scout(self, box: Box, cells: list[str]) -> dict[str, Any]:
        """Run the reference: what it imports on its way, and which remarks are not a pupil's doing."""
        remarks: dict[str, None] = {}
        modules: list[str] = []
        failed: list[str] = []
        needs_kernel = False
        with box.folder() as folder:
            copy_files(self.source_dir, self.source_files, folder)
            run = box.open(folder, self.assignment)
            with suppress(Dead, Unresponsive):
                for cell in cells:
                    reply, interrupted = run.execute(cell, self.runner.timeout, trusted="assert" in cell)
                    remarks.update(dict.fromkeys(reply["remarks"]))
                    failed += [cell] if interrupted or reply["status"] != "ok" else []
                    needs_kernel |= reply["wants_kernel"]
                reply, _ = run.execute("import sys; print(' '.join(sys.modules))", 30)
                modules = reply["messages"][0]["content"]["text"].split()
            run.close()
        modules = [one for one in modules if one != "__main__"]
        found = {"remarks": list(remarks), "modules": modules, "needs_kernel": needs_kernel}
        return found | {"failed": failed if modules else cells}

    def get_ready(self, works: list[Work]) -> Box:
        """The box; while it is being opened, the first hand-ins are made ready."""
        with ThreadPoolExecutor(1) as aside:
            opening = aside.submit(self.warm_box, len(works))
            for work in works[:AHEAD]:
                if opening.done():
                    break
                if not work.problem:
                    with explained(work):
                        self.prepare(work)
            return opening.result()

    def grade(self, work: Work) -> Work:
        """Prepare and run one hand-in, in a thread of its own. Whatever is wrong with it becomes its problem."""
        if not work.problem:
            with explained(work), self.box.folder() as stage:
                if not work.graded:
                    self.prepare(work)
                self.run_cells(work, stage)
        return work

    def prepare(self, work: Work) -> None:
        """Read the notebooks and restore in them what is the teacher's."""
        started = time.monotonic()
        steps = self.own_steps()
        for name, path in work.found.notebooks.items():
            if name in work.kept:
                continue
            notebook, flags = read_notebook(path)
            work.flags += flags
            resources = self.resources(work.student, name)
            work.flags += settle(notebook, self.source.notebooks[name])
            with lent(steps.modules, lambda: self.source):
                for step in steps.sanitize:
                    notebook, resources = self.sanitized(step, notebook, resources)
            work.graded[name], work.resources[name] = notebook, resources
        work.seconds = time.monotonic() - started

    def run_cells(self, work: Work, stage: Path) -> None:
        started = time.monotonic()
        copy_files(self.path("submitted", work.student), work.found.files, stage)
        copy_files(self.source_dir, self.source_files, stage)
        for name in work.graded:
            # The pupil's own: in nbgrader the code finds the restored notebook here, hidden tests and all.
            shutil.copyfile(work.found.notebooks[name], stage / f"{name}.ipynb", follow_symlinks=False)
        for name in list(work.graded):
            notebook, resources = work.graded[name], work.resources[name]
            resources["metadata"]["path"] = str(stage)
            for step in self.own_steps().before_and_execute:
                if isinstance(step, Execute):
                    notebook, resources = self.execute(step, work, notebook, resources)
                else:
                    notebook, resources = step(notebook, resources)
            work.graded[name], work.resources[name] = notebook, resources
        work.part = self.new_part(work.student)
        bring_out(stage, work.part, but={f"{name}.ipynb" for name in self.source.notebooks})
        work.seconds += time.monotonic() - started

    def sanitized(self, step: Any, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        try:
            return step(notebook, resources)
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            if not isinstance(step, OverwriteCells):
                raise
            raise BadNotebook("changed-cell", "评分的格子被改得认不出来了。请孩子从原来的课文重新做") from error

    def execute(
        self, step: Execute, work: Work, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        boxed = step if isinstance(step, BoxedExecute) else None
        if boxed is None:
            return step(notebook, resources)
        boxed.box = self.box
        known = {*self.source_files, *NBGRADERS_OWN}
        boxed.has_own_files = not known.issuperset(work.found.files)
        try:
            return boxed(notebook, resources)
        finally:
            work.flags += [flag for flag in boxed.flags if flag not in work.flags]
            work.slowest = max(work.slowest, boxed.slowest, key=lambda one: one[1])

    def resources(self, student: str, notebook: str) -> dict[str, Any]:
        """What nbgrader's converter hands from step to step."""
        own = {"student": student, "assignment": self.assignment, "notebook": notebook, "db_url": self.coursedir.db_url}
        metadata = {"name": notebook, "path": ""}  # the stage, once there is one
        return {"unique_key": notebook, "output_files_dir": f"{notebook}_files", "nbgrader": own, "metadata": metadata}

    # ---- one after another ----

    def save(self, work: Work, ledger: Ledger, steps: Steps) -> SubmissionResult:
        """Marks into the gradebook, then the folder into its place."""
        if work.part is None or work.problem:
            if work.part:
                shutil.rmtree(work.part, ignore_errors=True)
            with suppress(Exception):  # that it was handed in, as nbgrader notes it; no mark
                ledger.transaction(lambda book: self.note_submission(book, work))
            return self.result(work)
        try:
            with self.lock(), lent(steps.modules, lambda: ledger), lent(steps.plugins, ledger.whole):
                ledger.transaction(lambda book: self.write_marks(book, work, steps))
                self.publish(work)
        except Exception as error:
            work.fail(*explain(error))
        finally:
            shutil.rmtree(work.part, ignore_errors=True)
        return self.result(work)

    def note_submission(self, ledger: Ledger, work: Work) -> Any:
        if not self.converter.create_student and not ledger.knows_student(work.student):
            raise StopGrading("成绩簿里没有这名学生")
        ledger.update_or_create_student(work.student)
        return ledger.open_submission(self.source, work.student, self.timestamp(self.path("submitted", work.student)))

    def write_marks(self, ledger: Ledger, work: Work, steps: Steps) -> None:
        self.note_submission(ledger, work)
        for name, source in self.source.notebooks.items():
            if name not in work.found.notebooks:  # nbgrader's rule: a notebook that is not there scores 0
                for cell in [*source.grade_cells, *source.task_cells]:
                    grade = ledger.find_grade(cell.name, name, self.assignment, work.student)
                    grade.auto_score, grade.needs_manual_grade = 0, False
        assert work.part is not None
        for name, notebook in work.graded.items():
            resources = work.resources[name]
            work.flags += [flag for flag in strange_scores(notebook) if flag not in work.flags]
            graded = notebook if ledger.tries == 0 else nbformat.from_dict(json.loads(json.dumps(notebook)))
            for step in steps.after:
                graded, resources = step(graded, resources)
            own = graded.metadata.setdefault(METADATA, {})
            own["stamp"] = work.stamps.get(name, "")
            own["flags"] = [[one.reason, one.words] for one in work.flags]
            (work.part / f"{name}.ipynb").write_text(as_one_line(graded), encoding="utf-8")
            work.graded[name] = graded
        old = self.path("autograded", work.student)
        if work.kept:
            bring_out(old, work.part, but={str(path.relative_to(work.part)) for path in work.part.rglob("*")})

    def publish(self, work: Work) -> None:
        """Put the graded folder where the old one stood; a reader sees the one or the other."""
        assert work.part is not None
        target = self.path("autograded", work.student)
        aside = work.part.with_name(work.part.name + ".old")
        if target.exists():
            target.rename(aside)
        try:
            work.part.rename(target)
        except OSError:
            if aside.exists():
                aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)
        self.converter.set_permissions(self.assignment, work.student)

    def new_part(self, student: str) -> Path:
        target = self.path("autograded", student)
        part = target.with_name(f".{self.assignment}.{os.getpid()}-{next(self.numbers)}.part")
        part.mkdir(parents=True)
        return part

    def sweep(self) -> None:
        """What earlier runs left behind when they were killed."""
        for path in self.path("autograded", "*").parent.parent.glob(f"*/.{self.assignment}.*.part*"):
            owner = re.search(r"\.(\d+)-\d+\.part", path.name)
            if owner and not Path(f"/proc/{owner[1]}").exists():
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One writer of autograded/ at a time, in this process or another."""
        with lock_of(Path(self.coursedir.root) / ".haike-autograde.lock"):
            yield

    def result(self, work: Work) -> SubmissionResult:
        standing = self.before.get(work.student)
        cells = () if work.problem else tuple(self.cells(work))
        work.graded, work.resources = {}, {}  # a class's notebooks would fill the memory
        return SubmissionResult(
            work.student,
            cells,
            problem=work.problem,
            flags=tuple(work.flags),
            before=standing.score if standing else None,
            seconds=work.seconds,
            slowest=work.slowest,
        )

    def unchanged(self, work: Work) -> SubmissionResult:
        work.graded = {name: self.read_graded(work.student, name) for name in work.found.notebooks}  # type: ignore[misc]
        for notebook in work.graded.values():
            kept = [Flag(*one) for one in notebook.metadata.get(METADATA, {}).get("flags", [])]
            work.flags += [flag for flag in kept if flag not in work.flags]
        standing = self.before.get(work.student)
        return SubmissionResult(
            work.student,
            tuple(self.cells(work)),
            flags=tuple(work.flags),
            before=standing.score if standing else None,
            skipped=True,
        )

    def cells(self, work: Work) -> Iterator[CellResult]:
        for name in self.source.notebooks:
            notebook = work.graded.get(name) or (self.read_graded(work.student, name) if name in work.kept else None)
            if notebook:
                yield from read_cells(notebook)
            else:
                for cell in self.source.notebooks[name].grade_cells:
                    yield CellResult(cell.name, 0.0, cell.max_score or 0.0)

    # ---- nbgrader's own way ----

    def grade_by_nbgrader(self, student: str) -> SubmissionResult:
        """For settings that only nbgrader's converter honours: its own run, our execution in it."""
        work = self.find(student)
        if work.problem:
            return self.result(work)
        self.api.config.Autograde.autograde_preprocessors = steps_of(self.converter.autograde_preprocessors)
        result = self.api.autograde(self.assignment, student, force=self.force)
        if not result["success"]:
            return self.result(work.fail("stock", f"没能评分：{last_line(result)}"))
        found = {name: self.read_graded(student, name) for name in work.found.notebooks}
        work.graded = {name: notebook for name, notebook in found.items() if notebook}
        return self.result(work)


@contextmanager
def explained(work: Work) -> Iterator[None]:
    """Whatever goes wrong becomes the hand-in's problem."""
    try:
        yield
    except Exception as error:
        work.fail(*explain(error))


@contextmanager
def at_its_quickest() -> Iterator[None]:
    """Set Python up for many short tasks in threads.

    A thread with a message for the box waits for Python's lock, by default up to 5 ms each time; and the collector
    looks through all that nbgrader has imported again and again.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def explain(error: Exception) -> tuple[str, str]:
    """Why a hand-in has no mark: the reason's id and what a teacher reads. Nothing that goes wrong ends the queue."""
    if isinstance(error, BadNotebook):
        return error.flag.reason, error.flag.words
    if isinstance(error, OperationalError):
        return "gradebook", f"成绩簿写不进去（{error.orig}），这一份没有动。再运行一次"
    if isinstance(error, ValueError) and "partial credit" in str(error):
        return "score", "有一格的得分超过满分，没有评分。看看那一格的测试"
    for kinds, reason_id, words in EXPLAINED:
        if isinstance(error, kinds):
            return reason_id, words or str(error)
    if isinstance(error, OSError):  # after nbclient's time-out, which is one
        return "disk", f"文件没有读写成功（{reason(error)}），这一份没有动。腾出地方再运行一次"
    return "broken-notebook", f"没能评分（{type(error).__name__}：{str(error)[:80]}）"


class StopGrading(Exception):
    """A rule of the course forbids grading this hand-in; the text is the teacher's."""


EXPLAINED: tuple[tuple[Any, str, str], ...] = (
    (DeadKernelError, "died", "程序中途退出了，没有评分"),
    (CellTimeoutError, "time", "运行太久，没有评分"),
    (StockRefused, "kernel", ""),
    (StopGrading, "name", ""),
    ((SchemaTooOldError, SchemaTooNewError), "old-format", "nbgrader 的记号是别的版本的。备份后运行 nbgrader update"),
    (ValidationError, "broken-notebook", "笔记本里评分用的记号坏了。请孩子从原来的课文重新做"),
    (ParentFailed, "died", "评分的进程停了，没有评分。再运行一次"),
)


class Steps:
    """nbgrader's preprocessors of one thread, set up as its converter would, our execution in the place of its own."""

    def __init__(self, queue: Queue) -> None:
        converter = queue.new_converter()
        self.sanitize = register(converter, steps_of(converter.sanitize_preprocessors))
        graders = register(converter, steps_of(converter.autograde_preprocessors))
        runs = [number for number, step in enumerate(graders) if isinstance(step, Execute)]
        self.before_and_execute, self.after = graders[: runs[-1] + 1], graders[runs[-1] + 1 :]
        self.modules = {type(step).__module__ for step in [*self.sanitize, *graders]}
        self.plugins = {step.plugin_class.__module__ for step in graders if hasattr(step, "plugin_class")}


def register(converter: Autograde, steps: list[type]) -> list[Any]:
    converter.exporter._preprocessors = []
    for step in steps:
        converter.exporter.register_preprocessor(step)
    return list(converter.exporter._preprocessors)


def steps_of(listed: list[Any]) -> list[type]:
    """The classes of a preprocessor list, nbgrader's Execute boxed; a course's own kind of Execute is left alone."""
    from traitlets.utils.importstring import import_item

    classes = [import_item(one) if isinstance(one, str) else one for one in listed]
    own = {Execute: BoxedExecute, CheckCellMetadata: QuickCheckCellMetadata}
    return [own.get(one, one) for one in classes]


def is_known(step: type) -> bool:
    """Whether a step is nbgrader's, nbconvert's or ours and asks the gradebook for nothing but what is lent to it."""
    asks_more = issubclass(step, (GetGrades, SaveCells))  # usually not among the steps of autograding
    return step.__module__.split(".")[0] in ("nbgrader", "nbconvert", "grading") and not asks_more


def as_one_line(notebook: NotebookNode) -> str:
    """A notebook's text as nbformat would write it, but for the line breaks: whoever reads this one is a program.

    nbformat indents, which json does not do in C, and copies the whole notebook first.
    """
    plain = strip_transient(notebook)
    return json.dumps(plain, cls=BytesEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def read_cells(notebook: NotebookNode) -> Iterator[CellResult]:
    """The graded cells of an autograded notebook, by nbgrader's own rules."""
    for cell in notebook.cells:
        if not is_grade(cell):
            continue
        score, full = determine_grade(cell)
        yield CellResult(cell.metadata["nbgrader"]["grade_id"], score, full, *what_was_seen(cell))


def strange_scores(notebook: NotebookNode) -> list[Flag]:
    """Parts of the points that nbgrader takes for all of them: below zero, not a number."""
    flags = []
    for cell in notebook.cells:
        if is_grade(cell) and cell.cell_type == "code":
            shown = next((out for out in cell.outputs if out.output_type == "execute_result"), None)
            with suppress(KeyError, ValueError):
                if shown and not float(shown.data["text/plain"]) >= 0:
                    name = cell.metadata["nbgrader"]["grade_id"]
                    flags.append(Flag("score", f"{name} 的得分是 {shown.data['text/plain']}，按满分算了，请看一看"))
    return flags


@contextmanager
def lock_of(path: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows
        with nullcontext():
            yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
