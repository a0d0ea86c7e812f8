"""Who is in which class: class.yml and roster.csv of a class, and making a class."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from build_paths import write_atomically
from grading.course import CONFIG_FILE, CourseFault, class_dir, classes_dir

COLUMNS = ("id", "name", "role", "secret")
#: What a teacher writes: the password, of which only the hash is kept.
LIST_COLUMNS = ("id", "name", "role", "password")
ROLES = ("pupil", "teacher")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")
PERSON_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True)
class Person:
    """A pupil or a teacher; `secret` is the hash the sign-in checks, never the password itself."""

    id: str
    name: str
    role: str
    secret: str = ""


@dataclass(frozen=True)
class SchoolClass:
    """A class: its code is nbgrader's course_id."""

    code: str
    title: str
    grade: int
    people: tuple[Person, ...]

    @property
    def pupils(self) -> list[Person]:
        return [person for person in self.people if person.role == "pupil"]

    @property
    def folder(self) -> Path:
        return class_dir(self.code)


def create_class(code: str, title: str, grade: int, people: Iterable[Person]) -> SchoolClass:
    """Write a class's folder. An existing class keeps its people's secrets and all its work. Raises CourseFault."""
    people = tuple(people)
    if not CODE.fullmatch(code):
        raise CourseFault(f"班级代号“{code}”不能用。请用小写字母、数字和 -，比如 g7c1。")
    for person in people:
        if not PERSON_ID.fullmatch(person.id):
            raise CourseFault(f"名单里的账号“{person.id}”不能用。请用小写字母和数字，比如 g7c1-01。")
    found = SchoolClass(code, title, grade, people)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((person.id, person.name, person.role, person.secret) for person in people)
    teachers = [person.id for person in people if person.role == "teacher"]
    about = {"code": code, "title": title, "grade": grade, "teachers": teachers}
    write_atomically(found.folder / "roster.csv", table.getvalue())
    (found.folder / "roster.csv").chmod(0o600)
    write_atomically(found.folder / "class.yml", yaml.safe_dump(about, allow_unicode=True, sort_keys=False))
    if not (found.folder / "nbgrader_config.py").exists():
        write_atomically(found.folder / "nbgrader_config.py", CONFIG_FILE.format(code=code))
    return found


def read_list(path: Path) -> list[dict[str, str]]:
    """The rows of a teacher's list, stripped. Raises CourseFault with every fault of the file, one a line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            absent = [key for key in LIST_COLUMNS if key not in (table.fieldnames or [])]
            rows = [(table.line_num, {key: (row.get(key) or "").strip() for key in LIST_COLUMNS}) for row in table]
    except FileNotFoundError:
        raise CourseFault(f"没有名单文件 {path}。检查文件名，或者先把名单另存为 CSV。") from None
    except IsADirectoryError:
        raise CourseFault(f"{path} 是一个文件夹。写上里面名单文件的名字。") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CourseFault(f"{path}:{line}  不是 UTF-8 编码。在表格软件里另存为“CSV UTF-8”。") from None
    except csv.Error:
        raise CourseFault(f"{path}:{table.line_num}  不是 CSV 表格。在表格软件里另存为“CSV UTF-8”。") from None
    if absent:
        raise CourseFault(f"{path}:1  第一行缺少 {'、'.join(absent)} 这几列。第一行写 {','.join(LIST_COLUMNS)}。")
    if not rows:
        raise CourseFault(f"{path}:1  名单里一个人也没有，班级没有改动。一行写一个人。")
    first: dict[str, int] = {}
    faults = [f"{path}:{line}  {fault}" for line, row in rows for fault in row_faults(row, line, first)]
    if faults:
        raise CourseFault("\n".join(faults))
    return [row for _, row in rows]


def row_faults(row: dict[str, str], line: int, first: dict[str, int]) -> Iterator[str]:
    """What is wrong with one row; `first` remembers the line of each account."""
    lacking = [key for key in LIST_COLUMNS if not row[key]]
    if lacking:
        yield f"缺少 {'、'.join(lacking)}。补上再试。"
    if row["id"] and not PERSON_ID.fullmatch(row["id"]):
        yield f"账号“{row['id']}”不能用。请用小写字母和数字，比如 g7c1-01。"
    if row["id"] and first.setdefault(row["id"], line) != line:
        yield f"账号 {row['id']} 在第 {first[row['id']]} 行已经有了。换一个账号。"
    if row["role"] and row["role"] not in ROLES:
        yield f"role 写了“{row['role']}”。写 pupil（学生）或 teacher（老师）。"


def read_class(code: str) -> SchoolClass:
    """Read a class. Raises CourseFault with the file and what to do."""
    folder = class_dir(code)
    try:
        about = yaml.safe_load((folder / "class.yml").read_text(encoding="utf-8"))
        with (folder / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
            people = tuple(Person(row["id"], row["name"], row["role"], row["secret"]) for row in csv.DictReader(file))
        return SchoolClass(code, about["title"], int(about["grade"]), people)
    except FileNotFoundError as error:
        raise CourseFault(f"没有班级 {code}（{error.filename} 不在）。用 ./haike class list 看看有哪些班。") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        place = folder / ("class.yml" if isinstance(error, yaml.YAMLError) else "roster.csv")
        message = f"班级 {code} 的 class.yml 或 roster.csv 写得不对，先看 {place}。对照 CONTRIBUTING.md 改正。"
        raise CourseFault(message) from error


def class_codes() -> list[str]:
    return sorted(path.parent.name for path in classes_dir().glob("*/class.yml"))
