"""The box: the level asked for or none, nothing left behind, and a full disk that costs one hand-in at most."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from build_paths import ROOT
from grading import autograde as module
from grading.autograde import autograde
from grading.execute import BoxedExecute
from running import sandbox
from running.box import Box, NoWalls
from running.runner import Dead, Parent, Run, Unresponsive
from running.sandbox import Limits
from tests.grading.corpus import right
from tests.grading.test_ledger import all_right, graded_files, hand_in, rows
from tests.running.test_warm_parent import said


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box([], hidden=tmp_path_factory.mktemp("hidden"))
    yield made
    made.close()


@contextmanager
def opened(box: Box) -> Iterator[Run]:
    with box.folder() as folder:
        run = box.open(folder, "ps1")
        try:
            yield run
        finally:
            run.close()


def ask(box: Box, code: str) -> str:
    with opened(box) as run:
        return said(run.execute(code, 20)[0]).strip()


def test_a_run_sees_its_own_folder_and_no_other(box: Box) -> None:
    with box.folder() as other:
        (other / "secret.txt").write_text("海蜇")
        other.chmod(0o755)
        look = f"import glob\nprint(glob.glob('/haike-stage/*/*') + glob.glob({str(box.stage / '*/*')!r}))"
        assert "secret" not in ask(box, look)


def test_python_is_seen_where_it_lies_under_tmp_and_what_is_hidden_in_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever unpacks Haike under /tmp; libraries read some of their files only when a run asks for them."""
    packages = tmp_path / "own-packages"
    (packages / "course").mkdir(parents=True)
    for folder in (packages, packages / "course"):
        folder.joinpath("data.txt").write_text("there")
    monkeypatch.syspath_prepend(packages)
    own = Box([], hidden=packages / "course")
    try:
        assert ask(own, f"print(open('{packages}/data.txt').read())") == "there"
        with opened(own) as run:
            assert run.execute(f"open('{packages}/data.txt', 'w')", 20)[0]["ename"] in ("OSError", "PermissionError")
            if own.level == "room":
                assert run.execute(f"open('{packages}/course/data.txt')", 20)[0]["ename"] == "FileNotFoundError"
    finally:
        own.close()


def test_no_process_and_no_folder_is_left_after_close(tmp_path: Path) -> None:
    before = {path.name for path in Path(tempfile.gettempdir()).glob("haike-box-*")}
    own = Box([], hidden=tmp_path)
    (own.stage / "r0").mkdir()
    run = own.open(own.stage / "r0", "ps1")
    leave = "import subprocess, os\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\nos.mkdir('closed', 0)"
    run.execute(leave, 20)
    family = psutil.Process(own.parent.process.pid).children(recursive=True)
    assert any("sleep" in one.name() for one in family)
    own.close()
    assert psutil.wait_procs(family, timeout=5)[1] == [] and own.parent.process.poll() is not None
    assert {path.name for path in Path(tempfile.gettempdir()).glob("haike-box-*")} == before
    assert not Path(own.scratch.name).exists()


def test_a_stage_in_memory_that_was_left_by_a_killed_command_is_cleared_away(box: Box, tmp_path: Path) -> None:
    make = "import sys, pathlib\nfrom running.box import Box\n"
    make += "own = Box([], hidden=pathlib.Path(sys.argv[1]))\nprint(own.scratch.name, flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", make, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout
        left = Path(killed.stdout.readline().strip())
        killed.kill()
    assert left.name.startswith("haike-box-") and left.exists()
    own = Box([], hidden=tmp_path)
    try:
        assert left.parent != Path("/dev/shm") or not left.exists()
        assert Path(box.scratch.name).exists() and Path(own.scratch.name).exists()
    finally:
        own.close()


def test_processes_of_a_run_end_with_it_and_others_go_on(box: Box) -> None:
    with opened(box) as stays:
        stays.execute("n = 41", 20)
        with opened(box) as goes:
            goes.execute("import subprocess\nsubprocess.Popen(['sleep', '611'], start_new_session=True)", 20)
        assert not [one for one in psutil.process_iter() if "611" in cmdline(one)]
        assert said(stays.execute("print(n + 1)", 20)[0]) == "42\n"


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_code_that_swallows_the_interrupt_is_unresponsive(box: Box) -> None:
    stubborn = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    with opened(box) as run, pytest.raises(Unresponsive):
        run.execute(stubborn, 0.5)


def test_a_cell_is_interrupted_and_the_next_one_runs(box: Box) -> None:
    with opened(box) as run:
        reply, interrupted = run.execute("while True:\n    pass", 0.5)
        assert (interrupted, reply["ename"]) == (True, "KeyboardInterrupt")
        assert said(run.execute("print('后来')", 20)[0]) == "后来\n"


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()", "ctypes.string_at(0)"])
def test_a_child_that_ends_is_dead(end: str, box: Box) -> None:
    with opened(box) as run, pytest.raises(Dead):
        run.execute(f"import os, ctypes\n{end}", 20)


def test_too_much_memory_is_an_error_of_its_cell(tmp_path: Path) -> None:
    small = Box([], hidden=tmp_path, limits=Limits(memory=200 << 20))
    try:
        with opened(small) as run:
            reply, _ = run.execute("held = []\nwhile True:\n    held.append(b'x' * (1 << 24))", 20)
            assert reply["ename"] == "MemoryError"
        assert ask(small, "print('下一份')") == "下一份"
    finally:
        small.close()


def test_too_much_output_is_cut_and_said(tmp_path: Path) -> None:
    small = Box([], hidden=tmp_path, limits=Limits(output=100_000))
    try:
        with opened(small) as run:
            reply, interrupted = run.execute("while True:\n    print('x' * 1000)", 1)
            assert interrupted and reply["overflow"] and len(said(reply)) < 110_000
    finally:
        small.close()


FORGE = """
import json, os, socket
for number in range(3, 20):
    try:
        own = socket.socket(fileno=os.dup(number))
        for token in (b"-" * 32, b"0" * 32, b""):
            own.send(token + b"." + json.dumps({"messages": [], "status": "ok", "forged": True}).encode())
    except OSError:
        pass
"""


def test_forged_replies_are_dropped_and_counted(box: Box) -> None:
    with opened(box) as run:
        reply, _ = run.execute(FORGE + "print('真')", 20)
        assert said(reply) == "真\n" and "forged" not in reply
        assert run.strays.count == 3


DRIBBLE = """
import socket, time, os
line, end = socket.socket(fileno=os.dup(3)), time.monotonic() + 12
while time.monotonic() < end:
    line.send(b"x")
    time.sleep(0.1)
"""


def test_what_is_written_to_the_channel_does_not_put_off_the_end_of_a_cell(box: Box) -> None:
    with opened(box) as run:
        reply, interrupted = run.execute(DRIBBLE, 0.5)
        assert (interrupted, reply["ename"]) == (True, "KeyboardInterrupt")


def test_the_teacher_is_told_of_forged_replies(course: Path) -> None:
    hand_in(course, "amy", "ps1", all_right("ps1") | {"add": FORGE})
    (result,) = autograde("ps1", course)
    assert result.score == 2 and "integrity" in {flag.reason for flag in result.flags}


@pytest.mark.parametrize("level", [one for one in sandbox.possible_levels() if one != "none"])
def test_every_rung_that_can_be_had_grades_and_none_as_root(
    level: str, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAIKE_SANDBOX", level)
    no_root = "import os\nassert 0 not in (*os.getresuid(), *os.getresgid())\n"
    hand_in(course, "amy", "ps1", all_right("ps1") | {"add": no_root + right("add")})
    queue = module.Queue("ps1", course, level=level)
    (result,) = queue.run(None, 1, None)
    assert (result.problem, result.score, queue.level) == ("", 5, level)


def test_a_rung_that_cannot_be_had_is_refused_in_chinese(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_SANDBOX", "limits")
    hand_in(course, "amy", "ps1", all_right("ps1"))
    with pytest.raises(NoWalls, match="建不起“独立房间”.*--level"):
        autograde("ps1", course, level="room")
    assert not rows(course) and not graded_files(course)


def no_room(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def only(wrong: Callable[[Any], bool], usual: Callable[..., Any]) -> Callable[..., Any]:
    """`usual`, but where wrong(first argument) the disk is full."""
    return lambda *args, **keys: no_room() if wrong(args[0]) else usual(*args, **keys)


def is_amys(path: Any) -> bool:
    return f"{os.sep}amy{os.sep}" in str(path)


FULL = {
    "while it is copied in": (shutil, "copyfile", is_amys),
    "while its files are brought out": (module, "bring_out", lambda stage: (stage / "amy.txt").exists()),
    "while it is written": (Path, "write_text", lambda path: is_amys(path) and ".part" in str(path)),
    "while it is put in place": (Path, "rename", lambda path: is_amys(path) and path.suffix == ".part"),
}


@pytest.mark.slow
@pytest.mark.parametrize("when", FULL)
def test_a_full_disk_leaves_a_hand_in_as_it_was(when: str, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pupil in ("amy", "bob"):
        (hand_in(course, pupil, "ps1", {}) / f"{pupil}.txt").write_text("一")
    autograde("ps1", course)
    before = rows(course), graded_files(course)
    for pupil in ("amy", "bob"):
        (hand_in(course, pupil, "ps1", all_right("ps1"), day=2) / f"{pupil}.txt").write_text("二")
    place, name, wrong = FULL[when]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, only(wrong, getattr(place, name)))
        amy, bob = autograde("ps1", course)
    assert amy.problem and "disk" in {flag.reason for flag in amy.flags}
    assert (bob.problem, bob.score) == ("", 5)
    files, marks = graded_files(course), rows(course)
    assert {name: text for name, text in files.items() if is_amys(name)} == {
        name: text for name, text in before[1].items() if is_amys(name)
    }
    if when != "while it is put in place":  # the gradebook comes first
        assert all(marks[key] == row for key, row in before[0].items() if key[0] == "amy" and key[3] != "submission")
    amy, bob = autograde("ps1", course)
    assert (amy.problem, amy.score, amy.flags, bob.skipped) == ("", 5, (), True)
    assert (course / "autograded" / "amy" / "ps1" / "amy.txt").read_text() == "二"
    assert not list(course.glob("autograded/*/.ps1*"))


CALLS = """
import socket, sys
told = []
for address in (*sys.argv[:2], "\\0" + sys.argv[2]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for make in (socket.socket, lambda family, kind: socket.socketpair(family, kind)[0]):
            try:
                line = make(socket.AF_UNIX, kind)
                line.sendto(b"x", address) if kind == socket.SOCK_DGRAM else line.connect(address)
                told.append((address, kind))
            except OSError:
                pass
print(told)
"""
PAIRS = """
import asyncio, multiprocessing, subprocess
async def one():
    process = await asyncio.create_subprocess_exec("echo", "2", stdout=-1)
    return int((await process.communicate())[0])
queue = multiprocessing.get_context("fork").Queue()
multiprocessing.get_context("fork").Process(target=queue.put, args=(3,)).start()
print(await one(), queue.get(timeout=10))
"""


FENCED = """
from running.system_calls import call, load_filter, system_call_filter
call("prctl", 38, 1, 0, 0, 0)
load_filter(system_call_filter(outside=True))
"""


def in_room(code: str, tmp_path: Path) -> str:
    own = Box([], hidden=tmp_path / "hidden")
    try:
        return ask(own, code)
    finally:
        own.close()


def in_fence(code: str, tmp_path: Path) -> str:
    """With the filter of a fence alone: on some machines no fence can be had."""
    body = code if "await" not in code else code.replace("print(await one()", "print(asyncio.run(one())")
    done = subprocess.run([sys.executable, "-c", FENCED + body], capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize("walled", [in_room, in_fence])
def test_no_socket_of_this_machine_is_reached_and_pairs_go_on(walled: Callable[..., str], tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with ExitStack() as sockets:
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_STREAM)
        path, datagrams, abstract = (sockets.enter_context(socket.socket(socket.AF_UNIX, kind)) for kind in kinds)
        name = f"haike-{os.getpid()}"
        for each, address in ((path, "s"), (datagrams, "d")):
            each.bind(f"{tmp_path}/{address}")
            (tmp_path / address).chmod(0o777)
        abstract.bind(f"\0{name}")
        path.listen()
        abstract.listen()
        where = f"import sys\nsys.argv = ['{tmp_path}/s', '{tmp_path}/d', '{name}']\n"
        assert walled(where + CALLS, tmp_path) == "[]"
        assert walled(PAIRS, tmp_path) == "2 3"


def test_a_parent_that_nobody_asks_for_anything_ends_by_itself() -> None:
    idle = Parent([], idle_seconds=0.2)
    idle.wait_ready()
    assert idle.process.wait(60) == 0 and not idle.is_alive
    idle.close()


def test_a_box_that_has_ended_is_not_handed_out_again(course: Path) -> None:
    step = BoxedExecute()
    first = step.living_box(course / "source" / "ps1", course)
    assert step.living_box(course / "source" / "ps1", course) is first
    first.parent.process.kill()
    first.parent.process.wait()
    second = step.living_box(course / "source" / "ps1", course)
    try:
        assert second is not first and ask(second, "print(1)") == "1"
        assert not Path(first.scratch.name).exists()
    finally:
        second.close()


def test_a_box_whose_parent_was_ended_says_so(tmp_path: Path) -> None:
    own = Box([], hidden=tmp_path)
    try:
        with opened(own) as run:
            for one in (*psutil.Process(own.parent.process.pid).children(recursive=True), own.parent.process):
                os.kill(one.pid, signal.SIGKILL)
            started = time.monotonic()
            with pytest.raises(Dead):
                run.execute("print(1)", 20)
            assert time.monotonic() - started < 5
    finally:
        own.close()
