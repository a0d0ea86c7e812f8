"""Who may sign in: classes and rosters under var/classes, picture passwords, and a brake on guessing.

roster.csv has the columns id,name,role,secret; role is `pupil` or `teacher`. Nothing here knows JupyterHub.
"""

import csv
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
COLUMNS = ("id", "name", "role", "secret")

# The picture password of children who cannot type yet: three of these, in the order they were tapped.
PICTURES = {
    "swan": "天鹅",
    "boat": "小船",
    "lighthouse": "灯塔",
    "house": "海草房",
    "turbine": "风车",
    "kelp": "海带",
    "oyster": "牡蛎",
    "fishboat": "渔船",
    "lamp": "灯笼",
}
PICTURES_IN_A_PASSWORD = 3


def picture_password(*pictures: str) -> str:
    """The text that a row of tapped pictures stands for; this is what gets hashed."""
    unknown = [picture for picture in pictures if picture not in PICTURES]
    if unknown or len(pictures) != PICTURES_IN_A_PASSWORD:
        raise ValueError(f"a picture password is {PICTURES_IN_A_PASSWORD} of {', '.join(PICTURES)}")
    return "-".join(pictures)


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    role: str
    secret: str


@dataclass(frozen=True)
class SchoolClass:
    code: str
    title: str
    grade: int
    teachers: tuple[str, ...]
    people: tuple[Person, ...]
    folder: Path

    @property
    def pupils(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.role == "pupil")

    @property
    def taps_pictures(self) -> bool:
        return 0 <= self.grade <= 2


@dataclass
class Rosters:
    """Every class of this server, and what is wrong with those that cannot be read."""

    classes: list[SchoolClass] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def people(self, identifier: str) -> list[Person]:
        return [person for each in self.classes for person in each.people if person.id == identifier]

    def classes_of(self, identifier: str) -> list[SchoolClass]:
        return [each for each in self.classes if identifier in each.teachers or identifier in _ids(each.people)]

    def is_teacher(self, identifier: str) -> bool:
        return any(identifier in each.teachers for each in self.classes)


def _ids(people: Iterable[Person]) -> set[str]:
    return {person.id for person in people}


def read_rosters(folder: Path) -> Rosters:
    """All classes under the folder; a class that cannot be read becomes a fault and the others still come."""
    rosters = Rosters()
    for class_file in sorted(folder.glob("*/class.yml")):
        try:
            rosters.classes.append(_read_class(class_file.parent))
        except RosterFault as fault:
            rosters.faults.append(str(fault))
    known = {person.id for each in rosters.classes for person in each.people if person.role == "teacher"}
    for each in rosters.classes:
        for teacher in each.teachers:
            if teacher not in known:
                where = each.folder / "roster.csv"
                rosters.faults.append(f"班级 {each.code} 的老师 {teacher} 不在任何名单里。请加到 {where}。")
    return rosters


class RosterFault(Exception):
    """One sentence in Chinese: what is wrong, where, what to do."""


def _read_class(folder: Path) -> SchoolClass:
    about = _read_about(folder / "class.yml")
    code = str(about.get("code", folder.name))
    if not IDENTIFIER.fullmatch(code):
        raise RosterFault(f"{folder / 'class.yml'}：班级代码“{code}”只能用小写字母、数字、点和横线。")
    try:
        grade = 13 if about["grade"] == "voc" else int(str(about["grade"]))
    except (KeyError, ValueError):
        raise RosterFault(f"{folder / 'class.yml'}：缺少年级，请加一行 grade: 7。") from None
    people = tuple(_read_people(folder / "roster.csv"))
    teachers = tuple(map(str, about.get("teachers") or [p.id for p in people if p.role == "teacher"]))
    return SchoolClass(code, str(about.get("title", code)), grade, teachers, people, folder)


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise RosterFault(f"{path} 读不出来：{fault}") from None
    if not isinstance(about, dict):
        raise RosterFault(f"{path} 是空的，或者不是“名字: 值”的写法。")
    return about


def _read_people(path: Path) -> Iterable[Person]:
    if not path.exists():
        first = ",".join(COLUMNS)
        raise RosterFault(f"班级 {path.parent.name} 没有名单 {path}。请放一份 roster.csv，第一行是 {first}。")
    try:
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise RosterFault(f"{path} 不是 UTF-8 编码。请另存为“CSV UTF-8”再试。") from None
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        missing = [column for column in COLUMNS if not (row.get(column) or "").strip()]
        if missing:
            raise RosterFault(f"{path}:{line} 缺少 {'、'.join(missing)}。")
        person = Person(*(row[column].strip() for column in COLUMNS))
        if not IDENTIFIER.fullmatch(person.id):
            raise RosterFault(f"{path}:{line} 编号“{person.id}”只能用小写字母、数字、点和横线。")
        if person.role not in ("pupil", "teacher"):
            raise RosterFault(f"{path}:{line} 身份“{person.role}”只能是 pupil 或 teacher。")
        if person.id in seen:
            raise RosterFault(f"{path}:{line} 编号 {person.id} 出现了两次。")
        seen.add(person.id)
        yield person


class Brake:
    """After some wrong secrets an account rests for a while, so that nobody tries all picture passwords."""

    def __init__(self, tries: int = 5, rest: float = 60, clock: Callable[[], float] = time.monotonic):
        self.tries, self.rest, self.clock = tries, rest, clock
        self._wrong: dict[str, list[float]] = defaultdict(list)

    def seconds_left(self, identifier: str) -> int:
        now = self.clock()
        recent = [at for at in self._wrong.get(identifier, []) if now - at < self.rest]
        if recent:
            self._wrong[identifier] = recent
        else:
            self._wrong.pop(identifier, None)
        return int(self.rest - (now - recent[-self.tries])) + 1 if len(recent) >= self.tries else 0

    def wrong(self, identifier: str) -> None:
        self._wrong[identifier].append(self.clock())

    def right(self, identifier: str) -> None:
        self._wrong.pop(identifier, None)
