"""`haike new`: a copy of the starter with the id, title, grade, hours and knowledge points that the plan gives it."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from courses.curriculum import CURRICULUM, CurriculumEntry, grade_folder, read_curriculum
from courses.roots import LESSONS, folder_id, lesson_roots
from fault import reason

STARTER = Path(__file__).parent / "starter"


class NotMade(SystemExit):
    """Why there is no new lesson, in one Chinese line; at the command line it ends the program with exit code 1."""


def new(lesson_id: str, root: Path = LESSONS, curriculum: Path = CURRICULUM) -> Path:
    """Make the folder of a planned lesson under `root`; the folder. Raises NotMade, and then nothing has changed."""
    existing = [path for one in {root, *lesson_roots()} for path in one.glob(f"*/{lesson_id}-*")]
    for path in existing:
        if folder_id(path) == lesson_id:
            raise NotMade(f"{lesson_id} 已经有了：{path}。打开它接着写，或者换一个课号。")
    entry = next((one for one in read_curriculum(curriculum).plan if one.id == lesson_id), None)
    if entry is None:
        raise NotMade(f"计划里没有 {lesson_id}。先在 {curriculum.name} 的 plan 里加上它的一行，再运行一次。")
    folder = root / grade_folder(entry.grade) / f"{entry.id}-{entry.slug}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _copy(entry, folder)
    except OSError as error:
        raise NotMade(f"写不进 {folder.parent}：{reason(error)}。检查这个文件夹的权限和磁盘空间。") from error
    if root == LESSONS or curriculum != CURRICULUM:
        _strike_from_plan(curriculum, entry)
    return folder


def _copy(entry: CurriculumEntry, folder: Path) -> None:
    """Copy beside the goal and rename, so that an interrupted copy leaves no half lesson."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as draft:
        made = Path(draft) / folder.name
        shutil.copytree(STARTER, made)
        lesson = made / "lesson.md"
        lesson.write_text(fill_in(lesson.read_text(encoding="utf-8"), entry), encoding="utf-8", newline="\n")
        made.rename(folder)


def fill_in(text: str, entry: CurriculumEntry) -> str:
    """The starter's lesson.md with what the plan says about the lesson."""
    hours = int(entry.hours) if entry.hours == int(entry.hours) else entry.hours
    facts = {
        "id": entry.id,
        "title": entry.title,
        "grade": entry.grade,
        "hours": hours,
        "knowledge": f"[{', '.join(entry.knowledge)}]",
    }
    for key, value in facts.items():
        text = re.sub(rf"^  {key}: .*$", f"  {key}: {value}", text, count=1, flags=re.MULTILINE)
    if entry.grade == "teacher":
        text = text.replace("\njupytext:\n", "\n  tier: 全员\njupytext:\n", 1)
    return text


def _strike_from_plan(curriculum: Path, entry: CurriculumEntry) -> None:
    """The plan holds only what is not yet written: from now on the lesson's front matter says it."""
    rows = curriculum.read_text(encoding="utf-8").split("\n")
    kept = [row for row in rows if not re.match(rf"\s*- \{{id: {re.escape(entry.id)},", row)]
    curriculum.write_text("\n".join(kept), encoding="utf-8", newline="\n")
