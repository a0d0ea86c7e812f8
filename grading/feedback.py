"""Feedback for a class: a page for each pupil, written beside the graded work and released through the exchange.

The page is made by nbgrader's converter with our preprocessor (ForThePupil) and template, in any nbgrader course: of a
hidden test only message and score get through, and nothing that a pupil's code printed as HTML. One pupil's trouble is
told in one line and stops nobody else's page; a page that cannot be written leaves the one that was there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution, notebook_hash
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from build_paths import write_atomically
from courses.lesson import Lesson
from courses.reading import find_lesson
from courses.reference_run import ReferenceRun, reference_run
from fault import Fault, reason
from grading.assignment import check
from grading.course import CourseFault, has_gradebook, open_course, ready_exchange
from grading.folders import folder, folders
from grading.page_words import graded_cells, page_words
from grading.pupil_marks import read_marks
from grading.recognise import recognise

NBGRADERS_OWN = ("timestamp.txt", "submission_secret.txt")  # a release is filed under what they say
Progress = Callable[[int, int, str], None]


@dataclass
class PupilFeedback:
    """One pupil's pages; `problem` says why there is none, `kept_back` why they have not been released."""

    pupil: str
    pages: list[Path] = field(default_factory=list)
    problem: str = ""
    kept_back: str = ""


def feedback(
    assignment: str, course_dir: Path, pupil: str | None = None, progress: Progress | None = None
) -> list[PupilFeedback]:
    """Make the feedback pages of a graded assignment and release them. Raises CourseFault where there are none."""
    api = open_course(course_dir)
    coursedir = api.coursedir
    graded, handed_in = (folders(coursedir, step, assignment) for step in ("autograded", "submitted"))
    excluded = coursedir.student_id_exclude.split(",")
    wanted = [one for one in sorted(graded | handed_in) if pupil in (None, one) and one not in excluded]
    if not graded.keys() & set(wanted) or not has_gradebook(coursedir.db_url):
        whose = f" {pupil} 的" if pupil else ""
        advice = f"先运行 ./haike autograde {assignment} --course-dir {course_dir}"
        raise CourseFault(f"{course_dir} 里{whose} {assignment} 还没有评过分。{advice}")
    tell = progress or (lambda *_: None)
    results = [PupilFeedback(one) for one in wanted]
    with Pages(api, assignment) as pages:
        for number, one in enumerate(results):
            tell(number, len(results), one.pupil)
            if one.pupil not in graded:
                one.problem = f"还没有评分，没有反馈。先运行 ./haike autograde {assignment}"
                continue
            try:
                one.pages = pages.write(one.pupil)
                one.problem = "" if one.pages else "没有评过的笔记本，没有反馈。再评一次分"
            except Exception as error:  # whatever is wrong with one hand-in is nobody else's
                one.problem = why_not(error)
    release(api, assignment, [one for one in results if one.pages])
    tell(len(results), len(results), "")
    return results


def why_not(error: Exception) -> str:
    if isinstance(error, MissingEntry):
        return "成绩簿里没有这一份作业。再评一次分"
    if isinstance(error, SQLAlchemyError):
        return f"成绩簿读不了（{getattr(error, 'orig', None) or type(error).__name__}）。等一会儿再运行一次"
    if isinstance(error, OSError):
        return f"这一页没有写成（{reason(error)}），原来的还在。腾出地方再运行一次"
    return f"评过的作业读不了（{type(error).__name__}）。用 --force 再评一次分"


class Pages:
    """nbgrader's feedback converter for a whole class: set up once, with one open gradebook."""

    def __init__(self, api: Any, assignment: str) -> None:
        self.coursedir, self.assignment = api.coursedir, assignment
        self.gradebook = Gradebook(self.coursedir.db_url, self.coursedir.course_id)
        converter = GenerateFeedback(coursedir=self.coursedir, parent=api)
        converter.update_config(Config({"HTMLExporter": {"template_name": "feedback"}}))
        self.exporter = converter.exporter_class(parent=converter, config=converter.config)
        for step in converter.preprocessors:
            self.exporter.register_preprocessor(step)
        for step in self.exporter._preprocessors:
            if isinstance(step, ForThePupil):
                step.gradebook = self.gradebook

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    def write(self, pupil: str) -> list[Path]:
        """All of a pupil's pages, or none. Raises whatever goes wrong."""
        graded, target = (folder(self.coursedir, step, self.assignment, pupil) for step in ("autograded", "feedback"))
        made = {path.stem: self.page(pupil, path) for path in sorted(graded.glob("*.ipynb"))}
        for name, text in made.items():
            write_atomically(target / f"{name}.html", text)
        for name in NBGRADERS_OWN:
            with suppress(FileNotFoundError):
                write_atomically(target / name, (graded / name).read_bytes())
        return [target / f"{name}.html" for name in made]

    def page(self, pupil: str, path: Path) -> str:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        own = {
            "student": pupil,
            "assignment": self.assignment,
            "notebook": path.stem,
            "db_url": self.coursedir.db_url,
        }
        resources = {"unique_key": path.stem, "output_files_dir": f"{path.stem}_files", "nbgrader": own}
        text, _ = self.exporter.from_notebook_node(notebook, resources)
        return str(text)


class ForThePupil(NbGraderPreprocessor):
    """Turns a graded notebook into the words of the feedback page (`resources["haike"]`) and empties the notebook.

    One serves a whole class: a lesson is read, and what is known of its typical mistakes, once.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gradebook: Gradebook | None = None
        self.known: dict[str, tuple[Lesson | None, ReferenceRun | None]] = {}

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with self.opened(about["db_url"]) as gradebook:
            own = read_marks(gradebook, about["notebook"], about["assignment"], about["student"])
        if about["assignment"] not in self.known:
            self.known[about["assignment"]] = what_is_known(about["assignment"])
        lesson, run = self.known[about["assignment"]]
        answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in nb.cells if is_solution(cell)}
        maybe = recognise(lesson, run, graded_cells(nb, own), answers) if lesson and run else {}
        title = " · ".join(dict.fromkeys((about["assignment"], about["notebook"])))
        resources["haike"] = page_words(nb, title, own, lesson, maybe)
        # The template needs the words alone: what is not there cannot leak.
        nb.cells = []
        return nb, resources

    @contextmanager
    def opened(self, db_url: str) -> Iterator[Gradebook]:
        """The class's gradebook, or, for a single page of the formgrader's, one of its own."""
        if self.gradebook is not None:
            yield self.gradebook
            return
        with Gradebook(db_url) as gradebook:
            yield gradebook


def what_is_known(assignment: str) -> tuple[Lesson | None, ReferenceRun | None]:
    """The lesson, and how its typical mistakes fail as far as a check has run them: feedback runs none itself."""
    lesson = find_lesson(assignment)
    if lesson is None or not lesson.mistakes or lesson.obstacles:
        return lesson, None
    with suppress(Fault, OSError):
        return lesson, reference_run(lesson, variants=False)
    return lesson, None


# ---- release ----


def release(api: Any, assignment: str, written: list[PupilFeedback]) -> None:
    """Put the pages into the exchange; whoever's cannot go there is told why, the others' go."""
    try:
        ready_exchange(api)
        put = releaser(api, assignment)
    except CourseFault as fault:
        for one in written:
            one.kept_back = str(fault)
        return
    for one in written:
        missing = [name for name in NBGRADERS_OWN if not (one.pages[0].parent / name).is_file()]
        if missing:
            where = "、".join(str(page) for page in one.pages)
            one.kept_back = f"作业不是从课堂交的（没有 {'、'.join(missing)}），发不回去。请把这一页直接给孩子：{where}"
            continue
        try:
            put(one)
        except CourseFault as fault:
            one.kept_back = str(fault)
        except OSError as error:
            one.kept_back = f"交换文件夹写不进去（{reason(error)}）。看看网络盘或者优盘，再运行一次"


def releaser(api: Any, assignment: str) -> Callable[[PupilFeedback], None]:
    """How a pupil's pages are released: nbgrader's own exchange, where a name is a name and not a pattern; or another.

    Raises CourseFault where the exchange will not have them.
    """
    if not issubclass(api.exchange.release_feedback, ExchangeReleaseFeedback):
        return lambda one: check(api.release_feedback(assignment, one.pupil), "没能发出去")
    exchange = api.exchange.ReleaseFeedback(coursedir=api.coursedir, authenticator=api.authenticator, parent=api)
    try:
        exchange.init_dest()
    except Exception as error:  # nbgrader's ExchangeError, in English
        raise CourseFault(f"交换文件夹 {exchange.root} 不让写。看看它是不是这个账号建的。") from error

    def put(one: PupilFeedback) -> None:
        for page in one.pages:
            secret = (page.parent / "submission_secret.txt").read_text(encoding="utf-8")
            name = notebook_hash(secret=secret, notebook_id=page.stem)
            write_atomically(Path(exchange.dest_path) / f"{name}.html", page.read_bytes())

    return put
