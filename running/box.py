"""A box: one warm parent behind walls, and the stage that holds the copies it runs."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from build_paths import ROOT
from fault import Fault
from running import sandbox
from running.runner import Branch, Parent, ParentFailed, Run
from running.sandbox import STAGE, Limits


def ipython_folder() -> Path:
    """As IPython.paths finds it, without importing IPython."""
    return Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython")


def ipython_configuration() -> list[Path]:
    """The teacher's IPython configuration, which a kernel would read."""
    home = ipython_folder() / "profile_default"
    return [path for name in ("ipython_config.py", "ipython_kernel_config.py") if (path := home / name).is_file()]


PLENTY = 2 << 30  # bytes; a run may fill its folder up to Limits.folder


class NoWalls(Fault):
    """No level that is strong enough can be had here; `why` says what was tried."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class Box:
    """Opens runs for one assignment. The strongest level that works is taken; its id is `level`."""

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
        guard: str = "running.integrity",
    ) -> None:
        """`hidden` is the course directory, which no run may see. Raises NoWalls."""
        self.limits = limits or Limits()
        self.hidden = hidden
        self.needs_kernel = False  # the reference itself asks for one
        self.allowed: tuple[str, ...] = ()
        self.results: dict[str, str] = {}  # what the reference's cells show in the end, by their source
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.branches: dict[str, Branch] = {}  # notebook → the parent of those who kept its given cells
        self.turns = threading.Semaphore(os.cpu_count() or 1)  # so many run cells at a time
        modules, tried = list(modules), []
        for level in sandbox.possible_levels():
            if not sandbox.at_least(level, at_least):
                break
            own_name = f"haike-box-{os.getpid()}-"
            self.scratch = tempfile.TemporaryDirectory(prefix=own_name, dir=place(level), ignore_cleanup_errors=True)
            self.stage = sandbox.new_stage(Path(self.scratch.name))
            own = sandbox.environment(level, self.stage) | (environment or {})
            self.put_configuration(config_files)
            parent = Parent(
                modules,
                extensions=extensions,
                prefix=sandbox.command(level, self.stage, hidden, ROOT),
                environment=own,
                walls="" if level == "none" else "running.sandbox",
                level=level,
                guard=guard,
            )
            try:
                parent.wait_ready()
            except ParentFailed as error:
                tried.append(f"{sandbox.level(level).title}：{error}")
                parent.close()
                self.scratch.cleanup()
                continue
            self.parent, self.level = parent, level
            return
        why = "；".join(tried) or "这台机器上没有可用的墙"
        wanted = sandbox.level(at_least).title
        seen = f"这里建不起“{wanted}”"
        raise NoWalls(f"{seen}，没有评分（{why}）。换一台机器，或用 --level 放低要求。", f"{seen}（{why}）")

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
        seen = f"{STAGE}/{folder.name}" if self.level == "room" else str(folder)
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
        return self.level == "room"

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
        from running.walled_kernel import walled_manager

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


def place(level: str) -> str | None:
    """Where the stage is: in memory where there is plenty, since making and removing files on a disk takes its time.

    Only behind walls that hide it: below `room`, every run may write to shared memory.
    """
    shared = Path("/dev/shm")
    with suppress(OSError):
        may_run = not os.statvfs(shared).f_flag & os.ST_NOEXEC  # a hand-in may start a script of its own
        if level == "room" and may_run and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > PLENTY:
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
