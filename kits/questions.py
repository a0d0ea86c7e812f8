"""The options, key and hints of a lesson's self-tests, in one file beside the released notebook.

    questions.bin = base64 of {"version": 1, "questions": [{"question": "…", "options": [["…", true, "…"], …]}]}

Encoded, not encrypted: nobody is kept from decoding it, but no eye falls on the key above the question. Not compressed
either: the browser decodes the same form at once, and the bytes are the same on every machine.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["FILE", "NotFound", "options_of", "packed", "seal", "unseal"]

FILE = "questions.bin"
VERSION = 1

#: Each option as the author writes it: its text, whether it is right, its hint.
Options = Sequence[Sequence[Any]]


class NotFound(Exception):
    """The file beside the notebook does not have this question; the message is Chinese and for the pupil."""

    def __init__(self, why: str) -> None:
        super().__init__(f"这道题的选项没有取到（{why}），先做后面的，再告诉老师。")


def seal(value: Any) -> str:
    """A JSON value as text that says nothing to the eye. The same value gives the same text."""
    return base64.b64encode(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def unseal(text: str) -> Any:
    """The value again. Raises ValueError."""
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, UnicodeError, RecursionError) as error:
        raise ValueError("not sealed") from error


def packed(questions: Iterable[tuple[str, Options]]) -> bytes:
    """What stands in the file, for (question, options)."""
    listed = [{"question": question, "options": options} for question, options in questions]
    return (seal({"version": VERSION, "questions": listed}) + "\n").encode()


def options_of(question: str, folder: Path | None = None) -> Options:
    """The options of a question, from the file in the folder (the notebook's own). Raises NotFound."""
    try:
        path = (folder or Path.cwd()) / FILE
        stat = path.stat()
        kept = _read(path, stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        raise NotFound(f"{FILE} 不在笔记旁边") from None
    except (OSError, ValueError):
        raise NotFound(f"{FILE} 读不出来") from None
    if question not in kept:
        raise NotFound(f"{FILE} 里没有这一题")
    return kept[question]


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> Mapping[str, Options]:
    """Once for a notebook, not once for a question. Raises OSError, ValueError."""
    document = unseal(path.read_text("ascii").strip())
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError("another version")
    listed = document.get("questions")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("no questions")
    return {str(one.get("question")): one.get("options") or [] for one in listed}
