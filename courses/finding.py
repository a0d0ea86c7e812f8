"""A finding: one thing the check saw, where it stands and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Level = Literal["error", "note"]


@dataclass(frozen=True, order=True)
class Finding:
    """What a rule saw at one line of one file; `seen` and `advice` are Chinese, for the lesson's author.

    Findings are values beside the data (reading never throws), so one run can report all faults.
    """

    path: Path
    line: int
    rule: str
    seen: str
    advice: str = ""
    level: Level = "error"
