"""A hand-in on disk: what a teacher must know before it can be graded, and its way into and out of the box.

Whatever a pupil put into the folder is looked at, never followed: links, pipes and devices stay where they are.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize
from nbgrader.utils import compute_checksum

from grading.result import Flag

MIB = 1 << 20
BIG_NOTEBOOK = 20 * MIB
LARGEST_NOTEBOOK = 100 * MIB
MOST_FILES = 2000
LARGEST_FILE = 100 * MIB


class BadNotebook(Exception):
    """A notebook that cannot be graded: the reason's id and the teacher's sentence."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.flag = Flag(reason, words)


@dataclass
class Found:
    """What lies in a hand-in's folder: notebooks by name, other regular files, and what there is to say about it."""

    notebooks: dict[str, Path] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)  # relative to the folder
    flags: list[Flag] = field(default_factory=list)


def look_through(folder: Path, expected: Iterable[str], ignored: Any) -> Found:
    """List a hand-in without following anything. `expected` are the names of the assignment's notebooks."""
    found, expected = Found(), set(expected)
    strange: list[str] = []
    others: list[str] = []
    for path in regular_files(folder, strange):
        inside = path.relative_to(folder)
        if path.suffix == ".ipynb":
            if inside.parent == Path():
                (found.notebooks.__setitem__(path.stem, path) if path.stem in expected else others.append(path.name))
            continue
        if ignored(str(path)):
            continue
        if path.stat().st_size > LARGEST_FILE or len(found.files) >= MOST_FILES:
            strange.append(path.name)
            continue
        found.files.append(inside)
    if strange:
        names = "、".join(printable(name) for name in sorted(strange)[:3])
        found.flags.append(Flag("links", f"{names} 不是普通文件或者太大太多，没有带进评分"))
    missing = sorted(expected - found.notebooks.keys())
    renamed = [name for name in others if any(name.startswith(one) for one in missing)]
    if missing:
        names = "、".join(f"{name}.ipynb" for name in missing)
        if renamed:
            shown = "、".join(map(printable, sorted(renamed)[:3]))
            found.flags.append(Flag("renamed-notebook", f"没有 {names}，只有 {shown}。请孩子改回原来的名字再交"))
        else:
            found.flags.append(Flag("missing-notebook", f"没有 {names}。请孩子打开课文重新交一次"))
    elif others:
        shown = "、".join(map(printable, sorted(others)[:3]))
        found.flags.append(Flag("extra-notebook", f"多了 {shown}，没有评"))
    return found


def regular_files(folder: Path, strange: list[str]) -> Iterator[Path]:
    """All regular files below; what is none is named in `strange`. Folders are not followed out of this one."""
    if folder.is_symlink():
        strange.append(folder.name)
        return
    for base, folders, names in os.walk(folder):
        folders.sort()
        strange += [name for name in folders if (Path(base) / name).is_symlink()]
        for name in sorted(names):
            path = Path(base) / name
            try:
                mode = path.lstat().st_mode
                if not stat.S_ISREG(mode) or not os.access(path, os.R_OK):
                    raise OSError
            except OSError:
                strange.append(name)
                continue
            yield path


def read_notebook(path: Path) -> tuple[NotebookNode, list[Flag]]:
    """A handed-in notebook in nbformat 4, as nbgrader's exporter reads it. Raises BadNotebook."""
    size = path.stat().st_size
    if size > LARGEST_NOTEBOOK:
        raise BadNotebook("big-notebook", f"{printable(path.name)} 有 {size // MIB} MB，太大了。请孩子清掉输出再交")
    flags = [Flag("big-notebook", f"有 {size // MIB} MB")] if size > BIG_NOTEBOOK else []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadNotebook("broken-notebook", "交上来的文件不是文字。请孩子重新交一次") from None
    if not text.strip():
        raise BadNotebook("broken-notebook", "交上来的文件是空的。请孩子打开课文重新交一次")
    try:
        raw = nbformat.reader.parse_json(text)
    except (ValueError, RecursionError) as error:
        line = getattr(getattr(error, "__cause__", None), "lineno", 0)
        where = f"（第 {line} 行）" if line else ""
        raise BadNotebook("broken-notebook", f"交上来的文件坏了{where}。请孩子重新交一次") from None
    try:
        if raw["nbformat"] > 4 or not isinstance(raw["nbformat"], int):
            raise BadNotebook("old-format", "笔记本的格式比这里认识的新。请升级海课，或请孩子用课堂里的版本打开再交")
        major, minor = nbformat.reader.get_version(raw)
        notebook = nbformat.convert(nbformat.versions[major].to_notebook_json(raw, minor=minor), to_version=4)
        for cell in notebook.cells:
            cell.metadata.get("nbgrader", {}).get("grade_id")
        ids = [cell.get("id") for cell in notebook.cells]
        if None in ids or len(set(ids)) < len(ids):  # all that there is to normalize
            notebook = normalize(notebook)[1]
    except BadNotebook:
        raise
    except Exception:  # nbformat names its faults in many ways; the teacher's next step is the same
        raise BadNotebook("broken-notebook", "交上来的文件不是完整的笔记本。请孩子重新交一次") from None
    return notebook, flags


def settle(notebook: NotebookNode, source: Any) -> list[Flag]:
    """What a pupil did to the cells that count, told to the teacher; what would only confuse nbgrader is settled here.

    `source` is the gradebook's notebook (grading.gradebook.SourceNotebook).
    """
    known = {cell.name: cell for cell in source.source_cells}
    tests, answers, tasks = (
        {cell.name for cell in cells} for cells in (source.grade_cells, source.solution_cells, source.task_cells)
    )
    counted = {*tests, *answers, *tasks}
    kinds = {name: {"grade": name in tests, "solution": name in answers, "task": name in tasks} for name in known}
    seen: dict[str, int] = {}
    changed: dict[str, None] = {}
    for cell in reversed(notebook.cells):
        marks = cell.metadata.get("nbgrader")
        name = str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""
        if cell.cell_type not in ("code", "markdown", "raw"):
            changed[name or "一格"] = None
            as_type(cell, known[name].cell_type if name in known else "raw")
        if name not in known:
            continue
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:  # nbgrader keeps the last one, and stumbles over what it leaves of the others
            del cell.metadata["nbgrader"]
        elif is_changed(cell, known[name]) | restore_kind(cell.metadata.nbgrader, kinds[name]):
            changed[name] = None
    found = (
        ("missing-cell", "少了评分的格子", [name for name in known if name in counted and name not in seen]),
        ("duplicate-cell", "有两份的格子，算最后一份：", [name for name, count in seen.items() if count > 1]),
        ("changed-cell", "改动了不该改的格子，按老师的版本评：", list(changed)),
    )
    return [Flag(reason, f"{words} {'、'.join(names[:3])}") for reason, words, names in found if names]


def restore_kind(marks: dict[str, Any], kind: dict[str, bool]) -> bool:
    """Whether a cell had become a test, an answer or a task that it is not, or the other way round; it is again."""
    other = {key: value for key, value in kind.items() if bool(marks.get(key)) != value}
    marks.update(other)
    return bool(other)


def is_changed(cell: NotebookNode, own: Any) -> bool:
    """Whether a cell that a pupil should leave alone is not as it was handed out.

    The release carries a checksum of that: text, kind and points. What a teacher has changed since is no pupil's doing.
    """
    marks = cell.metadata.nbgrader
    with suppress(Exception):  # marks that make no sense are a change as well
        if own.locked and marks.get("checksum"):
            return bool(marks["checksum"] != compute_checksum(cell))
        float(marks.get("points", 0))
        return bool(cell.cell_type != own.cell_type)
    return True


def as_type(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def copy_files(source: Path, names: Iterable[Path], target: Path) -> None:
    """Copy regular files into a folder, newer names over older ones, whatever stands in their place."""
    for name in names:
        to = target / name
        clear(target, name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, to, follow_symlinks=False)


def clear(target: Path, name: Path) -> None:
    """Take away what keeps a file of this name from its place: a file, a folder, a file where its folder should be."""
    for place in (*name.parents[:-1], name):
        path = target / place
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif place == name and path.is_dir():
            shutil.rmtree(path)


def bring_out(stage: Path, target: Path, *, but: set[str]) -> None:
    """Copy what a run left in its folder: regular files of a sane size, nothing else, no special permissions.

    Call it when no process of the run is alive any more.
    """
    for base, folders, _ in os.walk(stage):  # a run may have closed its own folders
        for folder in folders:
            path = Path(base) / folder
            with suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o755)
    names = [path.relative_to(stage) for path in regular_files(stage, [])]
    wanted = [name for name in names if str(name) not in but and name.parts[0] != ".tmp"]
    small = [name for name in wanted if (stage / name).stat().st_size <= LARGEST_FILE]
    copy_files(stage, small[:MOST_FILES], target)


def printable(name: str) -> str:
    """A file name as one line of a table."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    return clean if len(clean) <= 40 else clean[:39] + "…"
