"""Reading never throws: the lesson comes back with what is good in it, and every fault with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import jupytext
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_cases import STARTER

from courses.lesson import SECTIONS, Lesson
from courses.reading import find_lesson, read_lesson
from courses.roots import LESSONS, lesson_folders

HEADER = (STARTER / "lesson.md").read_text(encoding="utf-8").split("\n---\n")[0] + "\n---\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "grade-07" / "j7-99-starter"
    shutil.copytree(STARTER, path)
    return path


def read_body(folder: Path, body: str) -> Lesson:
    (folder / "lesson.md").write_text(HEADER + body, encoding="utf-8")
    return read_lesson(folder)


def test_the_starter_is_read_whole(folder: Path) -> None:
    lesson = read_lesson(folder)
    assert lesson.findings == ()
    assert [section.name for section in lesson.sections] == list(SECTIONS)
    assert [(one.id, one.form, one.points) for one in lesson.exercises] == [
        ("alarms", "function", 3),
        ("whose-line", "written", 2),
    ]
    assert [test.grade_id for test in lesson.exercises[0].tests] == ["alarms-shown", "alarms-judge"]
    assert [mistake.id for mistake in lesson.mistakes] == ["counts-equal", "counts-calm", "strongest-only"]
    assert [also.of for also in lesson.also_right] == ["alarms"]
    assert lesson.points == 5 and lesson.slug == "starter"


def test_the_line_of_each_cell_is_the_line_of_its_text(folder: Path) -> None:
    for name, cells in (("lesson.md", read_lesson(folder).cells),):
        rows = (folder / name).read_text(encoding="utf-8").split("\n")
        for cell in cells:
            assert rows[cell.line - 1] == cell.source.split("\n")[0]


@pytest.mark.parametrize("folder_there", [STARTER, *lesson_folders([LESSONS])], ids=lambda path: path.name)
@pytest.mark.parametrize("name", ["lesson.md"])
def test_cells_are_those_jupytext_reads(folder_there: Path, name: str) -> None:
    cells = [(cell.kind, cell.source) for cell in read_lesson(folder_there).cells]
    notebook = jupytext.read(folder_there / name, fmt="md:myst")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert [source for kind, source in cells if kind == "code"] == code
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").split()
    assert "\n".join(source for kind, source in cells if kind == "text").split() == text


def test_one_bad_cell_does_not_hide_the_others(folder: Path) -> None:
    body = (
        "## 引入\n\n```{code-cell}\n:tags: [\nx = 1\n```\n\n```{code-cell}\n:tags: [hidden]\ny = 2\n```\n\n"
        "## 体验\n\n```{code-cell}\nz = 3\n"
    )
    lesson = read_body(folder, body)
    first = HEADER.count("\n")
    places = [(one.line - first, one.rule) for one in lesson.findings if one.path.name == "lesson.md"]
    assert places == [(3, "cell-options"), (15, "unclosed-cell"), (10, "cell-options")]
    assert [cell.source for cell in lesson.cells if cell.kind == "code"] == ["y = 2"]
    assert [section.name for section in lesson.sections] == ["引入", "体验"]


FENCED = """## 引入

看一段代码：

~~~python
# XX 数一数
## 也不是标题
```
```{code-cell} ipython3
x = 1
```
~~~

````
```{code-cell} ipython3
x = 2
```
## 不是标题
````

<!--
## 注释

```{code-cell} ipython3
x = 3
```

+++ {"nbgrader": {"grade_id": "a"}}
-->

    ## 缩进的代码

- 列表
  ```
  ## 列表里的代码
  ```

## 体验

~~~~{code-cell} ipython3
y = "~~~"
~~~~
"""


def test_what_stands_in_a_fence_or_a_comment_is_no_cell_heading_or_solution(folder: Path) -> None:
    lesson = read_body(folder, FENCED)
    assert [cell.kind for cell in lesson.cells] == ["text", "text", "code"]
    assert [section.name for section in lesson.sections] == ["引入", "体验"]
    assert lesson.cells[0].source == FENCED.partition("\n\n## 体验")[0] and lesson.cells[2].source == 'y = "~~~"'
    assert [one.rule for one in lesson.findings if one.path == lesson.path] == []


@pytest.mark.parametrize("region", ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"])
@pytest.mark.parametrize("fence", ["~~~", "```{code-cell} ipython3"])
def test_a_mark_in_a_cell_of_another_kind_is_told_with_its_line(folder: Path, fence: str, region: str) -> None:
    lesson = read_body(folder, f"## 引入\n\n{fence}\n### BEGIN {region}\n### END {region}\n{fence[:3]}\n")
    (found,) = [one for one in lesson.findings if one.path == lesson.path]
    assert (found.line - HEADER.count("\n"), found.rule) == (4, "exercise") and region in found.seen
    assert lesson.obstacles


@pytest.mark.parametrize("heading", ["## 体验：再玩", "  ## 体验：再玩", "## 体验：再玩 ##", "体验：再玩\n----"])
def test_a_section_begins_at_any_heading_markdown_knows(folder: Path, heading: str) -> None:
    lesson = read_body(folder, f"## 引入\n\n文字\n\n{heading}\n\n文字\n")
    assert [(section.name, section.title) for section in lesson.sections] == [("引入", "引入"), ("体验", "体验：再玩")]


def test_every_fault_of_the_front_matter_is_told_in_one_run(folder: Path) -> None:
    text = (folder / "lesson.md").read_text(encoding="utf-8")
    text = text.replace("  grade: 7\n", "  grade: 77\n").replace("  strand: 推理\n", "").replace("  terms:", "  term:")
    (folder / "lesson.md").write_text(text, encoding="utf-8")
    lesson = read_lesson(folder)
    assert lesson.front is None
    assert {one.seen.split("：")[0] for one in lesson.findings} == {"grade", "strand", "term"}
    assert lesson.cells and lesson.id == "j7-99"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "front-matter"),
        (b"\xff\xfe", "not-utf8"),
        (b"---\nhaike: [\n---\n", "front-matter"),
        (b"---\n- 1\n---\n", "front-matter"),
        ("---\nhaike: 三\n---\n".encode(), "front-matter"),
        (HEADER.replace("j7-99", "j7-98").encode(), "front-matter"),
        (HEADER.replace("\n", "\r\n").encode("utf-8-sig"), None),
    ],
)
def test_broken_files_are_findings(folder: Path, content: bytes, rule: str | None) -> None:
    (folder / "lesson.md").write_bytes(content)
    rules = {one.rule for one in read_lesson(folder).findings if one.path.name == "lesson.md"}
    assert rules == ({rule} if rule else set())


PIECES = st.sampled_from(
    ["```{code-cell}", "```", "---", "+++", '+++ {"nbgrader": {"grade_id": "a"}}', "+++ {", ":tags: [public]",
     ":nbgrader: {", "### BEGIN SOLUTION", "### END SOLUTION", "## 引入", "# 一", "x = 1", "", "文字", "| a |",
     "mistake: {of: a}", "- 列", ":nbgrader: {grade_id: a-judge, points: x}", "    缩进", "<b>", "> 引"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(PIECES, max_size=14), header=st.booleans())
def test_reading_never_throws(folder: Path, rows: list[str], header: bool) -> None:
    text = (HEADER if header else "") + "\n".join(rows)
    (folder / "lesson.md").write_text(text, encoding="utf-8")
    (folder / "mistakes.md").write_text("\n".join(rows), encoding="utf-8")
    lesson = read_lesson(folder)
    count = text.count("\n") + 2
    assert all(1 <= one.line <= count for one in lesson.findings if one.path.name == "lesson.md")


def test_a_later_root_lies_over_an_earlier_one_and_doubles_in_one_root_stay(tmp_path: Path) -> None:
    ours, school = tmp_path / "ours", tmp_path / "school"
    for root, name in ((ours, "j7-99-ours"), (ours, "j7-98-only"), (school, "j7-99-school"), (school, "j7-99-again")):
        shutil.copytree(STARTER, root / "grade-07" / name)
    names = sorted(folder.name for folder in lesson_folders([ours, school]))
    assert names == ["j7-98-only", "j7-99-again", "j7-99-school"]
    found = find_lesson("j7-98", [ours, school])
    assert found and found.folder.name == "j7-98-only"
    assert find_lesson("j7-97", [ours, school]) is None
