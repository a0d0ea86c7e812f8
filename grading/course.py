"""A class's nbgrader course: its folders, its configuration, and nbgrader's own API opened on it."""

from __future__ import annotations

import errno
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from build_paths import data_dir
from fault import Fault, reason

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

TEMPLATES = Path(__file__).parent / "templates"

#: A class's nbgrader_config.py: two lines, so that a newer Haike brings newer settings to old classes.
CONFIG_FILE = """\
# nbgrader's configuration of this class. Haike's settings come first; write your own below them.
from grading.course import configure

c = get_config()  # noqa: F821
configure(c, {code!r})
"""


#: nbgrader's Autograde.autograde_preprocessors with our boxed execution in the place of its Execute.
BOXED = [
    "grading.execute.BoxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]


class CourseFault(Fault):
    """Something a teacher can mend: the message is Chinese and says what, where and what to do next."""


@dataclass(frozen=True)
class CoursePaths:
    """Where nbgrader keeps a class's work; `assignment` folders are those of one lesson (and one pupil)."""

    course_dir: Path
    source: Path
    release: Path
    submitted: Path
    autograded: Path
    feedback: Path
    gradebook: Path


def classes_dir() -> Path:
    return data_dir() / "classes"


def class_dir(code: str) -> Path:
    """The nbgrader course directory of a class: course_id = class code."""
    return classes_dir() / code


def paths(code: str | Path, lesson_id: str, pupil: str = "*") -> CoursePaths:
    """nbgrader's folders for one lesson in one class (or any course directory), and one pupil or, with *, all."""
    course_dir = code if isinstance(code, Path) else class_dir(code)
    return CoursePaths(
        course_dir=course_dir,
        source=course_dir / "source" / lesson_id,
        release=course_dir / "release" / lesson_id,
        submitted=course_dir / "submitted" / pupil / lesson_id,
        autograded=course_dir / "autograded" / pupil / lesson_id,
        feedback=course_dir / "feedback" / pupil / lesson_id,
        gradebook=course_dir / "gradebook.db",
    )


def configure(c: Any, code: str) -> None:
    """Fill an nbgrader configuration for a Haike class; called from the class's nbgrader_config.py."""
    import settings
    from courses.products import nbgrader_settings

    c.merge(nbgrader_settings())
    c.CourseDirectory.course_id = code
    settings.tell_nbgrader(c, settings.load())
    # Demo pupils share one OS user, so the owner of a file says nothing about who handed it in.
    c.ExchangeCollect.check_owner = False
    c.ExecutePreprocessor.timeout = 60
    grade_in_a_box(c)
    pages_for_pupils(c)


def pages_for_pupils(c: Any) -> None:
    """Feedback is Haike's page: nbgrader's own prints hidden tests and their tracebacks, in English."""
    c.GenerateFeedback.preprocessors = ["grading.feedback.ForThePupil"]
    nbgrader_templates = Path(sys.modules["nbgrader"].__file__ or "").parent if "nbgrader" in sys.modules else None
    bases = [str(TEMPLATES)]
    if nbgrader_templates:
        bases.append(str(nbgrader_templates / "server_extensions" / "formgrader" / "templates"))
    c.HTMLExporter.extra_template_basedirs = bases
    # nbconvert puts MathJax from a CDN into every page; a feedback page asks nobody for anything.
    c.HTMLExporter.mathjax_url = ""


def grade_in_a_box(c: Any) -> None:
    """The formgrader's button and `nbgrader autograde` run hand-ins in the box too; for any nbgrader_config.py."""
    c.Autograde.autograde_preprocessors = BOXED


def read_config(course_dir: Path) -> Config:
    """The course's nbgrader_config.py over Haike's defaults. Raises CourseFault if it cannot be run."""
    from courses.products import nbgrader_settings

    config = Config()
    config.merge(nbgrader_settings())
    pages_for_pupils(config)
    config.CourseDirectory.root = str(course_dir)
    config.ExchangeReleaseAssignment.force = True  # releasing again replaces; nobody's work lies in the outbox
    if (course_dir / "nbgrader_config.py").exists():
        try:
            config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(course_dir)).load_config())
        except Fault:
            raise
        except Exception as error:  # a configuration file is code: anything may happen in it
            raise CourseFault(f"{course_dir / 'nbgrader_config.py'} 读不了：{error}。改好后再试。") from error
    return config


def open_course(course_dir: Path, config: Config | None = None) -> NbGraderAPI:
    """nbgrader's API on a course directory, quiet: what it has to say comes back in its results."""
    if not course_dir.is_dir():
        raise CourseFault(f"没有课程文件夹 {course_dir}。用 ./haike class new 建一个班，或者检查 --course-dir。")
    # nbgrader runs `alembic` by name when it opens a gradebook.
    bin_dir = str(Path(sys.executable).parent)
    if bin_dir not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = bin_dir + os.pathsep + os.environ.get("PATH", "")
    from nbgrader.apps import NbGraderAPI

    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    config = config or read_config(course_dir)
    api = NbGraderAPI(config=config)
    api.coursedir.db_url = in_the_course(api.coursedir.db_url, Path(api.coursedir.root))
    return api


def in_the_course(db_url: str, root: Path) -> str:
    """A gradebook given without its folder lies in the course's: nbgrader is always run there, we are not."""
    from sqlalchemy.engine import make_url

    url = make_url(db_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return str(url.set(database=str(root / str(url.database)))) if is_file else db_url


def has_gradebook(db_url: str) -> bool:
    """Whether there is one to read: opening a SQLite file that is not there would make it."""
    if not db_url.startswith("sqlite"):
        return True
    from sqlalchemy.engine import make_url

    return Path(make_url(db_url).database or "").is_file()


def ready_exchange(api: NbGraderAPI) -> None:
    """Make the exchange's folder before its first use, open to everyone as nbgrader asks for. Raises CourseFault.

    Only what passes through the exchange needs it: nobody's marks wait for a network drive.
    """
    from nbgrader.exchange.default import ExchangeReleaseAssignment

    if not issubclass(api.exchange.release_assignment, ExchangeReleaseAssignment):
        return  # an exchange of another kind, without a folder
    root = Path(api.exchange.ReleaseAssignment(parent=api).root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if root.stat().st_uid == os.getuid():
            root.chmod(0o777)
        if not os.access(root, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        advice = "看看网络盘或者优盘接好了没有，再运行一次。"
        raise CourseFault(f"交换文件夹 {root} 够不着（{reason(error)}）。{advice}") from error


def last_line(result: dict[str, Any]) -> str:
    """nbgrader's own last word on a step that failed, for the engineer."""
    lines = [line for line in (result.get("error") or result.get("log") or "").strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
