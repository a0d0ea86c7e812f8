"""A box: one warm parent behind walls, and the stage that holds the copies it runs."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from courses.build_paths import ROOT
from courses.fault import Fault
from courses.given_cells import leading
from courses.runner import WARM, Branch, Parent, ParentFailed, Run, modules_of
from grading import sandbox
from grading.sandbox import STAGE, Limits


def box_for(
    source: Path,
    course: Path,
    at_least: str = "fence",
    limits: Limits | None = None,
    environment: dict[str, str] | None = None,
) -> Box:
    """A box that has imported what the reference in `source` imports; Haike's lessons as in class. Raises NoWalls."""
    modules = modules_of(reference_cells(read_reference(source)))
    is_haike = any(name.split(".")[0] == "kits" for name in modules)
    return Box(
        [*WARM, *modules] if is_haike else modules,
        hidden=course,
        extensions=("kits.startup",) if is_haike else (),
        limits=limits,
        at_least=at_least,
        environment=environment,
        config_files=() if is_haike else ipython_configuration(),
    )


@contextmanager
def opening_early(source: Path, course: Path, at_least: str = "fence") -> Iterator[Future[Box]]:
    """A box on its way while the caller does something else; closed at the end, used or not."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(box_for, source, course, at_least)
        try:
            yield future
        finally:
            with suppress(NoWalls):
                future.result().close()


Reference = dict[str, list[tuple[str, bool]]]


def read_reference(source: Path) -> Reference:
    """Teacher's notebook → its cells that hold code, and whether each is only given: neither answered nor a test.

    Read as JSON: a box is opened while nbformat is still being imported. What cannot be read is nothing.
    """
    found: Reference = {}
    for path in sorted(source.glob("*.ipynb")):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # only speed depends on it
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                text, marks = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
                if cell["cell_type"] == "code" and text.strip():
                    is_given = not any(marks.get(key) for key in ("grade", "solution", "task"))
                    found.setdefault(path.stem, []).append((text, is_given))
    return found


def reference_cells(reference: Reference) -> list[str]:
    """All code, in order."""
    return [text for cells in reference.values() for text, _ in cells]


def given_cells(reference: Reference) -> dict[str, list[str]]:
    """Notebook → the cells at its head that a class may share one run of, as far as their text tells."""
    return {
        name: leading(text for text, _ in itertools.takewhile(lambda one: one[1], cells))
        for name, cells in reference.items()
    }


def ipython_folder() -> Path:
    """As IPython.paths finds it, without importing IPython."""
    return Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython")


def ipython_configuration() -> list[Path]:
    """The teacher's IPython configuration, which a kernel would read."""
    home = ipython_folder() / "profile_default"
    return [path for name in ("ipython_config.py", "ipython_kernel_config.py") if (path := home / name).is_file()]


PLENTY = 2 << 30  # bytes; a run may fill its folder up to Limits.folder


class NoWalls(Fault):
    """No rung that is strong enough can be had here."""


class Box:
    """Opens runs for one assignment. The strongest rung that works is taken; its id is `rung`."""

    def __init__(
        self,
        modules: Iterable[str],
        *,
        hidden: Path,
        extensions: Sequence[str] = (),
        limits: Limits | None = None,
        at_least: str = "fence",
        environment: dict[str, str] | None = None,
        config_files: Iterable[Path] = (),
    ) -> None:
        """`hidden` is the course directory, which no run may see. Raises NoWalls."""
        self.limits = limits or Limits()
        self.hidden = hidden
        self.needs_kernel = False  # the reference itself asks for one
        self.allowed: tuple[str, ...] = ()
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.branches: dict[str, Branch] = {}  # notebook → the parent of those who kept its given cells
        self.turns = threading.Semaphore(os.cpu_count() or 1)  # so many run cells at a time
        modules, tried = list(modules), []
        for rung in sandbox.possible_rungs():
            if not sandbox.at_least(rung, at_least):
                break
            own_name = f"haike-box-{os.getpid()}-"
            self.scratch = tempfile.TemporaryDirectory(prefix=own_name, dir=place(rung), ignore_cleanup_errors=True)
            self.stage = sandbox.new_stage(Path(self.scratch.name))
            own = sandbox.environment(rung, self.stage) | (environment or {})
            self.put_configuration(config_files)
            parent = Parent(
                modules,
                extensions=extensions,
                prefix=sandbox.command(rung, self.stage, hidden, ROOT),
                environment=own,
                walls="" if rung == "none" else "grading.sandbox",
                rung=rung,
                guard="grading.integrity",
            )
            try:
                parent.wait_ready()
            except ParentFailed as error:
                tried.append(f"{sandbox.rung(rung).title}：{error}")
                parent.close()
                self.scratch.cleanup()
                continue
            self.parent, self.rung = parent, rung
            return
        why = "；".join(tried) or "这台机器上没有可用的墙"
        wanted = sandbox.rung(at_least).title
        raise NoWalls(f"这里建不起“{wanted}”，没有评分（{why}）。换一台机器，或用 --rung 放低要求。")

    def put_configuration(self, files: Iterable[Path]) -> None:
        """The teacher's own IPython configuration, as a kernel would read it."""
        profile = self.stage / "cache" / "ipython" / "profile_default"
        for file in files:
            profile.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, profile / file.name)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new empty folder on the stage, removed afterwards with whatever a run left in it."""
        with self.lock:
            path = self.stage / f"r{next(self.numbers)}"
        path.mkdir(mode=0o755)
        try:
            yield path
        finally:
            shutil.rmtree(path, onerror=make_removable)

    def open(self, folder: Path, name: str, branch: Branch | None = None) -> Run:
        """Start a run in a folder of the stage; `name` is what the folder is called where the code sees it.

        A run of a `branch` goes on where the cells end that the branch was given.
        """
        sandbox.give_to_runner(folder)
        seen = f"{STAGE}/{folder.name}" if self.rung == "room" else str(folder)
        own = {"name": safe_name(name), "limits": asdict(self.limits), "allowed": self.allowed}
        return (branch or self.parent).open(seen, {"HAIKE_LESSON": name}, **own)

    @property
    def language_info(self) -> dict[str, Any]:
        """What a kernel of this Python writes into a notebook it has run."""
        assert self.parent.ready, "a box is not there before its parent"
        found: dict[str, Any] = self.parent.ready["language_info"]
        return found

    @property
    def may_share(self) -> bool:
        """Only a room hides a branch's folder from the runs that are forked from it."""
        return self.rung == "room"

    def share(self, notebook: str, given: Sequence[str], folder: Path, name: str, *, many: bool) -> bool:
        """Run a notebook's given cells once, in a folder that holds what every hand-in holds. Whether they can be."""
        sandbox.give_to_runner(folder)
        own = {"name": safe_name(name), "limits": asdict(self.limits), "many": many}
        branch = self.parent.branch(given, f"{STAGE}/{folder.name}", {"HAIKE_LESSON": name}, **own)
        if branch:
            self.branches[notebook] = branch
        return branch is not None

    def kernel_manager(self, folder: Path) -> type:
        """For a notebook that needs a whole kernel: a manager class that starts it behind walls, in `folder`."""
        from grading.walled_kernel import walled_manager

        with self.lock:  # a short name: a socket's path may be 107 bytes long
            scratch = self.stage / f"k{next(self.numbers)}"
        scratch.mkdir()
        sandbox.give_to_runner(folder)
        sandbox.give_to_runner(scratch)

        def wall(program: Path) -> list[str]:
            return sandbox.kernel_command(program, folder, scratch, self.stage, self.hidden, self.limits)

        return walled_manager(scratch, wall, sandbox.environment("room", self.stage) | {"TMPDIR": "/tmp"})

    def close(self) -> None:
        for branch in self.branches.values():
            branch.close()
        self.parent.close()
        self.scratch.cleanup()


def place(rung: str) -> str | None:
    """Where the stage is: in memory where there is plenty, since making and removing files on a disk takes its time.

    Only behind walls that hide it: below `room`, every run may write to shared memory.
    """
    shared = Path("/dev/shm")
    with suppress(OSError):
        may_run = not os.statvfs(shared).f_flag & os.ST_NOEXEC  # a hand-in may start a script of its own
        if rung == "room" and may_run and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > PLENTY:
            sweep(shared)
            return str(shared)
    return None


def sweep(shared: Path) -> None:
    """What killed commands of this user left in memory; on a disk it would cost nobody anything."""
    for path in shared.glob("haike-box-*"):
        owner = path.name.split("-")[2]
        if path.lstat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(path, ignore_errors=True)


def make_removable(remove: object, path: str, _: object) -> None:
    """A run may leave folders without permissions."""
    target = Path(path)
    target.parent.chmod(0o755)
    if target.is_dir() and not target.is_symlink():
        target.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
    else:
        target.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    return name.replace("/", "_") if name not in ("", ".", "..") else "work"
