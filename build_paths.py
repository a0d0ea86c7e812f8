"""Where products go (build/, may be deleted at any time) and where what must survive lives (var/)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent


def build_dir() -> Path:
    """Products: HAIKE_BUILD, or build/ beside the rooms."""
    return Path(os.environ.get("HAIKE_BUILD") or ROOT / "build")


def data_dir() -> Path:
    """Classes, hand-ins, marks, pupils' homes: HAIKE_DATA, or var/ beside the rooms."""
    return Path(os.environ.get("HAIKE_DATA") or ROOT / "var")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a whole file or leave the old one: a full disk or a killed process damages nothing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
