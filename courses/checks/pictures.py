"""Pictures and files of a lesson: they lie in its folder, can be read, and bring nothing along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses import markdown, own_files
from courses.checks.prose import all_texts, front_line
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson
from courses.svg_file import read_svg

#: What the parser leaves as it is: it makes no link of such an address.
_NO_LINK = re.compile(r"!\[[^\]]*\]\(\s*<?\s*((?:file|data|javascript|vbscript):[^)\s]*)", re.IGNORECASE)
_HOW = "把图片存成文件放进这一课的文件夹，写成 ![图上画了什么](名字.png)"


@lesson_rule(
    "own-picture",
    what="图片和文件都在这一课的文件夹里：不粘贴、不从别处拿，图里没有程序",
    why="课发到哪里，图就要跟到哪里；文件夹外面的东西不该跟着出去",
    advice=_HOW,
)
def own_picture(lesson: Lesson) -> Iterator[Seen]:
    for file, line, text in all_texts(lesson):
        for link in markdown.links(text, line):
            if seen := _fault(lesson, link):
                yield Seen(link.line, *seen, file=file)
        for number, row in markdown.prose_rows(text, line):
            if (found := _NO_LINK.search(row)) and found[1] not in {one.address for one in markdown.links(text)}:
                yield Seen(number, f"图片 {_short(found[1])} 不在这一课的文件夹里", file=file)
    for path in sorted((lesson.folder / "data").rglob("*")):
        if not path.resolve().is_relative_to(lesson.folder.resolve()):
            name = path.relative_to(lesson.folder).as_posix()
            yield Seen(front_line(lesson, "data"), f"{name} 通到文件夹外面去了", "把文件本身放进 data/，不要放链接")


def _fault(lesson: Lesson, link: markdown.Link) -> tuple[str, str] | None:
    """(what is seen, what to do) of an address that cannot travel with the lesson."""
    address = link.address
    path = own_files.file_at(lesson.folder, address)
    if not link.is_picture:
        if path or not address or address.startswith("#") or re.match(r"(?:https?|mailto):", address):
            return None
        return f"链接 {_short(address)} 通到这一课的文件夹外面", "把文件放进这一课的文件夹，或者删掉链接"
    if address.startswith("attachment:"):
        return "粘贴的图片没有存下来，学生看到的是破图", _HOW
    if address.startswith("data:"):
        return "图片整个写在课文里了", _HOW
    if re.match(r"(?:https?|ftp):|//", address):
        return None  # no-download tells it
    if not path:
        return f"图片 {_short(address)} 不在这一课的文件夹里", _HOW
    if not own_files.is_picture(path):
        return f"{_short(address)} 不是图片", f"图片用这几种：{' '.join(own_files.PICTURE_KINDS)}"
    return None


@lesson_rule(
    "drawing",
    what="svg 图读得懂，里面没有程序，也不从外网取东西",
    why="它会直接画进网页里",
    advice="用画图软件重新存一次“普通 SVG”",
)
def drawing(lesson: Lesson) -> Iterator[Seen]:
    named = {own_files.CARD_PICTURE: 1}
    for file, line, text in all_texts(lesson):
        if file == "lesson.md":
            named |= {link.address: link.line for link in markdown.pictures(text, line)}
    for address, line in named.items():
        path = own_files.picture_at(lesson.folder, address)
        if not path or path.suffix.lower() != ".svg":
            continue
        found = read_svg(path.read_bytes().decode("utf-8", "replace"))
        if found is None:
            yield Seen(line, f"{path.name} 不是读得懂的 SVG")
        elif found.removed:
            yield Seen(line, f"{path.name} 里有不能进网页的东西：{'、'.join(dict.fromkeys(found.removed))}")


def _short(address: str, limit: int = 40) -> str:
    plain = markdown.parser().normalizeLinkText(address)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
