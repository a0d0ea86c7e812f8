"""Makes a lesson on disk from a small case: what the case does not say is taken from the starter.

A case is a folder with `bad.md` and `good.md` (lesson.md), or `bad.teacher.md`, `bad.mistakes.md`, `bad.sheet.md`,
`bad.key.md`, `bad.other.md` and `bad.third.md` (more lessons) and `bad.yml` (run, curriculum, knowledge, files,
remove, folder).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from courses.answer_run import AnswerRun, ReferenceRun, Scores, Way
from courses.curriculum import Curriculum, read_curriculum
from courses.finding import Finding
from courses.knowledge import KnowledgeMap, read_knowledge
from courses.lesson import Lesson
from courses.reading import read_lesson

STARTER = Path(__file__).parents[2] / "courses" / "starter"
PLAN_KEYS = ("id", "slug", "title", "grade", "hours", "knowledge")


@dataclass
class Case:
    """A lesson (and perhaps a second one) with everything the check needs."""

    lessons: list[Lesson]
    curriculum: Curriculum
    knowledge: KnowledgeMap
    runs: dict[str, ReferenceRun]
    folder: Path
    moved: dict[Path, tuple[int, int, dict[int, int]]] = field(default_factory=dict)

    def in_case_lines(self, finding: Finding) -> Finding:
        """The finding with the line of the case's own file, whose front matter is shorter than the written one."""
        written, own, keys = self.moved.get(finding.path, (0, 0, {}))
        if finding.line > written:
            return replace(finding, line=finding.line - written + own)
        return replace(finding, line=keys.get(finding.line, finding.line if not written else 1))


def make_case(source: Path, name: str, root: Path) -> Case:
    """The case `name` (bad or good) of the folder `source`, written under `root`."""
    settings = source / f"{name}.yml"
    setup = yaml.safe_load(settings.read_text(encoding="utf-8")) if settings.exists() else {}
    moved: dict[Path, tuple[int, int, dict[int, int]]] = {}
    folder = root / setup.get("folder", "grade-07") / "j7-99-case"
    folder.mkdir(parents=True)
    for file in ("lesson.md", "mistakes.md", "teacher.md", "sheet.md", "key.md"):
        given = source / (f"{name}.md" if file == "lesson.md" else f"{name}.{file}")
        write_file(given if given.exists() else STARTER / file, folder / file, moved)
    lessons = [folder]
    for file, place in ((f"{name}.other.md", setup.get("other", "j7-98-other")), (f"{name}.third.md", "j7-97-third")):
        if not (source / file).exists():
            continue
        other = root / "grade-07" / place
        other.mkdir(parents=True)
        write_file(source / file, other / "lesson.md", moved)
        for unsaid in ("mistakes.md", "teacher.md", "sheet.md"):
            (other / unsaid).write_text("", encoding="utf-8")
        lessons.append(other)
    for path in setup.get("remove", []):
        (folder / path).unlink()
    for path, content in setup.get("files", {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    read = [read_lesson(one) for one in lessons]
    curriculum = make_curriculum(setup.get("curriculum", {}), root)
    knowledge = make_knowledge(setup["knowledge"], root) if "knowledge" in setup else shipped_knowledge()
    runs = {read[0].id: make_run(read[0], setup.get("run", {}))} if "run" in setup else {}
    return Case(read, curriculum, knowledge, runs, folder, moved)


def write_file(given: Path, path: Path, moved: dict[Path, tuple[int, int, dict[int, int]]]) -> None:
    """Write the file; front matter without `jupytext:` is only what differs from the starter's."""
    raw = given.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        path.write_bytes(raw)
        return
    front, body = split_front(text)
    if path.name not in ("lesson.md", "mistakes.md") or "jupytext:" in front or given.parent == STARTER:
        path.write_bytes(raw)
        return
    full, _ = split_front((STARTER / path.name).read_text(encoding="utf-8"))
    data = yaml.safe_load(full)
    own = (yaml.safe_load(front) or {}).get("haike", {}) if front else {}
    if path.name == "lesson.md":
        data["haike"] |= own
        data["haike"] = {key: value for key, value in data["haike"].items() if value != "（删掉）"}
    header = f"---\n{yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)}---\n"
    path.write_text(header + body, encoding="utf-8")
    own_lines = text.count("\n") - body.count("\n")
    moved[path] = (header.count("\n"), own_lines, key_lines(header, text.split("\n")[:own_lines]))


def split_front(text: str) -> tuple[str, str]:
    found = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
    return (found[1], text[found.end() :]) if found else ("", text)


def key_lines(header: str, own: list[str]) -> dict[int, int]:
    """Line of a key in the written front matter → its line in the case."""
    lines = {}
    for number, row in enumerate(header.split("\n"), 1):
        key = re.match(r"\s*([\w-]+):", row)
        place = next((n for n, line in enumerate(own, 1) if key and re.search(rf"\b{key[1]}:", line)), None)
        if place:
            lines[number] = place
    return lines


def make_curriculum(given: dict[str, Any], root: Path) -> Curriculum:
    path = root / "curriculum.yml"
    unsaid = {"slug": "planned", "title": "计划中的课", "grade": 7, "hours": 1}
    plan = [f"  - {flow({key: (unsaid | row)[key] for key in PLAN_KEYS})}" for row in given.get("plan", [])]
    rest = {
        "system": "五四",
        "bands": {"全部": {"五四": [0, "teacher"]}},
        "minimum_hours": given.get("minimum_hours", {}),
        "order": given.get("order", {}),
    }
    path.write_text("\n".join(["plan:", *plan, yaml.safe_dump(rest, allow_unicode=True)]), encoding="utf-8")
    return read_curriculum(path)


def make_knowledge(given: dict[str, dict[str, Any]], root: Path) -> KnowledgeMap:
    path = root / "knowledge.yml"
    rest = {"strand": "学习", "gloss": "一个知识点", "needs": [], "first_grade": 7}
    rows = [f"{key}: {flow({'name': key} | rest | row)}\n" for key, row in given.items()]
    path.write_text("".join(rows), encoding="utf-8")
    return read_knowledge(path)


@cache
def shipped_knowledge() -> KnowledgeMap:
    return read_knowledge()


def flow(data: dict[str, Any]) -> str:
    """YAML in one line, as the plan and the knowledge map are written."""
    return yaml.safe_dump(data, allow_unicode=True, default_flow_style=True, width=1000, sort_keys=False).strip()


def make_run(lesson: Lesson, given: dict[str, Any]) -> ReferenceRun:
    """A run in which all is as it should be, but for what the case says."""
    tests = [test for one in lesson.exercises for test in one.tests]
    full = {test.grade_id: (test.points, test.points) for test in tests}
    none = {key: (0.0, most) for key, (_, most) in full.items()}

    def scores(changed: dict[str, float] | None, start: Scores) -> Scores:
        return start | {key: (float(score), full[key][1]) for key, score in (changed or {}).items()}

    mistakes = {}
    for number, mistake in enumerate(lesson.mistakes, 1):
        own = given.get("mistakes", {}).get(mistake.id, {})
        ways = own.get("ways", {key: [number, f"看到了 {number}", "AssertionError"] for key in none})
        mistakes[mistake.id] = AnswerRun(scores(own.get("scores"), none), {key: Way(*way) for key, way in ways.items()})
    also = given.get("also_right", {})
    return ReferenceRun(
        scores=scores(given.get("scores"), full),
        seconds=given.get("seconds", 0.1),
        outputs={int(n): list(map(as_output, printed)) for n, printed in given.get("printed", {}).items()},
        pictures=frozenset(int(n) for n, kind in given.get("outputs", {}).items() if kind.startswith("image/")),
        errors=tuple((int(n), message) for n, message in given.get("errors", [])),
        blank=AnswerRun(scores(given.get("blank"), none)),
        also_right={
            n: AnswerRun(scores(also.get(n, {}).get("scores"), full), seconds=also.get(n, {}).get("seconds", 0.1))
            for n in range(len(lesson.also_right))
        },
        mistakes=mistakes,
        mutations={name: AnswerRun(scores(own, none)) for name, own in given.get("mutations", {}).items()},
        claims={
            number: AnswerRun(errors=tuple((-1, said) for said in own.get("errors", [])), own_seconds=own["seconds"])
            for number, own in given.get("claims", {}).items()
        },
    )


def as_output(given: str | dict[str, Any]) -> dict[str, Any]:
    """What a cell prints, or the data it shows by kind (`stderr` among them)."""
    if isinstance(given, str) or "stderr" in given:
        text, name = (given, "stdout") if isinstance(given, str) else (given["stderr"], "stderr")
        return {"output_type": "stream", "name": name, "text": text}
    return {"output_type": "display_data", "data": given, "metadata": {}}
