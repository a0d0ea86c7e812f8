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

from courses.build_paths import ROOT
from courses.fault import Fault
from courses.runner import WARM, Parent, ParentFailed, Run, modules_of
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
    modules = modules_of(reference_cells(source))
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


def reference_cells(source: Path) -> list[str]:
    """The code of an assignment's teacher's notebooks, in order; what cannot be read is nothing.

    Read as JSON: a box is opened while nbformat is still being imported.
    """
    cells = []
    for path in sorted(source.glob("*.ipynb")):
        with suppress(OSError, ValueError, KeyError, TypeError):  # only warmth depends on it
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "code":
                    cells.append("".join(cell["source"]))
    return cells


def ipython_configuration() -> list[Path]:
    """The teacher's IPython configuration, which a kernel would read."""
    home = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython") / "profile_default"
    return [path for name in ("ipython_config.py", "ipython_kernel_config.py") if (path := home / name).is_file()]


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
        self.turns = threading.Semaphore(os.cpu_count() or 1)  # so many run cells at a time
        self.scratch = tempfile.TemporaryDirectory(prefix="haike-box-", ignore_cleanup_errors=True)
        self.stage = sandbox.new_stage(Path(self.scratch.name))
        modules, tried = list(modules), []
        for rung in sandbox.possible_rungs():
            if not sandbox.at_least(rung, at_least):
                break
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
                continue
            self.parent, self.rung = parent, rung
            return
        self.scratch.cleanup()
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

    def open(self, folder: Path, name: str) -> Run:
        """Start a run in a folder of the stage; `name` is what the folder is called where the code sees it."""
        sandbox.give_to_runner(folder)
        seen = f"{STAGE}/{folder.name}" if self.rung == "room" else str(folder)
        return self.parent.open(
            seen, {"HAIKE_LESSON": name}, name=safe_name(name), limits=asdict(self.limits), allowed=self.allowed
        )

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
        self.parent.close()
        self.scratch.cleanup()


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
