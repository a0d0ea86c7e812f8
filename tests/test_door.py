"""The door as a new user meets it: real commands, bad input, one Chinese line for each fault, and nothing lost."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STARTER = ROOT / "courses" / "starter"
ROSTER = "id,name,role,password\np1,学生一,pupil,haike-1\nt1,演示老师,teacher,haike-2\n"
PATIENCE = 120


def command(*words: str) -> list[str]:
    return [sys.executable, "-X", "utf8", str(ROOT / "door.py"), *words]


def haike(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*map(str, words)), capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, cwd=cwd
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def one_line(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The only line a failing command says; it is Chinese."""
    rows = [row for row in (done.stdout + done.stderr).splitlines() if row.strip()]
    assert len(rows) == 1, rows
    assert done.returncode == code, done
    assert re.search("[\u4e00-\u9fff]", rows[0])
    return rows[0]


def in_process(*words: str | Path) -> object:
    """`./haike words` in this process, so that a test can break a system call; what it exits with."""
    import door

    patch = pytest.MonkeyPatch()
    patch.setattr(sys, "argv", ["./haike", *map(str, words)])
    try:
        door.main()
    except SystemExit as end:
        return end.code
    finally:
        patch.undo()
    return 0


def every_byte(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def make_lesson(root: Path, number: int, old: str = "", new: str = "") -> Path:
    folder = root / "grade-07" / f"j7-{number}-case"
    shutil.copytree(STARTER, folder)
    text = (folder / "lesson.md").read_text(encoding="utf-8").replace("id: j7-99", f"id: j7-{number}")
    assert old in text
    (folder / "lesson.md").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A school's own lesson root, products and data, all in the test's folder (with a space and Chinese in it)."""
    root = tmp_path / "我们 学校"
    root.mkdir()
    monkeypatch.setenv("HAIKE_ROOTS", str(root))
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "build"))
    return root


# What a newcomer types


def test_no_arguments_show_the_commands_in_chinese() -> None:
    done = haike()
    assert "海课" in done.stdout and "check" in done.stdout and "检查课文" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense"),
        (["check", "--nonsense"], "没有 --nonsense 这个选项"),
        (["book", "serve", "--port", "x"], "--port"),
        (["teacher"], "少写了"),
        (["teacher", "j7-03", "j7-04"], "j7-04"),
        (["new"], "./haike new --help"),
    ],
)
def test_a_mistyped_command_is_one_chinese_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_process(*words) == 2
    row = capsys.readouterr().err
    assert said in row and row.count("\n") == 1 and re.search("[\u4e00-\u9fff]", row)


@pytest.mark.parametrize("words", [["check"], ["check", "j7-03", "--fix"], ["teacher"], ["release"], ["watch"]])
def test_an_unknown_lesson_is_one_chinese_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(words[0], "zz-99", *words[1:]) == 1
    row = "".join(capsys.readouterr())
    assert "没有 zz-99" in row and row.count("\n") == 1


def test_a_command_that_fails_says_one_line_and_no_traceback() -> None:
    assert "没有 zz-99" in one_line(haike("check", "zz-99"))
    assert "nonsense" in one_line(haike("nonsense"), code=2)


def test_a_lesson_that_exists_is_not_made_again(school: Path) -> None:
    make_lesson(school, 81)
    before = every_byte(school)
    assert "j7-81 已经有了" in one_line(haike("new", "j7-81"))
    assert "j7-03 已经有了" in str(in_process("new", "j7-03"))
    assert "计划里没有 x9-99" in str(in_process("new", "x9-99"))
    assert every_byte(school) == before


# Bad lessons


def test_a_check_tells_every_fault_of_every_lesson_in_one_run_and_changes_nothing(school: Path) -> None:
    make_lesson(school, 80, "grade: 7", "grade: [7")
    make_lesson(school, 81, "    ### END SOLUTION\n", "")
    make_lesson(school, 82, "data: []", "data: [no-such-set]")
    (make_lesson(school, 83) / "mistakes.md").unlink()
    gone = make_lesson(school, 84) / "teacher.md"
    gone.write_bytes("教案".encode("gb18030"))
    before = every_byte(school)
    done = haike("check", "j7-80", "j7-81", "j7-82", "j7-83", "j7-84")
    assert done.returncode == 1
    for place in (
        r"j7-80-case/lesson\.md:\d+  前言不是正确的 YAML", r"j7-81-case/lesson\.md:87  SOLUTION",
        r"j7-82-case/lesson\.md:13  找不到数据集 no-such-set", r"j7-83-case/mistakes\.md:1  缺少 mistakes\.md",
        r"j7-84-case/teacher\.md:1  这里不是 UTF-8",
    ):  # fmt: skip
        assert len(re.findall(place, done.stdout)) == 1, (place, done.stdout)
    assert re.search(r"查了 5 课：\d+ 处要改", done.stdout.splitlines()[-1])
    assert every_byte(school) == before


def test_json_of_a_check_is_json_whatever_is_wrong(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_lesson(school, 80, "grade: 7", "grade: [7")
    assert in_process("check", "j7-80", "--json") == 1
    assert any(row["rule"] == "front-matter" for row in json.loads(capsys.readouterr().out))


def test_release_of_a_bad_lesson_names_the_line(school: Path, tmp_path: Path) -> None:
    make_lesson(school, 81, "    ### END SOLUTION\n", "")
    said = str(in_process("release", "j7-81", "--course-dir", tmp_path / "c"))
    assert re.search(r"lesson\.md:87  SOLUTION", said) and "\n" not in said
    assert not (tmp_path / "c").exists()


def test_a_reader_who_has_seen_enough_is_not_scolded(school: Path) -> None:
    for number in range(80, 84):
        make_lesson(school, number, "grade: 7", "grade: [7")
    pipe = subprocess.Popen(
        command("check", "j7-80", "j7-81", "j7-82", "j7-83"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert pipe.stdout is not None and pipe.stderr is not None
    pipe.stdout.close()
    said = pipe.stderr.read().decode()
    pipe.stderr.close()
    assert pipe.wait(PATIENCE) in (0, 1) and said == ""


# Folders and disks


def test_a_folder_that_cannot_be_written_is_one_chinese_line(school: Path, tmp_path: Path) -> None:
    make_lesson(school, 81)
    (tmp_path / "file").write_text("这是一个文件", encoding="utf-8")
    assert "路径里有一段不是文件夹" in one_line(haike("release", "j7-81", "--course-dir", tmp_path / "file" / "course"))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "这是一个文件"


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "磁盘满了"), (errno.EACCES, "没有权限")])
def test_a_full_or_forbidden_disk_leaves_the_old_products(
    number: int, said: str, school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lesson(school, 81)
    roster = tmp_path / "名单.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    assert in_process("class", "new", "c7", roster) == 0
    assert in_process("check", "j7-81") == 1  # the starter's own words
    before = every_byte(tmp_path)

    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    make_lesson(school, 82, "winds = [3", "winds = [2 + 1")
    monkeypatch.setattr(os, "fsync", refuse)
    for words in (["class", "new", "c7", roster], ["check", "j7-82"], ["release", "j7-81", "--course-dir", tmp_path]):
        said_now = str(in_process(*words))
        assert said in said_now and "\n" not in said_now, said_now
    monkeypatch.undo()
    monkeypatch.setenv("HAIKE_DATA", str(tmp_path / "var"))
    after = every_byte(tmp_path)
    assert {name: after.get(name) for name in before} == before
    assert not [name for name in after.keys() - before.keys() if "j7-82" not in name and "source" not in name]


# Classes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", [":1  .*id、name、role、password"]),
        (b"id,name\np1,x\n", [":1  .*缺少 role、password"]),
        (b"id,name,role,password\n", [":1  名单里一个人也没有"]),
        (b"id,name,role,password\np1,\xff\xff,pupil,x\n", [":2  .*读不出来"]),
        (b"id,name,role,password\n../p1,x,pupil,y\n", [":2  账号“../p1”不能用"]),
        (
            "id,name,role,password\nP 1,一,pupil,x\np2,二,学生,\np2,三,班长,x\n".encode(),
            [":2  账号“P 1”", ":3  缺少 password", ":4  role 写了“班长”", ":4  账号 p2 在第 3 行已经有了"],
        ),
    ],
)
def test_every_fault_of_a_roster_is_told_and_the_old_class_stays(
    content: bytes, said: list[str], tmp_path: Path, own_data: Path
) -> None:
    roster = tmp_path / "名单.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    assert in_process("class", "new", "c7", roster) == 0
    before = every_byte(own_data)
    roster.write_bytes(content)
    rows = str(in_process("class", "new", "c7", roster)).splitlines()
    assert len(rows) == len(said)
    for row, words in zip(rows, said, strict=True):
        assert re.search(r"名单\.csv" + words, row), row
    assert every_byte(own_data) == before


def test_class_commands_without_what_they_need_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "没有名单文件" in one_line(haike("class", "new", "c7", tmp_path / "none.csv"))
    assert "文件夹" in str(in_process("class", "new", "c7", tmp_path))
    for words in (
        ["class", "assign", "j7-03", "--class", "none"], ["class", "collect", "j7-03", "--class", "none"],
        ["class", "scores", "--class", "none"], ["autograde", "j7-03", "--class", "none"],
        ["feedback", "j7-03", "--class", "none"], ["autograde", "j7-03", "--course-dir", tmp_path / "none"],
        ["autograde", "j7-03", "--course-dir", tmp_path / "empty"],
        ["feedback", "j7-03", "--course-dir", tmp_path / "empty"],
    ):  # fmt: skip
        said = str(in_process(*words))
        assert "\n" not in said and re.search("[\u4e00-\u9fff]", said) and ("none" in said or "empty" in said), said
    assert not any((tmp_path / "empty").iterdir())
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_broken_hand_ins_are_reported_and_the_others_graded(school: Path, tmp_path: Path, own_data: Path) -> None:
    make_lesson(school, 81)
    course = tmp_path / "course"
    assert haike("release", "j7-81", "--course-dir", course).returncode == 0
    good = (course / "release" / "j7-81" / "j7-81.ipynb").read_bytes()
    broken = {"p2": b"", "p3": b'{"cells": [', "p4": b"\x89PNG\xff", "p5": b"[]"}
    for pupil, content in {"p1": good, **broken, "p6": good}.items():
        folder = course / "submitted" / pupil / "j7-81"
        folder.mkdir(parents=True)
        (folder / "j7-81.ipynb").write_bytes(content)
    before = every_byte(course / "submitted")
    result = tmp_path / "结果.json"
    done = haike("autograde", "j7-81", "--course-dir", course, "--json", result)
    assert done.returncode == 1 and "评好 2 份" in done.stdout and "4 份没能评" in done.stdout
    rows = {row["pupil"]: row for row in json.loads(result.read_text(encoding="utf-8"))["submissions"]}
    assert {pupil for pupil, row in rows.items() if row["problem"]} == set(broken)
    assert all(re.search("[\u4e00-\u9fff]", rows[pupil]["problem"]) for pupil in broken)
    assert every_byte(course / "submitted") == before


# The book


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    site = tmp_path / "build" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("旧的网页", encoding="utf-8")
    return site


@pytest.mark.slow
def test_bad_lessons_are_named_and_the_others_are_on_the_site(school: Path, small_site: Path) -> None:
    make_lesson(school, 81, "    ### END SOLUTION\n", "")
    make_lesson(school, 82, "grade: 7", "grade: [7")
    done = haike("book", "build")
    assert done.returncode == 1
    assert "j7-81-case/lesson.md:87" in done.stdout and "j7-82-case/lesson.md" in done.stdout
    assert "有 2 课没有放上去" in done.stdout
    pages = {path.stem for path in (small_site / "lessons").glob("*.html")}
    assert "j7-03" in pages and not pages & {"j7-81", "j7-82"}


def test_where_no_lesson_can_be_read_the_last_site_stays(school: Path, small_site: Path) -> None:
    from book.build import BookError, build_site
    from courses.reading import read_all

    make_lesson(school, 81, "    ### END SOLUTION\n", "")
    make_lesson(school, 82, "grade: 7", "grade: [7")
    with pytest.raises(BookError, match="j7-81-case/lesson.md:87[^$]*有 2 课读不了"):
        build_site(read_all([school]))
    assert (small_site / "index.html").read_text(encoding="utf-8") == "旧的网页"


def test_a_port_in_use_is_replaced_and_ctrl_c_says_goodbye(small_site: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with subprocess.Popen(
            command("book", "serve", "--port", str(port)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as server:  # fmt: skip
            assert server.stdout is not None
            said = [server.stdout.readline() for _ in range(3)]
            server.send_signal(signal.SIGINT)
            rest, errors = server.communicate(timeout=PATIENCE)
    assert f"端口 {port} 有别的程序在用" in said[0] and "http://127.0.0.1:" in said[1]
    assert "网站关上了" in rest and errors == "" and server.returncode == 0


@pytest.mark.slow
def test_a_book_build_killed_in_the_middle_keeps_the_last_site_and_the_next_carries_on(
    small_site: Path, tmp_path: Path
) -> None:
    kept = ROOT / "build" / "reference"
    if kept.is_dir():  # runs are keyed by content: the book is what is built here
        shutil.copytree(kept, tmp_path / "build" / "reference")
    doctrees = tmp_path / "build" / "book-work" / "doctrees"
    with subprocess.Popen(command("book", "build"), stdout=subprocess.DEVNULL, start_new_session=True) as build:
        wait_until(lambda: any(doctrees.glob("**/*.doctree")), build)  # Sphinx has read a part of the pages
        os.killpg(build.pid, signal.SIGKILL)
    assert build.returncode == -signal.SIGKILL
    assert (small_site / "index.html").read_text(encoding="utf-8") == "旧的网页"
    done = subprocess.run(command("book", "build"), capture_output=True, text=True, encoding="utf-8", timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "海课" in (small_site / "index.html").read_text(encoding="utf-8")
    assert not (small_site.parent / "site.new").exists() and not (small_site.parent / "site.old").exists()


def wait_until(ready: object, process: subprocess.Popen[bytes]) -> None:
    """Until it is so; a process that ends before that, or takes too long, fails the test."""
    assert callable(ready)
    end = time.monotonic() + 3 * PATIENCE
    while not ready():
        assert process.poll() is None, "the command ended too early"
        assert time.monotonic() < end
        time.sleep(0.05)


# Interrupted, and twice at once


@pytest.fixture
def slow_lesson(school: Path) -> None:
    """j7-80 runs at once; the second also-right answer of j7-81 takes its time."""
    make_lesson(school, 80)
    folder = make_lesson(school, 81)
    with (folder / "mistakes.md").open("a", encoding="utf-8") as file:
        answer = "import time\ntime.sleep(15)\ndef alarms(winds, line):\n    return sum(one > line for one in winds)\n"
        file.write(f"\n```{{code-cell}} ipython3\n---\nalso-right:\n  of: alarms\n---\n{answer}```\n")


@pytest.mark.slow
@pytest.mark.usefixtures("slow_lesson")
def test_ctrl_c_during_a_check_is_one_line_and_the_next_check_carries_on(tmp_path: Path) -> None:
    store = tmp_path / "build" / "reference" / "j7-80.jsonl"

    def runs() -> dict[str, float]:
        rows = map(json.loads, store.read_text(encoding="utf-8").splitlines()) if store.is_file() else []
        return {row["key"]: row["seconds"] for row in rows}

    with subprocess.Popen(
        command("check", "j7-80", "j7-81"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as checking:
        wait_until(lambda: len(runs()) == 6, checking)
        os.killpg(checking.pid, signal.SIGINT)
        out, errors = checking.communicate(timeout=PATIENCE)
    said = errors.decode()
    assert checking.returncode == 130 and "Traceback" not in said + out.decode()
    assert [row for row in said.splitlines() if row.strip()] == ["停下了。做好的部分都留着，再运行一次就接着做。"]
    kept = runs()
    assert "KeyboardInterrupt" not in store.read_text(encoding="utf-8")
    done = haike("check", "j7-80", "j7-81")
    assert "查了 2 课" in done.stdout and "KeyboardInterrupt" not in done.stdout
    assert {key: runs()[key] for key in kept} == kept, "a run that had ended was run again"


@pytest.mark.slow
def test_two_checks_at_once_say_the_same(school: Path) -> None:
    make_lesson(school, 81)
    both = [
        subprocess.Popen(command("check", "j7-81"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)
    ]
    said = [one.communicate(timeout=PATIENCE)[0].decode() for one in both]
    assert said[0] == said[1] and "Traceback" not in said[0] and "run-error" not in said[0]
    assert haike("check", "j7-81").stdout.strip() == said[0].strip()


@pytest.fixture(scope="module", autouse=True)
def no_leftovers() -> Iterator[None]:
    """Whatever these tests do, they do it outside the repository's own data."""
    before = {path.name for path in (ROOT / "var").glob("classes/*")}
    yield
    assert {path.name for path in (ROOT / "var").glob("classes/*")} <= before | {"demo7", "demo1"}
