"""What `./haike test` runs: every room's tests, without the slow ones unless --all is given."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pytest_arguments(everything: bool, more: list[str]) -> list[str]:
    """The arguments for pytest; a path among `more` replaces the default of all rooms.

    All the quick tests are spread over the cores, file by file; the slow ones measure, serve and drive a browser, so
    .ci/run says itself which of them may stand side by side.
    """
    named = any(not word.startswith("-") and (ROOT / word.split("::")[0]).exists() for word in more)
    paths = [] if named else [str(ROOT / "tests")]
    marks = [] if everything else ["-m", "not slow and not browser"]
    side_by_side = [] if named or everything else ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    return ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *marks, *side_by_side, *paths, *more]
