"""Lessons → build/site: derive the sources, run Jupyter Book over them, and only then swap the new site in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from book.page_fault import BookError, PageFault
from book.typesetting import Say, typesetting
from book.unchanged import Made, site_key
from build_paths import build_dir
from courses import kept
from courses.lesson import Lesson
from courses.reading import read_all
from courses.roots import lesson_folders
from fault import reason

if TYPE_CHECKING:
    from book.derive import PageOf, Progress

#: Files of Sphinx and of its default theme that no page of ours asks for.
NOT_PUBLISHED = (
    ".buildinfo", ".buildinfo.bak", ".lock", "objects.inv", "documentation_options.js", "doctools.js",
    "language_data.js", "searchtools.js", "sphinx_highlight.js", "translations.js", "mystnb*.css", "pygments.css",
)  # fmt: skip
SECRET_MARKS = (b"### BEGIN SOLUTION", b"### BEGIN HIDDEN TESTS", b"### BEGIN MARK SCHEME")


#: Told of each lesson that the site has to do without, and in one line where and why.
LeftOut = Callable[[Lesson, str], None]
Typeset = Callable[[Say], None]


def site_dir() -> Path:
    return build_dir() / "site"


def build_site(
    lessons: Sequence[Lesson] | None = None,
    progress: Progress | None = None,
    *,
    page: PageOf | None = None,
    left_out: LeftOut = lambda lesson, line: None,
) -> Path:
    """Build the whole book; return the folder of the site. Raises BookError: the last good site then still stands.

    progress(done, total, what): total is 100, `what` is Chinese. A lesson that cannot be set does not keep the others
    from the site: `left_out` is given it, and one line that says where and why.
    """
    say = progress or (lambda done, total, what: None)
    source, work, site = build_dir() / "book", build_dir() / "book-work", site_dir()
    try:
        work.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(work / "lock"):
            put_back(site)
            folders = map(Path.resolve, lesson_folders()) if lessons is None else [one.folder for one in lessons]
            made, key = Made(work / "site.json"), site_key(folders)
            if page is None and made.still("site", key):
                return site
            with typesetting(source, work) as typeset:
                found = read_all() if lessons is None else lessons
                done = set_pages(sound(found, left_out), source, typeset, page, say, left_out)
            say(96, 100, "换上新网页")
            publish(work / "html", site)
            if page is None and len(done) == len(found):  # what was left out is said again next time
                made.add("site", key, (path for path in site.rglob("*") if path.is_file()))
                kept.save()
            made.save()
    except OSError as error:
        place = error.filename or build_dir()
        advice = "检查磁盘空间和文件夹权限，再试一次；原来的网页还在。"
        raise BookError(f"写不了 {place}：{reason(error)}。{advice}") from error
    say(100, 100, "完成")
    return site


def sound(lessons: Sequence[Lesson], left_out: LeftOut) -> list[Lesson]:
    """The lessons that can be read. Without a single one the old site is better than none."""
    first = [(lesson, lesson.obstacles[0]) for lesson in lessons if lesson.obstacles]
    rows = [(lesson, f"{one.path}:{one.line}  {one.seen}") for lesson, one in first]
    readable = [lesson for lesson in lessons if not lesson.obstacles]
    if rows and not readable:
        advice = "先用 ./haike check 看怎么改，再试一次；原来的网页还在。"
        raise BookError("\n".join([*(line for _, line in rows), f"有 {len(rows)} 课读不了，网页没有重做。{advice}"]))
    for lesson, line in rows:
        left_out(lesson, line)
    return readable


def set_pages(
    lessons: list[Lesson], source: Path, typeset: Typeset, page: PageOf | None, say: Progress, left_out: LeftOut
) -> list[Lesson]:
    """Derive and set all pages; which lessons have theirs. One at which that stops is left out, and all begins anew."""
    from book.derive import derive  # brings nbgrader along: not where nothing has changed

    def deriving(done: int, total: int, what: str) -> None:
        say(round(50 * done / max(total, 1)), 100, f"试做 {what}")

    def setting(percent: int, what: str) -> None:
        say(50 + round(percent * 0.45), 100, what)

    while True:
        try:
            derive(lessons, source, page=page, progress=deriving)
            refuse_secrets(source)
            setting(0, "排版")
            typeset(setting)
            return lessons
        except PageFault as fault:
            culprit = next((lesson for lesson in lessons if lesson.id == fault.lesson), None)
            if culprit is None or len(lessons) == 1:
                raise BookError(str(fault)) from fault
            lessons = [lesson for lesson in lessons if lesson is not culprit]
            left_out(culprit, f"{culprit.path}:1  这一课的网页排不出来（{str(fault).splitlines()[-1].strip()}）")


def publish(html: Path, site: Path) -> None:
    """Copy the finished pages beside the site, look at them once more, and swap the two folders."""
    new, old = site.with_name("site.new"), site.with_name("site.old")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(html, new, ignore=shutil.ignore_patterns(*NOT_PUBLISHED))
    refuse_secrets(new)
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def refuse_secrets(folder: Path) -> None:
    """A last gate, before Sphinx and after it: nothing with an author's region mark is ever published."""
    for path in folder.rglob("*"):
        if path.is_file() and any(mark in path.read_bytes() for mark in SECRET_MARKS):
            name = path.relative_to(folder)
            raise BookError(f"{name} 里有答案或隐藏测试的标记，没有发布。运行 ./haike check 看是哪一课。")


def put_back(site: Path) -> None:
    """If a run was cut off between the two renames, the last good site is beside its place."""
    old = site.with_name("site.old")
    if old.is_dir() and not site.exists():
        old.rename(site)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Two builds at once would mix their pages: the second waits for the first."""
    with lock.open("w") as file:
        try:
            import fcntl
        except ImportError:  # Windows: nobody runs two builds there at once
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
