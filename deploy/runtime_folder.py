"""A short private folder for sockets: a kernel's socket path may have 107 bytes at most, and homes can lie deep."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path


def _root(data: Path) -> Path:
    mark = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:8]
    base = Path("/tmp") if os.name == "posix" else Path(tempfile.gettempdir())
    return base / f"hk{os.getuid() if os.name == 'posix' else ''}-{mark}"


def runtime_folder(data: Path, name: str) -> Path:
    """The folder of one server, mode 0700 and ours: in /tmp anybody could have made it before us."""
    for folder in (_root(data), _root(data) / name):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (os.name == "posix" and found.st_uid != os.getuid()):
            raise PermissionError(f"临时文件夹 {folder} 属于别人，请删掉它再启动。")
        folder.chmod(0o700)
    return folder


def clear(data: Path) -> None:
    shutil.rmtree(_root(data), ignore_errors=True)
