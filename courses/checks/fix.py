"""`check --fix`: what a machine can put right without touching a word, spaces and jupytext's own layout."""

from __future__ import annotations

import re
from pathlib import Path

from courses.checks.layout import NOTEBOOKS, jupytext_layout
from courses.checks.prose import FORMULA, HAN
from courses.lesson import Lesson

_FREE_TEXT = re.compile(r"\s*(?:title|home|知识|技能|思维|价值观|shows|hint|alt|:alt):")
_UNTOUCHED = re.compile(r"``[^`]+``|`[^`]+`|\]\([^)]*\)|" + FORMULA + r"|(?:https?|ftp)://\S+")
_BEFORE = re.compile(rf"([{HAN}])(\*\*|)([A-Za-z0-9])")
_AFTER = re.compile(rf"([A-Za-z0-9%])(\*\*|)([{HAN}])")


def fix(lesson: Lesson) -> list[Path]:
    """Bring the files of a lesson in order; the files that changed. A file that cannot be read is left alone."""
    changed = []
    for path in sorted(lesson.folder.glob("*.md")):
        try:
            before = path.read_bytes().decode("utf-8-sig")
            after = fixed(before, notebook=path.name in NOTEBOOKS)
        except (OSError, ValueError):
            continue
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def fixed(text: str, *, notebook: bool) -> str:
    """The text with its spaces set; a notebook also in jupytext's layout."""
    spaced = set_spaces(text.replace("\r\n", "\n"))
    return jupytext_layout(spaced) if notebook else spaced


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
