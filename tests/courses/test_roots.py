"""Lessons come from a list of roots: a school's own folder lies over ours."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from build_paths import build_dir, data_dir, write_atomically
from courses.checks import check_fast
from courses.reading import find_lesson, read_all, read_lesson
from courses.roots import lesson_folders, lesson_roots

STARTER = Path(__file__).resolve().parents[2] / "courses" / "starter"
CANARY = Path(__file__).resolve().parents[1] / "canary" / "grade-07" / "j7-99-canary"


def test_a_schools_lesson_lies_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = find_lesson("j7-03")
    assert ours is not None
    own = tmp_path / "grade-07" / ours.folder.name
    shutil.copytree(ours.folder, own)
    text = (own / "lesson.md").read_text(encoding="utf-8")
    (own / "lesson.md").write_text(text.replace(ours.title, "我们学校的版本", 1), encoding="utf-8")
    monkeypatch.setenv("HAIKE_ROOTS", str(tmp_path))
    found = find_lesson("j7-03")
    assert found is not None and found.title == "我们学校的版本"
    assert len([lesson for lesson in read_all() if lesson.id == "j7-03"]) == 1


def test_several_roots_are_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_ROOTS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    assert lesson_roots()[1:] == [tmp_path / "a", tmp_path / "b"]


def test_two_folders_of_one_id_in_one_root_are_both_seen(tmp_path: Path) -> None:
    for name in ("j7-99-canary", "j7-99-again"):
        shutil.copytree(CANARY, tmp_path / "grade-07" / name)
    assert len(lesson_folders([tmp_path])) == 2


def first_edition(folder: Path) -> Path:
    """The starter as it would have been written before the lesson guide's second edition."""
    shutil.copytree(STARTER, folder)
    (folder / "key.md").unlink()
    lesson, plan = folder / "lesson.md", folder / "teacher.md"
    kept = [row for row in lesson.read_text(encoding="utf-8").split("\n") if not row.strip().startswith(NEW_KEYS)]
    lesson.write_text("\n".join(kept), encoding="utf-8")
    text = re.sub(r"^来不及，先砍.*\n", "", plan.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = (
        text.replace("机动：", "练习：")
        .replace("| 方式 |", "| 方式 | 25 分钟 |")
        .replace("|---|---|---|", "|---|---|---|---|")
    )
    plan.write_text(re.sub(r"^(\| \d.*) \|$", r"\1 | 有 |", text, flags=re.MULTILINE), encoding="utf-8")
    return folder


NEW_KEYS = ("terms:", "think:", "today:", "needs:")


def test_a_schools_lesson_of_the_first_edition_opens_and_is_only_reminded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAIKE_ROOTS", str(tmp_path))
    lesson = read_lesson(first_edition(tmp_path / "grade-07" / "j7-99-own"))
    assert lesson.obstacles == []
    found = check_fast(lesson)
    assert {"lesson-keys", "key-complete", "plan-slack"} <= {one.rule for one in found}
    assert [one for one in found if one.level == "error"] == []


def test_products_and_data_go_where_they_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "b"))
    monkeypatch.setenv("HAIKE_DATA", str(tmp_path / "d"))
    assert (build_dir(), data_dir()) == (tmp_path / "b", tmp_path / "d")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "marks.csv"
    write_atomically(path, "旧的")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "新的")
    assert path.read_text(encoding="utf-8") == "旧的"
    assert [file.name for file in tmp_path.iterdir()] == ["marks.csv"]
