"""Shared by all rooms' tests: products and data of a test go to a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

#: What an example or its making takes says how busy the machine is; a property holds or does not.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the classes of a real classroom. Reference runs stay shared: they are keyed by content."""
    data = tmp_path / "var"
    monkeypatch.setenv("HAIKE_DATA", str(data))
    # ipykernel's shell sets these for the whole process; what a command prints must not depend on an earlier test.
    for name in ("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    return data


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite expected files from what the code says now")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens"))
