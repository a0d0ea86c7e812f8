"""The page 评分引擎 says what the code does: its commands parse, its levels and limits are the grader's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import door
from running import sandbox

PAGE = (Path(__file__).parents[2] / "book" / "pages" / "engine.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\./haike (.+)$", PAGE, re.MULTILINE)


def test_there_are_commands_on_the_page() -> None:
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_on_the_page_parses(line: str) -> None:
    door.join_rooms()
    words = line.split()
    command = typer.main.get_command(door.app)
    with command.make_context("./haike", words, resilient_parsing=True) as context:
        name, sub, rest = command.resolve_command(context, words)  # type: ignore[attr-defined]
        assert name == "autograde" and sub.make_context(name, list(rest), parent=context).params["assignment"]


def test_rungs_are_described_as_the_grader_prints_them() -> None:
    for level in sandbox.LEVELS:
        assert f"| {level.title} `{level.id}` | {level.promises} | {level.leaves_open} |" in PAGE


def test_limits_are_the_graders_own() -> None:
    limits, mib = sandbox.Limits(), sandbox.MIB
    for words in (
        f"| 内存 | {limits.memory // mib} MB；",
        f"| 进程 | {limits.processes} 个 |",
        f"| 一个文件 | {limits.file // mib} MB |",
        f"| 文件夹 | {limits.folder // mib} MB |",
        f"| 输出 | {limits.output // mib} MB；",
        f"每个进程 {limits.cpu} 秒",
    ):
        assert words in PAGE, words
