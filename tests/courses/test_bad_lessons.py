"""Bad input: each fault of a lesson is one Chinese line with file and line, all in one run, and never a traceback."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from courses import report
from courses.checks import check
from courses.curriculum import CURRICULUM, read_curriculum
from courses.knowledge import KNOWLEDGE, read_knowledge
from courses.reading import read_all
from courses.reference_run import reference_runs
from fault import Fault

STARTER = Path(__file__).resolve().parents[2] / "courses" / "starter"
#: What the starter itself is told, and what copies of one lesson are told about each other.
EXPECTED = {
    "starter-words", "prerequisite-order", "still-planned", "neighbour-moves", "repeated-sentence", "same-skeleton",
}  # fmt: skip
Spoil = Callable[[Path], None]


def make(root: Path, number: int, spoil: Spoil | None = None, slug: str = "case") -> Path:
    """A copy of the starter as lesson j7-<number>, then spoilt."""
    folder = root / "grade-07" / f"j7-{number}-{slug}"
    shutil.copytree(STARTER, folder)
    text = (folder / "lesson.md").read_text(encoding="utf-8")
    (folder / "lesson.md").write_text(text.replace("id: j7-99", f"id: j7-{number}"), encoding="utf-8")
    if spoil:
        spoil(folder)
    return folder


def edit(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def gb18030(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_text(encoding="utf-8").encode("gb18030"))

    return spoil


def without(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def own_data(card: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / "data" / "fish").mkdir(parents=True)
        (folder / "data" / "fish" / "card.yml").write_bytes(card)
        edit("lesson.md", "data: []", "data: [fish]")(folder)

    return spoil


HIDDEN = re.search(
    r"(?<=BEGIN HIDDEN TESTS\n).*?(?=### END HIDDEN TESTS)",
    (STARTER / "lesson.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
assert HIDDEN

#: name: (how it is spoilt, where and what the one line says)
FAULTS: dict[str, tuple[Spoil, str]] = {
    "broken-yaml": (edit("lesson.md", "grade: 7", "grade: [7"), r"lesson\.md:\d+  前言不是正确的 YAML"),
    "bell-in-yaml": (edit("lesson.md", "title: 样板课", 'title: "\x07"'), r"lesson\.md:4  前言不是正确的 YAML"),
    "python-in-yaml": (edit("lesson.md", "title: 样板课", "title: !!python/name:os.system"), r"lesson\.md:4  前言不是"),
    "no-haike": (edit("lesson.md", "haike:", "hake:"), r"lesson\.md:1  前言里没有 haike:"),
    "another-id": (edit("lesson.md", "id: j7-80", "id: j7-81"), r"lesson\.md:3  课号 j7-81 与文件夹"),
    "unknown-data": (edit("lesson.md", "data: []", "data: [no-such-set]"), r"lesson\.md:13  找不到数据集 no-such-set"),
    "card-not-utf8": (own_data("来源".encode("gb18030")), r"lesson\.md:13  数据集 fish 的 card.yml 不是 UTF-8"),
    "card-broken": (own_data(b"source: [x"), r"lesson\.md:13  数据集 fish 的 card.yml 缺少"),
    "solution-not-closed": (edit("lesson.md", "    ### END SOLUTION\n", ""), r"lesson\.md:87  SOLUTION 区域没有成对"),
    "tests-not-closed": (edit("lesson.md", "### END HIDDEN TESTS\n", ""), r"lesson\.md:\d+  HIDDEN TESTS 区域没有成对"),
    "scheme-not-closed": (edit("lesson.md", "### END MARK SCHEME\n", ""), r"lesson\.md:\d+  MARK SCHEME 区域没有成对"),
    "test-cannot-fail": (edit("lesson.md", HIDDEN[0], "assert True\n"), r"lesson\.md:113  白卷和每个典型错误都通过了"),
    "missing-data-file": (
        edit("lesson.md", "winds = [3", 'open("data/fish/fish.csv")\nwinds = [3'),
        r"lesson\.md:58  找不到文件 data/fish/fish\.csv",
    ),
    "lesson-not-utf8": (gb18030("lesson.md"), r"lesson\.md:4  这里不是 UTF-8"),
    "mistakes-not-utf8": (gb18030("mistakes.md"), r"mistakes\.md:\d+  这里不是 UTF-8"),
    "teacher-not-utf8": (gb18030("teacher.md"), r"teacher\.md:\d+  这里不是 UTF-8"),
    "sheet-not-utf8": (gb18030("sheet.md"), r"sheet\.md:\d+  这里不是 UTF-8"),
    "no-mistakes": (without("mistakes.md"), r"mistakes\.md:1  缺少 mistakes\.md"),
    "no-teacher": (without("teacher.md"), r"teacher\.md:1  缺少 teacher\.md"),
    "no-sheet": (without("sheet.md"), r"sheet\.md:1  缺少 sheet\.md"),
    "negative-points": (edit("lesson.md", "  points: 2\n", "  points: -2\n"), r"lesson\.md:\d+  分数 -2 不是数"),
    "name-taken-twice": (edit("lesson.md", "alarms-judge", "alarms-shown"), r"lesson\.md:\d+  grade_id .*用了两次"),
    "name-with-space": (edit("lesson.md", '"whose-line"', '"谁的 线"'), r"lesson\.md:146  grade_id “谁的 线”不能用"),
    "options-no-json": (edit("lesson.md", '"points": 2}}', '"points": 2}'), r"lesson\.md:\d+  “\+\+\+”后面的设置不是"),
    "no-python": (edit("lesson.md", "winds = [3", "winds = （3"), r"lesson\.md:58  这一行不是正确的 Python"),
}


@pytest.fixture(scope="module", autouse=True)
def shared_build(tmp_path_factory: pytest.TempPathFactory) -> object:
    patch = pytest.MonkeyPatch()
    patch.setenv("HAIKE_BUILD", str(tmp_path_factory.mktemp("build")))
    yield
    patch.undo()


def findings(root: Path) -> list[str]:
    """Whatever the check says about the lessons under `root` beyond what the starter is told anyway."""
    lessons = read_all([root])
    runs = reference_runs([lesson for lesson in lessons if not lesson.obstacles])
    found = check(lessons, read_curriculum(), read_knowledge(), runs=runs, only={lesson.id for lesson in lessons})
    return [report.line(one) for one in found if one.rule not in EXPECTED]


def test_the_unspoilt_lesson_has_no_fault(tmp_path: Path) -> None:
    make(tmp_path, 80)
    assert findings(tmp_path) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_chinese_line_with_its_place(name: str, tmp_path: Path) -> None:
    spoil, said = FAULTS[name]
    make(tmp_path, 80, spoil)
    rows = [row for row in findings(tmp_path) if "(layout)" not in row]
    assert len(rows) == 1, rows
    assert re.search(r"j7-80-case/" + said, rows[0]), rows[0]
    assert "自己出错了" not in rows[0] and "\n" not in rows[0]


def test_the_same_id_twice_is_one_line(tmp_path: Path) -> None:
    make(tmp_path, 80)
    make(tmp_path, 80, slug="again")
    (row,) = findings(tmp_path)
    assert re.search(r"j7-80-case/lesson\.md:3  课号 j7-80 已经用在 grade-07/j7-80-again", row)


def test_a_loop_of_prerequisites_is_spelled_out(tmp_path: Path) -> None:
    rows = "".join(
        f"{key}: {{name: 点{key}, strand: 学习, gloss: 一句, needs: [{need}], first_grade: 7}}\n"
        for key, need in (("K-A", "K-B"), ("K-B", "K-C"), ("K-C", "K-A"))
    )
    path = tmp_path / "knowledge.yml"
    path.write_text(rows, encoding="utf-8")
    found = [one for one in check([], read_curriculum(), read_knowledge(path)) if one.rule == "prerequisite-cycle"]
    assert len(found) == 1 and found[0].level == "error"
    assert found[0].path.name == "knowledge.yml" and all(key in found[0].seen for key in ("K-A", "K-B", "K-C"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"K-A: {name: x\nK-B: 7\n", r"knowledge\.yml:\d  不是正确的 YAML"),
        ("# 一行\nK-A: {name: 只有名字}\n".encode(), r"knowledge\.yml:2  知识点 K-A 没有写全"),
        ("a: 1\nK-A: 最近邻".encode("gb18030"), r"knowledge\.yml:2  这里不是 UTF-8"),
        (b"", r"knowledge\.yml:1  文件里没有"),
        (None, r"knowledge\.yml:1  读不了这个文件"),
    ],
)
def test_a_knowledge_map_that_cannot_be_read_is_one_line(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "knowledge.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Fault, match=said) as fault:
        read_knowledge(path)
    assert "\n" not in str(fault.value)


def test_a_curriculum_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    text = CURRICULUM.read_text(encoding="utf-8")
    path = tmp_path / "curriculum.yml"
    for broken in (text.replace("system:", "sytem:", 1), text.replace("hours:", "hour:", 1), text + "\nx: [", "- 1\n"):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(Fault, match=r"curriculum\.yml:\d+  ") as fault:
            read_curriculum(path)
        assert "\n" not in str(fault.value)
    assert read_knowledge(KNOWLEDGE).points


def test_many_faults_in_one_lesson_and_in_many_are_all_told_at_once(tmp_path: Path) -> None:
    def several(folder: Path) -> None:
        for name in ("solution-not-closed", "unknown-data", "teacher-not-utf8", "no-sheet"):
            FAULTS[name][0](folder)

    make(tmp_path, 80, several)
    make(tmp_path, 81, FAULTS["broken-yaml"][0])
    make(tmp_path, 82, FAULTS["test-cannot-fail"][0])
    make(tmp_path, 83, FAULTS["lesson-not-utf8"][0])
    rows = [row for row in findings(tmp_path) if "(layout)" not in row]
    rules = sorted(re.findall(r"(j7-\d\d)-case.*\((.+)\)$", row)[0] for row in rows)
    assert rules == [
        ("j7-80", "known-data"), ("j7-80", "missing-file"), ("j7-80", "not-utf8"), ("j7-80", "unclosed-region"),
        ("j7-81", "front-matter"), ("j7-82", "test-can-fail"), ("j7-82", "think-again"),
        ("j7-83", "not-utf8"),
    ]  # fmt: skip


def test_nothing_is_made_of_a_lesson_that_cannot_be_read_and_the_old_stays(tmp_path: Path) -> None:
    from grading.assignment import generate

    folder = make(tmp_path, 80)
    course = tmp_path / "course"
    generate(read_all([tmp_path])[0], course)
    before = (course / "release" / "j7-80" / "j7-80.ipynb").read_bytes()
    edit("lesson.md", "    ### END SOLUTION\n", "")(folder)
    with pytest.raises(Fault, match=r"lesson\.md:87  SOLUTION 区域没有成对"):
        generate(read_all([tmp_path])[0], course)
    assert (course / "release" / "j7-80" / "j7-80.ipynb").read_bytes() == before
    assert (course / "source" / "j7-80" / "j7-80.ipynb").is_file()
