"""lesson.md and mistakes.md → Lesson. Reading never throws: each fault becomes a Finding with its line.

The format is jupytext's `md:myst`. jupytext reads a file whole and gives up at its first bad cell, so the same
tokens are read here cell by cell: an author sees all faults of a file in one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from courses import kept, markdown
from courses.finding import Finding
from courses.lesson import SECTIONS, Cell, Exercise, FrontMatter, Lesson, Section
from courses.mistakes_file import KINDS, gather_answers
from courses.roots import folder_id, lesson_folders
from fault import reason

LESSON_OPTIONS = {"tags", "nbgrader", "runs", "alt"}
TAGS = {"hide-input", "public"}
OWN_TESTS = re.compile(r"^(?P<of>.+)-(shown|judge)\d*$")
#: What nbgrader takes as the name of a cell.
GRADE_ID = re.compile(r"[\w-]+", re.ASCII)
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")

#: What pydantic says of a fault, in the author's language.
PYDANTIC = {
    "missing": ("缺少这一项", "补上它，写法见 CONTRIBUTING.md 的“前言”一节"),
    "extra_forbidden": ("没有这个键", "删掉它，或者检查是不是拼错了"),
    "string_too_long": ("太长了", "缩短到允许的字数"),
    "string_pattern_mismatch": ("写法不对", "课号形如 j7-03，与文件夹名开头一致"),
    "literal_error": ("不在允许的取值里", "从允许的取值里选一个"),
    "too_short": ("不能是空的", "至少写一项"),
    "string_too_short": ("太短了", "写一句完整的话"),
}


@dataclass
class MystFile:
    """A MyST notebook read cell by cell: its front matter, its cells, and what was wrong with it."""

    path: Path
    front: dict[str, Any] = field(default_factory=dict)
    front_lines: dict[str, int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def fault(self, line: int, rule: str, seen: str, advice: str) -> None:
        self.findings.append(Finding(self.path, line, rule, seen, advice))


def read_all(roots: Iterable[Path] | None = None) -> list[Lesson]:
    """Every lesson of the roots, in no particular teaching order (see Curriculum for that)."""
    return [read_lesson(folder) for folder in lesson_folders(roots)]


def find_lesson(lesson_id: str, roots: Iterable[Path] | None = None) -> Lesson | None:
    """The lesson of this id (or of this folder name), or None."""
    for folder in lesson_folders(roots):
        if lesson_id in (folder_id(folder), folder.name):
            return read_lesson(folder)
    return None


def read_lesson(folder: Path) -> Lesson:
    """The lesson of a folder, read anew when a file has changed; whatever is wrong stands in `Lesson.findings`."""
    return kept.lesson_of(folder.resolve(), _read_files)


def _read_files(folder: Path) -> Lesson:
    lesson_file = read_myst(folder / "lesson.md", LESSON_OPTIONS)
    mistakes_file = read_myst(folder / "mistakes.md", KINDS)
    texts = {}
    for name in ("teacher.md", "sheet.md"):
        text, findings = read_text(folder / name)
        texts[name] = text
        lesson_file.findings += findings
    key, findings = read_text(folder / "key.md") if (folder / "key.md").exists() else ("", [])
    lesson_file.findings += findings
    front = read_front_matter(lesson_file)
    if front and front.id != folder_id(folder):
        line = lesson_file.front_lines.get("id", 1)
        lesson_file.fault(line, "front-matter", f"课号 {front.id} 与文件夹 {folder.name} 对不上", "让两处一样")
    lesson = Lesson(
        id=front.id if front else folder_id(folder),
        folder=folder,
        front=front,
        cells=tuple(lesson_file.cells),
        exercises=tuple(gather_exercises(lesson_file)),
        sections=tuple(gather_sections(lesson_file.cells)),
        texts=texts,
        key=key,
    )
    lesson = replace(lesson, **gather_answers(mistakes_file.cells, lesson, mistakes_file.fault))
    return replace(lesson, findings=tuple(lesson_file.findings + mistakes_file.findings))


def read_text(path: Path) -> tuple[str, list[Finding]]:
    """The UTF-8 text of a file, line ends made equal; a missing or unreadable file is a finding."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"), []
    except FileNotFoundError:
        return "", [Finding(path, 1, "missing-file", f"缺少 {path.name}", "每一课都有四个文件，见 CONTRIBUTING.md")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return "", [Finding(path, line, "not-utf8", "这里不是 UTF-8 文字", "用编辑器另存为 UTF-8 编码")]
    except OSError as error:
        return "", [Finding(path, 1, "missing-file", f"读不了 {path.name}：{reason(error)}", "检查文件权限")]


def read_myst(path: Path, allowed_options: Set[str]) -> MystFile:
    """A MyST notebook, cell by cell. A cell that cannot be read is left out and reported with its line."""
    # jupytext takes a second to import: only where a lesson is read anew.
    from jupytext.myst import CODE_DIRECTIVE, MystMetadataParsingError, get_parser, read_cell_metadata

    result = MystFile(path)
    text, result.findings = read_text(path)
    lines = text.split("\n")
    tokens = get_parser().parse(text + "\n")
    start = 0
    if tokens and tokens[0].type == "front_matter":
        token = tokens.pop(0)
        start = token.map[1]
        read_front_yaml(result, token.content)
    nesting, options = 0, dict[str, Any]()
    for token in tokens:
        nesting += token.nesting
        if nesting or token.type not in ("fence", "myst_block_break"):
            continue
        if token.type == "fence" and not token.info.startswith(CODE_DIRECTIVE):
            continue
        add_text_cell(result, lines, start, token.map[0], options)
        options = {}
        start = token.map[1]
        if token.type == "fence":
            add_code_cell(result, token, lines)
        else:
            try:
                options = read_cell_metadata(token, 0)
            except MystMetadataParsingError:
                seen = "“+++”后面的设置不是正确的 JSON"
                result.fault(token.map[0] + 1, "cell-options", seen, '写成 +++ {"nbgrader": {…}}')
    add_text_cell(result, lines, start, len(lines), options)
    check_options(result, allowed_options)
    return result


def yaml_line(error: yaml.YAMLError, text: str) -> int:
    """The line, from 1, at which YAML gave up: its errors say it in two ways."""
    if isinstance(error, yaml.reader.ReaderError):
        return text[: error.position].count("\n") + 1
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def read_front_yaml(result: MystFile, content: str) -> None:
    for number, text in enumerate(content.split("\n"), 2):
        key = re.match(r"\s*([\w\u4e00-\u9fff-]+):", text)
        if key:
            result.front_lines.setdefault(key[1], number)
    try:
        front = yaml.safe_load(content)
    except yaml.YAMLError as error:
        line = yaml_line(error, content) + 1
        result.fault(line, "front-matter", "前言不是正确的 YAML", "检查这一行的冒号、引号和缩进；文字请用双引号")
        return
    if isinstance(front, dict):
        result.front = front
    else:
        result.fault(1, "front-matter", "前言是空的", "写上 haike: 那一段，见 CONTRIBUTING.md")


def add_text_cell(result: MystFile, lines: list[str], start: int, end: int, options: dict[str, Any]) -> None:
    from jupytext.myst import strip_blank_lines

    source = strip_blank_lines("\n".join(lines[start:end]))
    if not source:
        return
    first = next(number for number in range(start, end) if lines[number].strip())
    # Several sections in one run of text become one cell each, so that a section is a list of cells.
    starts = [one.line for one in markdown.headings(source, first) if one.level <= 2 and not options]
    cuts = sorted({first, *starts, end})
    for piece, following in pairwise(cuts):
        result.cells.append(Cell("text", strip_blank_lines("\n".join(lines[piece:following])), piece + 1, options))


def add_code_cell(result: MystFile, token: Any, lines: list[str]) -> None:
    from jupytext.myst import MystMetadataParsingError, parse_directive_options

    line = token.map[0] + 1
    end = token.map[1]
    if end - token.map[0] < 2 or not lines[end - 1].lstrip().startswith(token.markup):
        seen, advice = f"这个代码格没有用 {token.markup} 结束", f"在代码后面补一行 {token.markup}"
        result.fault(line, "unclosed-cell", seen, advice)
        return
    try:
        body, options = parse_directive_options(token.content, "")
    except (MystMetadataParsingError, yaml.YAMLError):
        result.fault(line, "cell-options", "代码格的设置不是正确的 YAML", "检查 :名字: 后面的写法")
        return
    if not isinstance(options, dict):
        result.fault(line, "cell-options", "代码格的设置不是“名字: 值”", "检查 :名字: 后面的写法")
        return
    offset = len(token.content.splitlines()) - len(body)
    if body and not body[0].strip():
        body, offset = body[1:], offset + 1
    result.cells.append(Cell("code", "\n".join(body), line + 1 + offset, options))


def check_options(result: MystFile, allowed: Set[str]) -> None:
    """Options that nobody reads are typing errors: say so."""
    for cell in result.cells:
        for key in cell.options:
            if key not in allowed:
                advice = "可用的设置：" + "、".join(sorted(allowed))
                result.fault(cell.line, "cell-options", f"没有“{key}”这个设置", advice)
        for tag in cell.tags:
            if tag not in TAGS:
                result.fault(
                    cell.line, "cell-options", f"没有“{tag}”这个标签", "可用的标签：" + "、".join(sorted(TAGS))
                )
        runs = cell.options.get("runs", 1)
        if type(runs) is not int or not 1 <= runs <= 20:
            result.fault(cell.line, "cell-options", f"runs 写了 {runs}", "写成 1 到 20 的整数：这一格要运行几次")
        if "nbgrader" in cell.options and (not isinstance(cell.options["nbgrader"], dict) or not cell.grade_id):
            result.fault(cell.line, "cell-options", "nbgrader 设置里要有 grade_id", "写成 {grade_id: 名字, points: 分}")
        if cell.grade_id and not GRADE_ID.fullmatch(cell.grade_id):
            result.fault(cell.line, "cell-options", f"grade_id “{cell.grade_id}”不能用", "只用英文字母、数字、- 和 _")
        extra = set(cell.nbgrader) - {"grade_id", "points"}
        if extra:
            seen = f"nbgrader 设置里多了 {'、'.join(sorted(extra))}"
            result.fault(cell.line, "cell-options", seen, "只写 grade_id 和 points，其余由海课补上")
        points = cell.nbgrader.get("points", 0)
        if not isinstance(points, int | float) or isinstance(points, bool) or points < 0:
            result.fault(cell.line, "cell-options", f"分数 {points} 不是数", "points 写 0 以上的数")


def read_front_matter(file: MystFile) -> FrontMatter | None:
    haike = file.front.get("haike")
    if not isinstance(haike, dict):
        said = ("front-matter", "missing-file", "not-utf8")
        if not any(finding.path == file.path and finding.rule in said for finding in file.findings):
            file.fault(1, "front-matter", "前言里没有 haike: 这一段", "从 courses/starter/lesson.md 抄一份再改")
        return None
    try:
        return FrontMatter.model_validate(haike)
    except ValidationError as error:
        seen = set()
        for fault in error.errors():
            key = str(fault["loc"][0])
            if key in seen:
                continue
            seen.add(key)
            what, advice = PYDANTIC.get(fault["type"], ("写得不对", "对照 CONTRIBUTING.md 的“前言”一节改正"))
            if fault["type"] == "literal_error":
                advice = f"可选：{fault.get('ctx', {}).get('expected', '')}".replace(" or ", "、").replace("'", "")
            line = file.front_lines.get(key, file.front_lines.get("haike", 1))
            file.fault(line, "front-matter", f"{key}：{what}", advice)
        return None


def region_faults(cell: Cell) -> list[tuple[int, str]]:
    """(line, region) of every BEGIN without END, or END without BEGIN, in a cell."""
    faults = []
    for region in REGIONS:
        open_line = 0
        for number, text in enumerate(cell.source.split("\n"), cell.line):
            if f"BEGIN {region}" in text:
                if open_line:
                    faults.append((number, region))
                open_line = number
            elif f"END {region}" in text:
                if not open_line:
                    faults.append((number, region))
                open_line = 0
        if open_line:
            faults.append((open_line, region))
    return faults


def misplaced_regions(cell: Cell) -> list[tuple[int, str]]:
    """(line, region) of marks in a cell of another kind: nbgrader refuses the whole lesson for one of them.

    It reads lines, not Markdown, so a mark that is only shown, in a fence, counts as well.
    """
    if cell.grade_id and cell.kind == "text":
        return []
    right = "HIDDEN TESTS" if OWN_TESTS.match(cell.grade_id) else "SOLUTION" if cell.grade_id else ""
    rows = enumerate(cell.source.split("\n"), cell.line)
    return [(line, region) for line, row in rows for region in REGIONS if f"BEGIN {region}" in row and region != right]


def gather_exercises(file: MystFile) -> list[Exercise]:
    """Find answer cells and the tests that belong to them by name: nearest ← nearest-shown, nearest-judge2 …"""
    tests: dict[str, list[Cell]] = {}
    answers: dict[str, tuple[str, Cell]] = {}
    seen: dict[str, int] = {}
    options_unread = any(one.rule == "cell-options" for one in file.findings)
    for cell in file.cells:
        for line, region in region_faults(cell):
            seen_text = f"{region} 区域没有成对的 BEGIN / END"
            file.fault(line, "unclosed-region", seen_text, f"补上 ### BEGIN {region} 或 ### END {region}")
        for line, region in [] if options_unread else misplaced_regions(cell):
            seen_text = f"BEGIN {region} 写在了不该有它的格子里"
            file.fault(line, "exercise", seen_text, "答案放在答题格，隐藏测试放在测试格；别的格子里不写这一行")
        grade_id = cell.grade_id
        if not grade_id:
            continue
        if grade_id in seen:
            seen_text = f"grade_id {grade_id} 用了两次（第 {seen[grade_id]} 行已有）"
            file.fault(cell.line, "exercise", seen_text, "换一个名字")
            continue
        seen[grade_id] = cell.line
        own = OWN_TESTS.match(grade_id)
        if cell.kind == "text":
            answers[grade_id] = ("written", cell)
        elif own:
            tests.setdefault(own["of"], []).append(cell)
        else:
            answers[grade_id] = ("function", cell)
    for exercise_id, own_tests in tests.items():
        if exercise_id not in answers:
            widget = find_widget_cell(file.cells, exercise_id)
            if widget:
                answers[exercise_id] = ("widget", widget)
            else:
                seen_text = f"测试 {own_tests[0].grade_id} 找不到它的练习 {exercise_id}"
                file.fault(own_tests[0].line, "exercise", seen_text, "练习的 grade_id 或组件的第一个参数要与它同名")
    for exercise_id, (form, cell) in answers.items():
        if form == "function" and exercise_id not in tests:
            advice = f"加一个名叫 {exercise_id}-judge 的测试格，并写上 points"
            file.fault(cell.line, "exercise", f"练习 {exercise_id} 没有测试", advice)
    order = {id(cell): number for number, cell in enumerate(file.cells)}
    found = [Exercise(key, form, cell, tuple(tests.get(key, ()))) for key, (form, cell) in answers.items()]  # type: ignore[arg-type]
    return sorted(found, key=lambda exercise: order[id(exercise.answer)])


def find_widget_cell(cells: Iterable[Cell], exercise_id: str) -> Cell | None:
    """The ordinary cell whose widget is called with this exercise id first."""
    call = re.compile(r"\w\(\s*(?:exercise\s*=\s*)?['\"]" + re.escape(exercise_id) + r"['\"]")
    return next(
        (cell for cell in cells if cell.kind == "code" and not cell.grade_id and call.search(cell.source)), None
    )


def gather_sections(cells: Iterable[Cell]) -> list[Section]:
    """The `##` parts; cells before the first belong to none, `## 第二课时` starts the second half."""
    found: list[tuple[str, str, int, int, list[int]]] = []
    half = 1
    for number, cell in enumerate(cells):
        heading = next(iter(markdown.headings(cell.source, cell.line)), None) if cell.kind == "text" else None
        if heading and heading.level == 2 and heading.line == cell.line:
            title = heading.title
            if title.startswith("第二课时"):
                half = 2
            name = next((name for name in SECTIONS if re.match(rf"{name}(：|$)", title)), title.split("：")[0])
            found.append((name, title, cell.line, half, []))
        if found:
            found[-1][4].append(number)
    return [Section(name, title, line, half, tuple(numbers)) for name, title, line, half, numbers in found]
