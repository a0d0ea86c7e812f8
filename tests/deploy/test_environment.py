"""pyproject.toml, requirements.lock and environment.yml name the same packages; the door makes its environment once."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy import environment

ROOT = Path(__file__).resolve().parents[2]


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    found = [Requirement(line) for line in [*project["dependencies"], *(line for extra in extras for line in extra)]]
    return {canonicalize_name(one.name): one for one in found}


def locked() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    }


def test_the_lock_holds_every_declared_package_in_a_fitting_version() -> None:
    lock = locked()
    for name, requirement in declared().items():
        assert name in lock, f"{name} is in pyproject.toml and not in requirements.lock"
        assert requirement.specifier.contains(lock[name], prereleases=True), f"{name} {lock[name]}"


def test_environment_yml_names_the_same_packages() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"][-1]["pip"]
    assert sorted(listed, key=str.lower) == sorted(raw_declared(), key=str.lower)


def raw_declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(
        {*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)}
    )


def test_every_locked_file_has_a_hash_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "--index-url" not in text
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= len(locked()) > 200, "a package may stand twice, for two systems"
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_nothing_compiles_the_grammar_of_all_addresses() -> None:
    """rfc3987-syntax costs each start of Sphinx, nbgrader, the hub and a pupil's server 2.5 seconds."""
    assert importlib.util.find_spec("jsonschema") and not importlib.util.find_spec("rfc3987_syntax")


def test_a_fault_of_the_machine_is_one_chinese_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, environment.__file__, str(tmp_path), "/proc/nowhere/env"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "不能写" in done.stderr and "Traceback" not in done.stderr


def test_an_old_python_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 1))
    with pytest.raises(environment.Stop, match="3.11"):
        environment.main(tmp_path, tmp_path / "env")


def test_a_whole_environment_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.lock").write_text("nothing", encoding="utf-8")
    env = tmp_path / "有 空格" / "env"
    env.mkdir(parents=True)
    (env / "haike.lock").write_text("nothing", encoding="utf-8")
    monkeypatch.setattr(environment, "run", lambda command: pytest.fail(f"ran {command}"))
    environment.main(tmp_path, env)


def test_a_python_without_venv_is_told_which_package_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ensurepip is not available")
    monkeypatch.setattr(environment.subprocess, "run", lambda *command, **more: failed)
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(environment.Stop, match="python3-venv"):
        environment.find_uv(tmp_path / "env")


def test_uv_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/opt/uv")
    assert environment.find_uv(tmp_path / "env") == ["/opt/uv"]


def test_the_door_finds_its_room_through_a_link_and_from_elsewhere(tmp_path: Path) -> None:
    link = tmp_path / "海 课"
    link.symlink_to(ROOT / "haike")
    done = subprocess.run([str(link), "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "课堂" in done.stdout
