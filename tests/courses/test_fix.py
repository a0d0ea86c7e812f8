"""`check --fix`: spaces and layout, nothing else; a fixed file is what JupyterLab saves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from rule_cases import STARTER

from courses.checks import check_fast
from courses.checks.fix import fix, fixed, set_spaces
from courses.reading import read_lesson
from courses.roots import LESSONS, lesson_folders
from kits import startup


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("一共5张图，用AI看", "一共 5 张图，用 AI 看"),
        ("正确率98%了", "正确率 98% 了"),
        ("共**3**张", "共 **3** 张"),
        ("**重要**AI", "**重要** AI"),
        ("`x`是`第3页`", "`x`是`第3页`"),
        ("见[第3页](a第3页.md)", "见[第 3 页](a第3页.md)"),
        ("写作 $第3页$ 的", "写作 $第3页$ 的"),
        ("| 3分钟 | 看 |", "| 3 分钟 | 看 |"),
        ('+++ {"nbgrader": {"grade_id": "题3"}}', '+++ {"nbgrader": {"grade_id": "题3"}}'),
    ],
)
def test_spaces_go_between_chinese_and_latin_in_prose_only(before: str, after: str) -> None:
    assert set_spaces(before) == after
    assert set_spaces(after) == after


def test_code_stays_and_its_hints_are_spaced() -> None:
    text = '```{code-cell}\n---\nmistake:\n  id: a3\n  hint: 你数了3次\n---\nx = "第3页"\nhint: str = "第3页"\n```\n'
    assert set_spaces(text) == text.replace("数了3次", "数了 3 次")


def test_a_fixed_lesson_is_what_jupytext_writes_and_stays_so() -> None:
    good = (STARTER / "lesson.md").read_text(encoding="utf-8")
    rough = good.replace("\n:alt: 六根", "\n:alt:   六根").replace("改成 4、改成 7", "改成4、改成7")
    assert rough != good
    once = fixed(rough, notebook=True)
    assert once == good
    assert fixed(once, notebook=True) == once


@pytest.mark.parametrize("folder", [STARTER, *lesson_folders([LESSONS])], ids=lambda path: path.name)
@pytest.mark.parametrize("name", ["lesson.md", "mistakes.md"])
def test_saving_in_jupyterlab_is_no_diff(folder: Path, name: str, tmp_path: Path) -> None:
    text = fixed((folder / name).read_text(encoding="utf-8"), notebook=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    save_as_jupyterlab(tmp_path, name)
    assert (tmp_path / name).read_text(encoding="utf-8") == text


def save_as_jupyterlab(root: Path, name: str) -> None:
    """Open and save through Jupyter's own contents manager, with what the browser adds once our kernel has started."""
    manager = build_sync_jupytext_contents_manager_class(FileContentsManager)(root_dir=str(root))
    notebook = manager.get(name, type="notebook", content=True)["content"]
    kernel = startup.jupyter_path(root / "jupyter") / "kernels" / "python3" / "kernel.json"
    spec = json.loads(kernel.read_text(encoding="utf-8"))
    names = {"name": "python3", "display_name": spec["display_name"], "language": spec["language"]}
    notebook.metadata["kernelspec"] = names
    notebook.metadata["language_info"] = IPythonKernel().language_info
    manager.save({"type": "notebook", "format": "json", "content": notebook}, name)


def test_fix_changes_no_lesson_but_its_form(tmp_path: Path) -> None:
    folder = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, folder)
    assert fix(read_lesson(folder)) == []
    path = folder / "teacher.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n等3分钟。\n", encoding="utf-8")
    assert fix(read_lesson(folder)) == [path]
    assert not [one for one in check_fast(read_lesson(folder)) if one.rule in ("spacing", "layout")]


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, folder)
    (folder / "sheet.md").write_bytes("国标码5张".encode("gbk"))
    (folder / "mistakes.md").write_text("```{code-cell}\n:tags: [\nx\n```\n", encoding="utf-8")
    before = (folder / "mistakes.md").read_bytes()
    assert fix(read_lesson(folder)) == []
    assert (folder / "mistakes.md").read_bytes() == before
