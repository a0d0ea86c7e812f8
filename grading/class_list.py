"""A class made from a teacher's list, and made again from a newer one: nobody's work, mark or password is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grading.course import CourseFault
from grading.passwords import hash_secret
from grading.people_list import read_people
from grading.picture_passwords import from_words, tapped_in
from grading.roster import (
    Grade,
    Person,
    SchoolClass,
    class_codes,
    create_class,
    read_class,
    read_rosters,
    somebody_else,
)

USUAL_GRADE = 7


@dataclass(frozen=True)
class Imported:
    """A class after its list was read: who came, who is on it no longer, whose account has another name now."""

    made: SchoolClass
    renewed: bool
    came: tuple[Person, ...]
    gone: tuple[Person, ...]
    renamed: tuple[tuple[Person, Person], ...]
    typed: tuple[Person, ...]  # children who could tap pictures, but got another kind of password

    def sentences(self) -> list[str]:
        """What a teacher reads afterwards."""
        from courses.curriculum import grade_name

        done, made = "更新好了" if self.renewed else "建好了", self.made
        return [
            f"{done}：{made.title}，{grade_name(made.grade)}，{len(made.pupils)} 名学生，在 {made.folder}",
            *([f"新来的：{_names(self.came)}"] if self.came and self.renewed else []),
            *([f"名单上不再有：{_names(self.gone)}。作业和成绩都留着，但登录不了这个班。"] if self.gone else []),
            *(
                f"账号 {new.id} 原来叫“{old.name}”，现在叫“{new.name}”。如果换了人，请换一个账号：作业跟着账号走。"
                for old, new in self.renamed
            ),
            *([f"只能打字登录：{_names(self.typed)}。图片密码写三样，比如 天鹅、小船、灯塔。"] if self.typed else []),
        ]


def import_list(code: str, path: Path, title: str = "", grade: Grade | None = None) -> Imported:
    """Make or renew a class. Title, grade and passwords that are not given stay. Raises CourseFault with all faults."""
    before = _before(code, can_be_made_anew=bool(title) and grade is not None)
    grade = grade if grade is not None else before.grade if before else USUAL_GRADE
    old = {one.id: one for one in before.people} if before else {}
    others = [each for each in read_rosters().classes if each.code != code]
    known = {one.id: one for each in others for one in each.people} | old
    listed = read_people(path, "password")
    faults = list(listed.faults)
    for row in listed.rows:
        if not row.word and not (row.id in known and known[row.id].secret):
            faults.append((row.line, "缺少 password。补上再试。"))
        if said := somebody_else(Person(row.id, row.name, row.role), others):
            faults.append((row.line, said))
    if not listed.rows and not faults:
        faults.append((1, "名单里一个人也没有，班级没有改动。一行写一个人。"))
    if faults:
        raise CourseFault("\n".join(f"{path}:{line}  {sentence}" for line, sentence in sorted(faults)))
    pictures = {row.id: from_words(row.word) if tapped_in(grade) else "" for row in listed.rows}
    secrets = (hash_secret(pictures[row.id] or row.word) if row.word else known[row.id].secret for row in listed.rows)
    people = tuple(Person(row.id, row.name, row.role, secret) for row, secret in zip(listed.rows, secrets, strict=True))
    made = create_class(code, title or (before.title if before else code), grade, people)
    return Imported(
        made,
        renewed=before is not None,
        came=tuple(one for one in people if one.id not in old),
        gone=tuple(one for one in old.values() if one.id not in pictures),
        renamed=tuple((old[one.id], one) for one in people if one.id in old and old[one.id].name != one.name),
        typed=tuple(
            one
            for one, row in zip(people, listed.rows, strict=True)
            if made.taps_pictures and one.role == "pupil" and row.word and not pictures[one.id]
        ),
    )


def _names(people: tuple[Person, ...]) -> str:
    return "、".join(f"{one.id} {one.name}" for one in people)


def _before(code: str, *, can_be_made_anew: bool) -> SchoolClass | None:
    """The class as it is. One that cannot be read is made anew only if nothing of it is needed. Raises CourseFault."""
    try:
        return read_class(code) if code in class_codes() else None
    except CourseFault:
        if can_be_made_anew:
            return None
        raise
