"""nbgrader's Execute in a box: the same messages, timeouts and errors, without a kernel to start.

grading.course.grade_in_a_box switches it on for the formgrader's button and for `nbgrader autograde`;
`./haike autograde` uses the same class and adds the queue around it.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec
from jupyter_core.paths import jupyter_path
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Bool, Enum, Integer, List, Unicode

from grading import part_of_points
from grading.result import Flag
from grading.submission import bring_out, copy_files, regular_files
from grading.warm_box import box_for
from running import sandbox
from running.box import Box, ipython_folder
from running.messages import MESSAGE_ID, client_messages
from running.runner import Branch, Dead, ParentFailed, Run, Unresponsive
from running.sandbox import MIB, Limits

METADATA = "haike_autograde"  # what a graded notebook says about its grading, in its metadata
#: What a wall answers the code with: the error's name, a part of its text, the reason, the teacher's words.
REFUSALS = (
    ("MemoryError", "", "memory", "要的内存太多"),
    ("BlockingIOError", "", "processes", "开的进程太多"),
    ("RuntimeError", "can't start new thread", "processes", "开的进程太多"),
    ("OSError", "File too large", "disk", "写的文件太大"),
    ("OSError", "No space left", "disk", "写的文件太大"),
)
REASONS = {
    "memory": "用的内存太多，被停下了",
    "processes": "开的进程太多，被停下了",
    "disk": "写的文件太大，被停下了",
    "output": "输出太多，后面的没有保留",
}


class BoxedExecute(Execute):
    """Runs a notebook's cells in a fork of a warm parent behind walls.

    Notebooks of other languages, and those that ask for a real kernel, are run by nbgrader's own Execute.
    """

    level = Enum(
        [one.id for one in sandbox.LEVELS],
        default_value="fence",
        help="The weakest sandbox that will do: room, fence, limits or none. Below it nothing is run.",
    ).tag(config=True)
    memory = Integer(1024, help="Megabytes of memory for one hand-in.").tag(config=True)
    processes = Integer(64, help="Processes of one hand-in at a time.").tag(config=True)
    keep_earned = Bool(
        False,
        help="Where the code's process dies or cannot be stopped, keep what was earned until then; the rest scores 0. "
        "nbgrader's way, the default, leaves such a hand-in without a mark.",
    ).tag(config=True)
    share_given = Bool(
        True,
        help="Run the ready-made cells at the head of a notebook once for a whole class, where a hand-in has left them "
        "as they are and they depend on nothing that could differ.",
    ).tag(config=True)
    pass_environment = List(Unicode(), help="Names of environment variables that hand-ins may see.").tag(config=True)

    box: Box | None = None
    has_own_files = True  # whether a hand-in holds more than its notebooks and the lesson's files
    _boxes: dict[str, Box] = {}
    _lock = threading.Lock()

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run all cells. Raises DeadKernelError and CellTimeoutError as nbclient does, and NoWalls."""
        self.flags: list[Flag] = []
        self.slowest: tuple[str, float] = ("", 0.0)
        if km is not None:
            return Execute.preprocess(self, nb, resources, km)
        self.drop_notes(nb)
        with self.on_stage(resources) as (box, stage):
            why = self.stock_reason(nb) or ("代码要和真的内核说话" if box.needs_kernel else "")
            if why:
                nb, resources = self.run_stock(box, stage, nb, resources, why)
            else:
                nb, resources = self.run_boxed(box, stage, resources["nbgrader"]["assignment"], nb, resources)
        self.flags += part_of_points.settle(nb, box.results)
        self.note(nb)
        return nb, resources

    def drop_notes(self, nb: NotebookNode) -> None:
        """What a pupil has noted in the notebook's metadata does not decide whether the teacher's cells are run."""
        nb.metadata.pop(METADATA, None)
        skipped = []
        for cell in nb.cells:
            tags = cell.metadata.get("tags", [])
            if not isinstance(tags, list):
                del cell.metadata["tags"]
            elif is_locked(cell) and self.skip_cells_with_tag in tags:
                cell.metadata["tags"] = [tag for tag in tags if tag != self.skip_cells_with_tag]
                skipped.append(str(cell.metadata["nbgrader"].get("grade_id", "")))
        if skipped:
            names = "、".join(skipped[:3])
            self.flag("changed-cell", f"检查的格子上有标签 {self.skip_cells_with_tag}（不运行），照样运行了：{names}")

    @contextmanager
    def on_stage(self, resources: Any) -> Iterator[tuple[Box, Path]]:
        """The box, and the hand-in's files on its stage; the queue has put them there already."""
        folder = Path(resources["metadata"]["path"])
        if self.box:
            yield self.box, folder
            return
        box = self.shared_box(resources)
        with box.folder() as stage:
            # Without the notebooks: they have been given their hidden tests already.
            own = [path.relative_to(folder) for path in regular_files(folder, []) if path.suffix != ".ipynb"]
            copy_files(folder, own, stage)
            yield box, stage
            bring_out(stage, folder, but={path.name for path in folder.glob("*.ipynb")})

    def run_boxed(
        self, box: Box, folder: Path, name: str, nb: NotebookNode, resources: Any
    ) -> tuple[NotebookNode, Any]:
        NotebookClient.__init__(self, nb)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.kc = NobodyListens()  # an Output widget would tell its kernel what it has captured
        nb.metadata["language_info"] = from_dict(box.language_info)
        with ExitStack() as last, box.turns:  # the end of a run is waited for when the next may run already
            run = self.open_run(box, folder, name, resources["nbgrader"]["notebook"], nb)
            last.callback(run.close)
            self.run_cells(run, nb)
        if run.strays.count:
            self.flag("integrity", "往评分程序的通道里写了东西")
        self.set_widgets_metadata()
        return self.nb, self.resources

    def open_run(self, box: Box, folder: Path, name: str, notebook: str, nb: NotebookNode) -> Run:
        """Start where the given cells end, if this hand-in may; otherwise at the beginning."""
        branch = self.branch_of(box, notebook, nb)
        self.known_replies = list(branch.replies) if branch else []
        try:
            return box.open(folder, name, branch)
        except ParentFailed:
            if branch is None:
                raise
            box.branches.pop(notebook, None)  # something has ended it; the parent may be there still
            self.known_replies = []
            return box.open(folder, name)

    def branch_of(self, box: Box, notebook: str, nb: NotebookNode) -> Branch | None:
        """The branch that has run this hand-in's first cells already: word for word, with the same files beside it."""
        branch = box.branches.get(notebook)
        if branch is None or self.has_own_files:
            return None
        own = [cell for cell in nb.cells if self.is_run(cell)][: len(branch.given)]
        same = [cell.source for cell in own] == list(branch.given)
        return branch if same and not any(is_grade(cell) or is_solution(cell) for cell in own) else None

    def is_run(self, cell: NotebookNode) -> bool:
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped

    def run_cells(self, run: Run, nb: NotebookNode) -> None:
        for index, cell in enumerate(nb.cells):
            try:
                self.run_cell(run, cell, index)
            except (DeadKernelError, CellTimeoutError) as error:
                if not self.keep_earned:
                    raise
                self.lose(nb.cells[index:], error)
                break

    def run_cell(self, run: Run, cell: NotebookNode, index: int) -> None:
        """What nbclient's async_execute_cell does, with a child in the place of a kernel."""
        if not self.is_run(cell):
            return
        timeout = self._get_timeout(cell)
        cell.outputs = []
        self.clear_before_next_output = False
        self.code_cells_executed += 1
        trusted = is_grade(cell) and is_locked(cell)
        try:
            if self.known_replies:
                reply, timed_out = json.loads(self.known_replies.pop(0)), False
            else:
                reply, timed_out = run.execute(cell.source, timeout, trusted=trusted)
        except Dead as error:
            self.flag(error.reason if error.reason in REASONS else "died", REASONS.get(error.reason, "程序中途退出了"))
            raise DeadKernelError("Kernel died") from None
        except Unresponsive:
            self.flag("time", f"有一格超过 {timeout} 秒，停不下来")
            raise CellTimeoutError.error_from_timeout_and_cell(
                "Timeout waiting for IOPub output", int(timeout or 0), cell
            ) from None
        if trusted:
            reply["messages"] = self.own_result(cell.source, reply)
        for message in client_messages(reply):
            if not self.append_text(message, cell.outputs):
                self.process_message(message, cell, index)
        cell["execution_count"] = reply["count"]
        self.notice(cell, reply, timed_out, timeout)
        content = {key: reply.get(key) for key in ("status", "ename", "evalue", "traceback")}
        if timed_out:
            if not self.interrupt_on_timeout:
                raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", int(timeout or 0), cell)
            if self.error_on_timeout:
                content = dict(self.error_on_timeout) | {"status": "error"}
        self.on_cell_executed(cell=cell, cell_index=index, execute_reply={"content": content})
        allows_errors = self.allow_errors or "raises-exception" in cell.metadata.get("tags", [])
        if content["status"] == "error" and (self.force_raise_errors or not allows_errors):
            raise CellExecutionError.from_cell_and_msg(cell, content)

    def append_text(self, message: dict[str, Any], outputs: list[NotebookNode]) -> bool:
        """What nbclient does with text and errors, without a look at nbformat's schema for each. Whether it was one."""
        kind, content = message["msg_type"], message["content"]
        if kind not in ("stream", "error") or self.clear_before_next_output or self.output_hook_stack[MESSAGE_ID]:
            return False
        keys = ("name", "text") if kind == "stream" else ("ename", "evalue", "traceback")
        if not all(isinstance(content.get(key), list if key == "traceback" else str) for key in keys):
            return False
        outputs.append(NotebookNode(output_type=kind, **{key: content[key] for key in keys}))
        return True

    def notice(self, cell: NotebookNode, reply: dict[str, Any], timed_out: bool, timeout: Any) -> None:
        """What a teacher should know about the cell that has just run."""
        if reply["seconds"] > self.slowest[1]:
            label = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source.strip().splitlines()[0]
            self.slowest = (label[:40], float(reply["seconds"]))
        if timed_out:
            self.flag("time", f"有一格超过 {timeout} 秒")
        if reply["overflow"]:
            self.flag("output", REASONS["output"])
        if reply["wants_kernel"]:
            self.flag("kernel", "代码要和内核说话，这里没有内核")
        for name, text, reason, words in REFUSALS:
            if reply.get("ename") == name and text in reply.get("evalue", ""):
                self.flag(reason, words)
        for remark in reply["remarks"]:
            self.flag("integrity", str(remark))

    def own_result(self, source: str, reply: dict[str, Any]) -> list[dict[str, Any]]:
        """A test's messages without results that it did not show itself: the first one would be taken for its score."""
        shown = [one for one in reply["messages"] if one["type"] == "execute_result"]
        expected = shown[-1:] if reply["status"] == "ok" and ends_with_value(source) else []
        if len(shown) > len(expected):
            self.flag("integrity", "在检查里多显示了一个结果")
        return [one for one in reply["messages"] if one not in shown or one in expected]

    def flag(self, reason: str, words: str) -> None:
        if all((one.reason, one.words) != (reason, words) for one in self.flags):
            self.flags.append(Flag(reason, words))

    def lose(self, cells: list[NotebookNode], error: Exception) -> None:
        """The cells that were not reached: their tests fail and say so."""
        name = type(error).__name__
        words = "前面的程序停住了，这一格没有运行"
        for cell in cells:
            if cell.cell_type == "code":
                output = {"output_type": "error", "ename": name, "evalue": words, "traceback": [words]}
                cell.outputs = [NotebookNode(output)]

    def note(self, nb: NotebookNode) -> None:
        """Kept with the graded notebook, for the teacher: no page for pupils shows a notebook's metadata."""
        if self.flags:
            nb.metadata[METADATA] = {"flags": [[one.reason, one.words] for one in self.flags]}

    def stock_reason(self, nb: NotebookNode) -> str:
        """Why a notebook must have a kernel of its own; empty where it need not."""
        hooks = ("start", "execute", "complete", "error")
        if any(getattr(self, f"on_cell_{hook}", None) for hook in hooks) or self.on_notebook_start:
            return "课程设置了 nbclient 的钩子"
        spec = nb.metadata.get("kernelspec", {})
        if not is_own_python(self.kernel_name or spec.get("name") or "python3"):
            return f"内核是 {spec.get('display_name') or spec.get('name') or self.kernel_name}"
        return ""

    def run_stock(self, box: Box, stage: Path, nb: NotebookNode, resources: Any, why: str) -> tuple[NotebookNode, Any]:
        """nbgrader's own Execute, with a kernel of its own behind the walls there are. Raises StockRefused."""
        self.flag("stock", f"{why}：用 nbgrader 原来的办法评的，要慢得多")
        path = resources["metadata"]["path"]
        resources["metadata"]["path"] = str(stage)
        before: Any = self.kernel_manager_class  # type: ignore[has-type]
        try:
            if box.level == "room":
                self.kernel_manager_class = box.kernel_manager(stage)
            elif self.level != "none":
                raise StockRefused(f"{why}，在这台机器上只能不带墙运行；要允许，用 --level none")
            nb, _ = Execute.preprocess(self, nb, resources)
        finally:
            resources["metadata"]["path"] = path
            self.kernel_manager_class = before
        return nb, resources

    def shared_box(self, resources: Any) -> Box:
        """This process's box for the assignment, kept warm for the next hand-in."""
        coursedir = self.parent.parent.coursedir  # the exporter's converter
        source = coursedir.format_path(coursedir.source_directory, ".", resources["nbgrader"]["assignment"])
        return self.living_box(Path(source), Path(coursedir.root))

    def living_box(self, source: Path, course: Path) -> Box:
        """The box that stands already, or a new one where nobody has used it for long or something has ended it."""
        key = f"{source} {self.level} {self.memory} {self.processes}"
        with self._lock:
            box = self._boxes.get(key)
            if box is None or not box.parent.is_alive:
                if box:
                    atexit.unregister(box.close)
                    box.close()
                box = self._boxes[key] = box_for(source, course, self.level, self.limits(), self.passed())
                atexit.register(box.close)
            return box

    def limits(self) -> Limits:
        return Limits(memory=self.memory * MIB, processes=self.processes)

    def passed(self) -> dict[str, str]:
        return {name: os.environ[name] for name in self.pass_environment if name in os.environ}


class NobodyListens:
    """Stands where nbclient keeps its connection to a kernel; what is sent there is heard by nobody."""

    session = shell_channel = property(lambda self: self)

    def msg(self, *_: Any, **__: Any) -> None: ...

    def send(self, *_: Any, **__: Any) -> None: ...


#: CPython 3.11 counts how deep ast.parse is once for all threads, and stumbles when two are in it (gh-106905).
_parsing = threading.Lock()


@cache
def ends_with_value(source: str) -> bool:
    """Whether the last thing a cell does is to show a value; one that is no plain Python may."""
    try:
        with _parsing:
            body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return True
    return bool(body) and isinstance(body[-1], ast.Expr)


class StockRefused(Exception):
    """A notebook that can only be run without walls, where walls are asked for."""


@cache
def is_own_python(kernel: str) -> bool:
    """Whether a kernel of this name runs ipykernel in this very environment; what is not installed is nbclient's.

    Looked for where jupyter_client's KernelSpecManager flags, which imports all of IPython to know where that is.
    """
    # "python" is what jupyter_client calls this environment's own kernel as well.
    name = NATIVE_KERNEL_NAME if kernel == "python" else kernel.lower()
    bases = [*map(Path, jupyter_path("kernels")), ipython_folder() / "kernels"]
    folders = [one for base in bases if base.is_dir() for one in base.iterdir()]
    found = next((one for one in folders if one.name.lower() == name and (one / "kernel.json").is_file()), None)
    if found is None:
        return name == NATIVE_KERNEL_NAME
    spec = KernelSpec.from_resource_dir(str(found))
    if spec.language != "python" or "ipykernel_launcher" not in spec.argv or "kernel_provisioner" in spec.metadata:
        return False
    program = spec.argv[0]
    return program in ("python", "python3") or Path(program).absolute() == Path(sys.executable)
