"""What `./haike test` runs: every room's tests, without the slow ones unless --all is given."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pytest_arguments(everything: bool, more: list[str]) -> list[str]:
    """The arguments for pytest; a path among `more` replaces the default of all rooms."""
    paths = (
        []
        if any(not word.startswith("-") and (ROOT / word.split("::")[0]).exists() for word in more)
        else [str(ROOT / "tests")]
    )
    marks = [] if everything else ["-m", "not slow and not browser"]
    return ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *marks, *paths, *more]
