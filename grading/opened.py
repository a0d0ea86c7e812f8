"""One assignment of a course, opened for a grading: its folders, nbgrader's settings, and what is the teacher's."""

from __future__ import annotations

import fnmatch
import hashlib
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.utils import find_all_files
from sqlalchemy.exc import OperationalError

from grading.course import CourseFault, open_course
from grading.execute import BoxedExecute
from grading.folders import folder
from grading.gradebook import Source, in_use, patiently
from grading.standing import Standing, standings
from grading.steps import Steps
from grading.timestamps import Unreadable, read_timestamp

VERSION = "5"  # of what a grading leaves behind; a change grades everything again


class OpenAssignment:
    """What a whole grading works with; `read_gradebook` fills in what the gradebook says."""

    source: Source  # what the gradebook holds of the assignment
    before: dict[str, Standing]  # student → how their hand-in stood before this grading

    def __init__(self, assignment: str, course_dir: Path, *, level: str | None, keep_earned: bool | None) -> None:
        """Raises CourseFault."""
        if not course_dir.is_dir():
            raise CourseFault(f"没有课程文件夹 {course_dir}。用 ./haike class list 看有哪些班，或者检查 --course-dir。")
        self.name = assignment
        self.api = open_course(course_dir)
        self.coursedir = self.api.coursedir
        self.root = Path(self.coursedir.root)
        exchange = self.api.config.Exchange
        self.zone = self.api.config.ExchangeSubmit.get("timezone") or exchange.get("timezone") or "UTC"
        # nbgrader's converter asks for times as well; its own reader knows few zones and fails where there is no time.
        self.coursedir.get_existing_timestamp = self.readable_timestamp
        self.converter = self.new_converter()
        for name, value in (("level", level), ("keep_earned", keep_earned)):
            if value is not None:
                self.api.config.BoxedExecute[name] = value
        self.runner = BoxedExecute(config=self.api.config)
        self.local = threading.local()

    def own_steps(self) -> Steps:
        """This thread's steps."""
        if not hasattr(self.local, "steps"):
            self.local.steps = Steps(self.new_converter())
        return self.local.steps

    def new_converter(self) -> Autograde:
        """nbgrader's own Autograde, for its settings: which steps, in which order, set up how."""
        converter = Autograde(coursedir=self.coursedir, parent=self.api)
        converter.exporter = converter.exporter_class(parent=converter, config=converter.config)
        return converter

    def read_gradebook(self) -> None:
        """Raises CourseFault where the gradebook cannot be read or does not know the assignment."""
        try:
            self.source = patiently(lambda: Source(self.coursedir.db_url, self.name))
            self.before = self.standings()
        except MissingEntry:
            advice = f"先运行 ./haike release {self.name} --course-dir {self.root}"
            raise CourseFault(f"成绩簿里没有 {self.name} 这份作业。{advice}") from None
        except OperationalError as error:
            advice = "别的程序正在用它，等一会儿再运行。" if in_use(error) else "先备份它，再试 nbgrader db upgrade。"
            raise CourseFault(f"{self.coursedir.db_url} 打不开：{error.orig}。{advice}") from error
        self.base = self.fingerprint()

    def standings(self) -> dict[str, Standing]:
        return patiently(lambda: standings(self.coursedir.db_url, self.name))

    def fingerprint(self) -> str:
        """What every mark depends on besides the hand-in and its cells: the teacher's files, the settings."""
        self.source_dir = self.path("source", ".")
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        kept = {str(self.source_dir / one) for one in self.converter.exclude_overwriting.get(self.name, [])}
        files = [path for path in sorted(find_all_files(str(self.source_dir), ignored)) if path not in kept]
        self.source_files = [Path(path).relative_to(self.source_dir) for path in files]
        settings = {key: value for key, value in self.api.config.items() if key not in ("CourseDirectory", "Exchange")}
        parts = [VERSION, repr(sorted((str(key), repr(value)) for key, value in settings.items()))]
        for name in self.source_files:
            parts.append(f"{name} {hashlib.sha256((self.source_dir / name).read_bytes()).hexdigest()}")
        return "\0".join(parts)

    # ---- folders and files ----

    def path(self, step: str, student: str) -> Path:
        return folder(self.coursedir, step, self.name, student)

    def is_ignored(self, path: str) -> bool:
        return any(fnmatch.fnmatch(part, one) for part in Path(path).parts[-3:] for one in self.coursedir.ignore)

    def read_graded(self, student: str, notebook: str) -> NotebookNode | None:
        """A notebook of autograded/; None where there is none that can be read."""
        try:
            path = self.path("autograded", student) / f"{notebook}.ipynb"
            return nbformat.v4.reads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, AttributeError):
            return None

    def timestamp(self, folder: Path) -> datetime | None:
        """When it was handed in, in UTC. Raises Unreadable where the file says something that is no time."""
        return read_timestamp(folder, self.zone)

    def readable_timestamp(self, folder: str) -> datetime | None:
        """A file that says no time says nothing."""
        with suppress(Unreadable):
            return self.timestamp(Path(folder))
        return None
