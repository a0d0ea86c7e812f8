"""Who is in which class: class.yml and roster.csv of every class, for the hub's sign-in and for a teacher's commands.

Reading names every fault with its line and keeps what is good: one bad row shuts nobody else out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from build_paths import write_atomically
from fault import reason
from grading.course import CONFIG_FILE, CourseFault, class_dir, classes_dir
from grading.passwords import is_hash
from grading.people_list import IDENTIFIER, RESERVED, read_people
from grading.picture_passwords import tapped_in

COLUMNS = ("id", "name", "role", "secret")
#: 0 is preschool; vocational school has no year.
Grade = int | Literal["voc"]
NO_PASSWORD = "没有可用的密码，登录不了。用 ./haike class new 重新导入名单。"


@dataclass(frozen=True)
class Person:
    """A pupil or a teacher; `secret` is the hash the sign-in checks, never the password itself."""

    id: str
    name: str
    role: str
    secret: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class SchoolClass:
    """A class: its code is nbgrader's course_id. `faults` say what of its files cannot be used."""

    code: str
    title: str
    grade: Grade
    people: tuple[Person, ...]
    folder: Path
    guests: tuple[str, ...] = ()  # class.yml names them, and they are teachers in another class's roster
    faults: tuple[str, ...] = field(default=(), compare=False)

    @property
    def pupils(self) -> list[Person]:
        return [person for person in self.people if person.role == "pupil"]

    @property
    def teachers(self) -> list[str]:
        return list(dict.fromkeys([*(one.id for one in self.people if one.role == "teacher"), *self.guests]))

    @property
    def taps_pictures(self) -> bool:
        return tapped_in(self.grade)


@dataclass(frozen=True)
class Rosters:
    """Every class of this school, and all that is wrong with any of them."""

    classes: tuple[SchoolClass, ...] = ()
    faults: tuple[str, ...] = ()

    def people(self, identifier: str) -> list[Person]:
        return [person for each in self.classes for person in each.people if person.id == identifier]

    def classes_of(self, identifier: str) -> list[SchoolClass]:
        return [each for each in self.classes if identifier in {*each.teachers, *(one.id for one in each.people)}]

    def is_teacher(self, identifier: str) -> bool:
        return any(identifier in each.teachers for each in self.classes)


def class_codes(folder: Path | None = None) -> list[str]:
    return sorted(path.parent.name for path in (folder or classes_dir()).glob("*/class.yml"))


def read_class(code: str) -> SchoolClass:
    """One class. Raises CourseFault if there is no such class, or if it has no usable class.yml or roster."""
    if code not in class_codes():
        raise CourseFault(f"没有班级 {code}（{class_dir(code)} 里没有）。用 ./haike class list 看看有哪些班。")
    found, faults = _read(class_dir(code))
    if not found:
        raise CourseFault("\n".join(faults))
    return found


def read_rosters(folder: Path | None = None) -> Rosters:
    """All classes; one that cannot be read is named among the faults, and the others still come."""
    folder = folder or classes_dir()
    read = [_read(folder / code) for code in class_codes(folder)]
    faults = [fault for _, said in read for fault in said]
    classes: list[SchoolClass] = []
    for found in filter(None, (found for found, _ in read)):
        said = {person: sentence for person in found.people if (sentence := somebody_else(person, classes))}
        faults += [f"{found.folder / 'roster.csv'}:{person.line}  {sentence}" for person, sentence in said.items()]
        classes.append(replace(found, people=tuple(one for one in found.people if one not in said)))
    known = {person.id for each in classes for person in each.people if person.role == "teacher"}
    for each in classes:
        about, unknown = each.folder / "class.yml", [guest for guest in each.guests if guest not in known]
        where = f"{about}:{_line_of(about, 'teachers')}" if unknown else ""
        advice = f"请在 {each.folder / 'roster.csv'} 加一行，role 写 teacher。"
        faults += [f"{where}  老师 {guest} 不在任何名单里。{advice}" for guest in unknown]
    classes = [replace(each, guests=tuple(one for one in each.guests if one in known)) for each in classes]
    return Rosters(tuple(classes), tuple(faults))


def somebody_else(person: Person, classes: Iterable[SchoolClass]) -> str:
    """A sentence if the account is another person's in one of these classes: each would open the other's work."""
    for each in classes:
        for other in each.people:
            if other.id == person.id and (other.name, other.role) != (person.name, person.role):
                who = f"{'老师' if other.role == 'teacher' else '学生'}“{other.name}”"
                advice = f"不是同一个人就换一个账号，比如 {person.id}-2；是同一个人，姓名和 role 要写得一样。"
                return f"账号 {person.id} 在班级 {each.code} 里是{who}。{advice}"
    return ""


def create_class(code: str, title: str, grade: Grade, people: Iterable[Person]) -> SchoolClass:
    """Write a class's folder. An existing class keeps its configuration and all its work. Raises CourseFault."""
    if not IDENTIFIER.fullmatch(code):
        raise CourseFault(f"班级代号“{code}”不能用。请用小写字母、数字和 -，比如 g7c1。")
    people = tuple(people)
    for person in people:
        if not IDENTIFIER.fullmatch(person.id) or person.id.startswith(RESERVED):
            raise CourseFault(f"名单里的账号“{person.id}”不能用。请用小写字母和数字，比如 g7c1-01。")
    found = SchoolClass(code, title, grade, people, class_dir(code))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((person.id, person.name, person.role, person.secret) for person in people)
    write_atomically(found.folder / "roster.csv", table.getvalue())
    (found.folder / "roster.csv").chmod(0o600)
    about = {"code": code, "title": title, "grade": grade}
    write_atomically(found.folder / "class.yml", yaml.safe_dump(about, allow_unicode=True, sort_keys=False))
    if not (found.folder / "nbgrader_config.py").exists():
        write_atomically(found.folder / "nbgrader_config.py", CONFIG_FILE.format(code=code))
    return found


def read_grade(written: object) -> Grade | None:
    """0 to 12 or voc, as a file or a command says it; None for anything else."""
    word = str(written).strip().lower()
    if word == "voc":
        return "voc"
    return int(word) if re.fullmatch(r"\d{1,2}", word) and int(word) <= 12 else None


def _read(folder: Path) -> tuple[SchoolClass | None, tuple[str, ...]]:
    """A class and what is wrong with it; no class if nobody could be taught in it."""
    about, faults = _read_about(folder / "class.yml")
    roster = folder / "roster.csv"
    if roster.exists():
        read = read_people(roster, "secret")
        people = tuple(Person(row.id, row.name, row.role, row.word, row.line) for row in read.rows)
        said = [*read.faults, *((one.line, f"{one.id} {NO_PASSWORD}") for one in people if not is_hash(one.secret))]
        faults += [f"{roster}:{line}  {sentence}" for line, sentence in sorted(said)]
    else:
        people = ()
        faults.append(f"{roster}:1  班级 {folder.name} 没有名单。用 ./haike class new {folder.name} 名单.csv 导入。")
    if about is None:
        return None, tuple(faults)
    own = {person.id for person in people if person.role == "teacher"}
    guests = tuple(one for one in about.pop("guests") if one not in own)
    return SchoolClass(**about, people=people, folder=folder, guests=guests, faults=tuple(faults)), tuple(faults)


def _read_about(path: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """What class.yml says, as SchoolClass has it; None if it cannot be used."""
    try:
        about = yaml.safe_load(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        return None, [f"{path}:1  不是 UTF-8 文字。用编辑器另存为 UTF-8 编码。"]
    except OSError as error:
        return None, [f"{path}:1  读不了：{reason(error)}。"]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None, [f"{path}:{mark.line + 1 if mark else 1}  不是正确的 YAML。检查这一行的冒号、引号和缩进。"]
    if not isinstance(about, dict):
        return None, [f"{path}:1  是空的，或者不是“名字: 值”的写法。"]
    faults = []
    code, grade = path.parent.name, read_grade(about.get("grade"))
    if not IDENTIFIER.fullmatch(code):
        faults.append(f"{path}:1  文件夹名“{code}”不能当班级代号。请用小写字母、数字和 -，比如 g7c1。")
    elif str(about.get("code", code)) != code:
        line = _line_of(path, "code")
        faults.append(f"{path}:{line}  code 写的是“{about['code']}”，文件夹却叫 {code}。两个要一样，这个班先不开。")
    if grade is None:
        written = f"写了“{about['grade']}”" if "grade" in about else "没有写"
        faults.append(f"{path}:{_line_of(path, 'grade')}  年级{written}。请写 grade: 0 到 12（0 是学前），中职写 voc。")
    teachers = about.get("teachers") or []
    named = re.split(r"[\s,，、;；]+", teachers) if isinstance(teachers, str) else teachers
    guests = tuple(str(one).strip() for one in named) if isinstance(named, list) else (str(named),)
    if faults:
        return None, faults
    return {"code": code, "title": str(about.get("title") or code), "grade": grade, "guests": guests}, []


def _line_of(path: Path, key: str) -> int:
    """The line of class.yml with this key, 1 if it has none."""
    lines = path.read_text("utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)
