"""A list of people as schools write it: whatever encoding, comma and spacing a spreadsheet made, every fault said.

roster.csv of a class (its last column is `secret`) and the list a teacher writes (`password`) are read alike.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fault import reason

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
#: The formgrader of a class signs in to the hub under such a name: a pupil of that name would open it.
RESERVED = "grader-"
COLUMNS = {
    "id": ("id", "编号", "账号", "学号"),
    "name": ("name", "姓名", "名字"),
    "role": ("role", "身份", "角色"),
    "password": ("password", "密码"),
    "secret": ("secret",),
}
ROLES = {"pupil": "pupil", "student": "pupil", "学生": "pupil"} | dict.fromkeys(("teacher", "老师", "教师"), "teacher")
SEPARATORS = ",，\t;；"
#: Excel's own files: a zip, or Microsoft's compound file.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Row:
    """One person of a list. `word` is the last column: a password, or in roster.csv what is kept of it."""

    line: int
    id: str
    name: str
    role: str
    word: str


@dataclass(frozen=True)
class PeopleList:
    """The rows that can be used, and for everything that cannot its line and a sentence."""

    rows: tuple[Row, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()


def read_people(path: Path, last: Literal["password", "secret"]) -> PeopleList:
    """Read a list. An empty `last` column is the caller's affair: it knows whether there was one before."""
    rows: list[Row] = []
    faults: list[tuple[int, str]] = []
    try:
        _read(_text(path.read_bytes()), last, rows, faults)
    except FileNotFoundError:
        faults.append((1, "没有名单文件。检查文件名，或者先把名单另存为 CSV。"))
    except IsADirectoryError:
        faults.append((1, "这是一个文件夹。写上里面名单文件的名字。"))
    except OSError as error:
        faults.append((1, f"读不了这个文件：{reason(error)}。"))
    except _Unreadable as unreadable:
        faults.append(unreadable.args)
    return PeopleList(tuple(rows), tuple(faults))


class _Unreadable(Exception):
    """From this line on nothing can be read: line and sentence."""


def _text(raw: bytes) -> str:
    """The file as text, in any encoding a spreadsheet here writes: UTF-8, UTF-16 with its mark, GBK."""
    if raw.startswith(WORKBOOKS):
        raise _Unreadable(1, "这是 Excel 工作簿。打开它，另存为“CSV UTF-8”，再用那个文件。")
    beyond_ascii = sum(byte > 127 for byte in raw)
    # Damaged UTF-8 passes for GBK as well, and then every name is another one.
    still_utf8 = sum(len(sign.encode()) for sign in raw.decode("utf-8", "ignore") if sign > "\x7f")
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if marked else "utf-8-sig" if still_utf8 * 2 >= beyond_ascii else "gb18030"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _Unreadable(line, "这一行的字读不出来。在表格软件里另存为“CSV UTF-8”。") from None


def _read(text: str, last: str, rows: list[Row], faults: list[tuple[int, str]]) -> None:
    """Fill rows and faults. Raises _Unreadable."""
    first: dict[str, int] = {}
    table = _filled(text)
    line, head = next(table, (1, []))
    head = [_plain(part) for cell in head for part in cell.split("，")]
    place = _places(head)
    absent = [column for column in ("id", "name", "role", last) if column not in place]
    if absent:
        wanted = ",".join(("id", "name", "role", last))
        faults.append((line, f"第一行缺少 {'、'.join(absent)} 这几列。第一行写 {wanted}。"))
        return
    for line, cells in table:
        if len(cells) < len(head):  # some commas of this row are Chinese ones
            cells = [part for cell in cells for part in cell.split("，")]
        if any(cell.strip() for cell in cells[len(head) :]):
            faults.append((line, "这一行比第一行多了几格。名字里有逗号时，给名字加上英文引号。"))
            continue
        found = {column: cells[at] if at < len(cells) else "" for column, at in place.items()}
        row = Row(line, _plain(found["id"]), _tidy(found["name"]), _role(found["role"]), _tidy(found[last]))
        said = list(_row_faults(row, _tidy(found["id"]), first))
        faults += [(line, sentence) for sentence in said]
        if not said:
            rows.append(row)


def _filled(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows in which anything is written, each with its first line. Raises _Unreadable."""
    head = next((line for line in text.splitlines() if line.strip(SEPARATORS + ' "')), "")
    separator = max(SEPARATORS, key=lambda sign: len(_places([_plain(cell.strip('"')) for cell in head.split(sign)])))
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            cells = next(table, None)
        except csv.Error:
            raise _Unreadable(line, "这一行的引号没有配对，从这里起读不下去。改好引号再试。") from None
        if cells is None:
            return
        if any(_tidy(cell) for cell in cells):
            yield line, cells
        line = table.line_num + 1


def _places(head: list[str]) -> dict[str, int]:
    """Column → where it stands in the first row."""
    found = {column: [head.index(name) for name in names if name in head] for column, names in COLUMNS.items()}
    return {column: places[0] for column, places in found.items() if places}


def _row_faults(row: Row, written: str, first: dict[str, int]) -> Iterator[str]:
    """What is wrong with one row, whose account was written so; `first` remembers the line of each account."""
    lacking = [column for column in ("id", "name", "role") if not getattr(row, column)]
    if lacking:
        yield f"缺少 {'、'.join(lacking)}。补上再试。"
    if row.id and (not IDENTIFIER.fullmatch(row.id) or row.id.startswith(RESERVED)):
        yield f"账号“{written}”不能用。请用小写字母和数字，比如 g7c1-01。"
    if row.id and first.setdefault(row.id, row.line) != row.line:
        yield f"账号 {row.id} 在第 {first[row.id]} 行已经有了。换一个账号。"
    if row.role and row.role not in ROLES.values():
        yield f"role 写了“{row.role}”。写 pupil（学生）或 teacher（老师）。"


def _tidy(cell: str) -> str:
    return " ".join(INVISIBLE.sub("", cell).split())


def _plain(cell: str) -> str:
    """As one types it at the sign-in: no full-width letters or digits, no capitals."""
    return _tidy(unicodedata.normalize("NFKC", cell)).lower()


def _role(cell: str) -> str:
    return ROLES.get(_plain(cell), _tidy(cell))
