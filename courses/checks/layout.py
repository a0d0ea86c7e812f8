"""jupytext's own layout and the spacing of Chinese text: what `check --fix` brings in order.

A file in this layout does not change when it is opened and saved in JupyterLab, so a diff shows only what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jupytext
import yaml

from courses.checks.prose import HAN
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson

#: jupytext drops `haike` on saving unless told to keep it, and writes its own version number unless told not to.
FILTER = "haike,-jupytext.text_representation.jupytext_version"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
NOTEBOOKS = ("lesson.md", "mistakes.md")

_FREE_TEXT = re.compile(r"\s*(?:title|home|知识|技能|思维|价值观|shows|hint|alt|:alt):")
_UNTOUCHED = re.compile(r"``[^`]+``|`[^`]+`|\]\([^)]*\)|\$[^$\s][^$]*\$|(?:https?|ftp)://\S+")
_BEFORE = re.compile(rf"([{HAN}])(\*\*|)([A-Za-z0-9])")
_AFTER = re.compile(rf"([A-Za-z0-9%])(\*\*|)([{HAN}])")


def fix(folder: Path) -> list[Path]:
    """Bring the files of a lesson in order; the files that changed. A file that cannot be read is left alone."""
    changed = []
    for path in sorted(folder.glob("*.md")):
        try:
            before = path.read_bytes().decode("utf-8-sig")
            after = fixed(before, notebook=path.name in NOTEBOOKS)
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def fixed(text: str, *, notebook: bool) -> str:
    """The text with its spaces set; a notebook also in jupytext's layout."""
    spaced = set_spaces(text.replace("\r\n", "\n"))
    return jupytext_layout(spaced) if notebook else spaced


@cache
def jupytext_layout(text: str) -> str:
    """The text as jupytext itself would write it. Raises ValueError where jupytext cannot read it."""
    try:
        notebook = jupytext.reads(text, fmt="md:myst")
        settings = notebook.metadata.setdefault("jupytext", {})
        settings["notebook_metadata_filter"] = FILTER
        notebook.metadata.setdefault("kernelspec", dict(KERNEL))
        return jupytext.writes(notebook, fmt="md:myst")
    except Exception as error:
        raise ValueError(str(error)) from error


def set_spaces(text: str) -> str:
    """One space between Chinese and Latin letters or digits, in prose only: never in code, addresses or options."""
    rows = text.split("\n")
    out: list[str] = []
    closed = ""
    front = bool(rows) and rows[0].strip() == "---"
    options = False
    for number, row in enumerate(rows):
        fence = re.match(r"\s*(```+|~~~+)", row)
        if front:
            front = number == 0 or row.strip() != "---"
            out.append(_spaced(row) if _FREE_TEXT.match(row) else row)
        elif fence and (not closed or row.strip() == closed):
            closed = "" if closed else fence[1]
            options = bool(closed)
            out.append(row)
        elif closed:
            # Inside a code cell only the Chinese of its options (alt, shows, hint) is prose.
            options = options and (row.startswith((":", "---", " ")) or bool(re.match(r"[\w-]+:", row)))
            out.append(_spaced(row) if options and _FREE_TEXT.match(row) else row)
        else:
            out.append(row if row.startswith("+++") else _spaced(row))
    return "\n".join(out)


def _spaced(row: str) -> str:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    row = _UNTOUCHED.sub(keep, row)
    row = _BEFORE.sub(lambda found: _join(found, row), row)
    row = _AFTER.sub(lambda found: _join(found, row), row)
    return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], row)


def _join(found: re.Match[str], row: str) -> str:
    """A space on the outer side of bold marks: 共**3**张 → 共 **3** 张."""
    bold = found[2]
    opens = bold and row.count("**", 0, found.start(2)) % 2 == 0
    return f"{found[1]} {bold}{found[3]}" if opens or not bold else f"{found[1]}{bold} {found[3]}"


@lesson_rule(
    "layout",
    what="lesson.md 和 mistakes.md 用 jupytext 自己的排版",
    why="这样在 JupyterLab 里打开再保存，文件一个字也不变",
    advice="运行 ./haike check --fix",
)
def layout(lesson: Lesson) -> Iterator[Seen]:
    for name in NOTEBOOKS:
        try:
            text = (lesson.folder / name).read_bytes().decode("utf-8")
            wanted = jupytext_layout(text)
        except (OSError, UnicodeDecodeError):
            continue  # reading has said it already
        except ValueError:
            yield Seen(1, "jupytext 读不了这个文件", "先改正别的错误，再运行一次", file=name)
            continue
        if text != wanted:
            yield Seen(_first_difference(text, wanted), "这里和 JupyterLab 保存出来的不一样", file=name)


def _first_difference(text: str, wanted: str) -> int:
    for number, (ours, theirs) in enumerate(zip(text.split("\n"), wanted.split("\n"), strict=False), 1):
        if ours != theirs:
            return number
    return text.count("\n") + 1
