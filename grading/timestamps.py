"""When a hand-in was handed in, read from its timestamp.txt whatever its zone is called.

nbgrader writes the zone's abbreviation and reads back the few that its machine knows: CST is read as UTC, +0800 as 800
seconds. Here a zone counts if the course has set it, if it is an offset or a name of the zone data, or if it is what
Windows and people call China's time.
"""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from dateutil import parser
from dateutil.tz import gettz

HERE = "Asia/Shanghai"
HERE_NAMES = {"CST", "中国标准时间", "北京时间", "CHINA STANDARD TIME"}
#: A date and a time of day, then the zone's name or offset, if any.
WHEN = re.compile(r"(?P<when>.*?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp][Mm])?)\s*(?P<zone>.*)", re.DOTALL)
OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+\-−])(\d{1,2}):?(\d{2})?\)?", re.IGNORECASE)
ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*")
LONGEST = 200  # characters; whoever writes more has not written a time


class Unreadable(ValueError):
    """A time that cannot be told; the text is the teacher's."""


def read_timestamp(folder: Path, zone: str | None) -> datetime | None:
    """In UTC, without saying so, as nbgrader keeps it; None where there is no file. Raises Unreadable.

    `zone` is the course's Exchange.timezone, in which nbgrader has written it.
    """
    path = folder / "timestamp.txt"
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None  # a pipe would be waited for, a link may lead anywhere
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            text = file.read(LONGEST).strip()
    except OSError:
        return None
    return parse(text, zone)


def parse(text: str, zone: str | None) -> datetime:
    """Without a zone it is UTC, as nbgrader has it. Raises Unreadable."""
    found = WHEN.fullmatch(text)
    shown = text if text.isprintable() else repr(text)
    try:
        when = parser.parse(found["when"] if found else text)
        own = zone_of(found["zone"], when, zone) if found else UTC
        if own is None:  # the year may stand behind the time, or a word that dateutil knows
            when = parser.parse(text, tzinfos=lambda name, offset: zone_of(name or "", when, zone) or None)
            if when.tzinfo is None:
                raise Unreadable(f"交作业的时间“{shown[:40]}”里的时区不认识")
        elif when.tzinfo is None:
            when = when.replace(tzinfo=own)
        return when.astimezone(UTC).replace(tzinfo=None)
    except Unreadable:
        raise
    except (ValueError, OverflowError, TypeError, AttributeError):
        raise Unreadable(f"交作业的时间“{shown[:40]}”读不懂") from None


def zone_of(name: str, when: datetime, course_zone: str | None) -> tzinfo | None:
    """The zone of this name at that time; None if nobody knows it."""
    name = name.strip()
    if name.upper() in ("", "Z", "UT", "UTC", "GMT"):
        return UTC
    if offset := OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    own = gettz(course_zone) if course_zone else None
    if own and name in {when.replace(tzinfo=own, fold=fold).tzname() for fold in (0, 1)}:
        return own
    if name.upper() in HERE_NAMES:
        return gettz(HERE)
    return gettz(name) if ZONE_NAME.fullmatch(name) else None
