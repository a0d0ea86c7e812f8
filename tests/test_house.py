"""The house is in order: lint, types, what the README promises, and nothing in it that belongs elsewhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked() -> list[Path]:
    return [ROOT / name for name in run("git", "ls-files", "-z").split("\0") if name]


def test_lint() -> None:
    run(sys.executable, "-m", "ruff", "check", ".")


def test_what_is_imported_is_declared_and_what_is_declared_is_used(tmp_path: Path) -> None:
    run(sys.executable, "-m", "deptry", ".")
    found = tmp_path / "found.json"
    subprocess.run(
        [sys.executable, "-m", "deptry", ".", "--per-rule-ignores", "DEP001=nothing", "--json-output", str(found)],
        cwd=ROOT,
        capture_output=True,
    )
    ignored = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["deptry"]["per_rule_ignores"]
    needed = {(one["error"]["code"], one["module"]) for one in json.loads(found.read_text(encoding="utf-8"))}
    assert {(rule, name) for rule, names in ignored.items() for name in names} == needed, "an exception nobody needs"


@pytest.mark.slow
def test_types() -> None:
    run(sys.executable, "-m", "mypy")


def test_the_readme_names_the_two_commands_and_its_pictures_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "./haike up" in readme and "./haike test" in readme
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme):
        assert (ROOT / name).is_file(), name


def test_no_generated_notebook_is_kept() -> None:
    assert not [path for path in tracked() if path.suffix == ".ipynb"]


def test_no_file_is_larger_than_it_must_be() -> None:
    large = [path.name for path in tracked() if path.is_file() and path.stat().st_size > 2 * 2**20]
    assert not large


FILE_LINES, FUNCTION_LINES = 450, 60
#: A line of JavaScript that opens a function or a method, which ends with a brace at the same indent. Not the one that
#: a classic script is wrapped in.
OPENS_FUNCTION = re.compile(r"(?P<indent>\s*)(?!\s|\}|\(function|(?:if|for|while|switch|catch|else)\b).*(?:\)|=>)\s*\{")


def own_sources(*kinds: str) -> list[Path]:
    """Our Python and JavaScript; what pupils hand in, in the corpus, is theirs."""
    return [path for path in tracked() if path.suffix in kinds and "submissions" not in path.parts and path.is_file()]


def long_functions(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
                yield node.name
        return
    rows = text.split("\n")
    for number, row in enumerate(rows):
        if found := OPENS_FUNCTION.fullmatch(row.rstrip()):
            end = found["indent"] + "}"
            length = next((n for n, line in enumerate(rows[number + 1 :], 2) if line.startswith(end)), 0)
            if length > FUNCTION_LINES:
                yield f"{path.name}: {row.strip()}"


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    long = [
        path.relative_to(ROOT).as_posix()
        for path in own_sources(".py", ".js")
        if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES
    ]
    assert not long


def test_no_function_is_longer_than_a_screen() -> None:
    assert not [name for path in own_sources(".py", ".js") for name in long_functions(path)]


def test_no_address_of_a_machine_or_a_package_index() -> None:
    index = "|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.org", "deb" + r"\.debian"))
    home = re.compile("|".join((index, "/ro" + "ot/", "/ho" + "me/[a-z]+/")).encode())
    bad = [
        str(path) for path in tracked() if path.is_file() and path.suffix != ".lock" and home.search(path.read_bytes())
    ]
    assert not bad


@pytest.mark.parametrize(
    "command", ["up", "test", "check", "new", "watch", "lab", "release", "teacher", "autograde", "feedback"]
)
def test_help_is_chinese_and_has_an_example(command: str) -> None:
    from typer.testing import CliRunner

    import door

    door.join_rooms()
    result = CliRunner().invoke(door.app, [command, "--help"], terminal_width=120)
    assert result.exit_code == 0, result.output
    assert "例：" in result.output and f"./haike {command}" in result.output


def test_groups_of_commands_have_examples() -> None:
    from typer.testing import CliRunner

    import door

    door.join_rooms()
    for words in (
        ["class", "list"],
        ["class", "assign"],
        ["class", "collect"],
        ["class", "scores"],
        ["book", "build"],
        ["book", "serve"],
    ):
        result = CliRunner().invoke(door.app, [*words, "--help"], terminal_width=120)
        assert result.exit_code == 0 and "例：" in result.output, words
