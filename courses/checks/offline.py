"""A lesson needs no internet: nothing is fetched, every data set and file is there, with its card."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from courses import markdown, own_files, python
from courses.checks.prose import all_texts, front_line, read_yaml
from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson

KINDS = ("真实", "模拟")
KITS_DATASETS = Path(__file__).parents[2] / "kits" / "datasets"
NETWORK = {
    "requests", "httpx", "aiohttp", "urllib", "urllib3", "http", "socket", "ftplib", "wget", "gdown", "websocket",
    "websockets", "openml", "huggingface_hub", "kagglehub", "torchvision",
}  # fmt: skip
_ADDRESS = re.compile(r"(?:https?|ftp|wss?)://[^\s\"')\]，。；）]+")
_SHELL = re.compile(r"^\s*[!%]\s*(pip|conda|wget|curl|git|npm|apt\S*)\b")
_FILE = re.compile(r"^(?:\./)?([\w\u4e00-\u9fff./-]+\.(?:csv|tsv|json|npy|npz|txt|png|jpe?g|svg|wav|mp3|yml))$")


@lesson_rule(
    "no-download",
    what="上课时不下载、不安装、不连外网",
    why="许多教室没有网，别人的网站明天可能就不在了",
    advice="把数据放进 data/ 或 kits/datasets/，用 datasets.load(...) 读",
)
def no_download(lesson: Lesson) -> Iterator[Seen]:
    for cell in python.code_cells(lesson):
        for number, row in enumerate(cell.source.split("\n"), cell.line):
            if command := _SHELL.match(row):
                yield Seen(number, f"上课时运行 {command[1]}")
        for node in python.nodes(cell):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
                for module in modules:
                    if module.split(".")[0] in NETWORK:
                        yield Seen(node.lineno, f"用了上网的 {module}")
            elif isinstance(node, ast.Call):
                called = python.dotted(node.func).rpartition(".")[2]
                if called.startswith("fetch_") or called == "urlretrieve":
                    yield Seen(node.lineno, f"{called} 会去网上下载")
            elif isinstance(node, ast.Constant) and (address := _ADDRESS.search(str(node.value))):
                yield Seen(node.lineno, f"代码里有网址 {address[0]}")
    for file, line, text in all_texts(lesson):
        for picture in markdown.pictures(text, line):
            if _ADDRESS.match(picture.address) or picture.address.startswith("//"):
                yield Seen(picture.line, f"图片在外网：{picture.address}", "把图片放进这一课的文件夹", file=file)


@lesson_rule(
    "known-data",
    what="用到的数据集都在，并且写在前言的 data 里",
    why="学生打开课时，数据必须已经在手边",
    advice="放进 kits/datasets/<名字>/ 或这一课的 data/<名字>/，并写进前言的 data",
)
def known_data(lesson: Lesson) -> Iterator[Seen]:
    if not lesson.front:
        return
    for slug in lesson.front.data:
        if not _folder(lesson, slug):
            yield Seen(front_line(lesson, "data"), f"找不到数据集 {slug}")
    for cell in python.code_cells(lesson):
        for call, name in python.calls(cell):
            if name.endswith("datasets.load") and call.args and isinstance(call.args[0], ast.Constant):
                slug = str(call.args[0].value)
                if slug not in lesson.front.data:
                    yield Seen(call.lineno, f"用了数据集 {slug}，前言的 data 里没有它")
    for folder in lesson.data_folders:
        if folder.name not in lesson.front.data:
            advice = "写进去，或者删掉这个文件夹"
            yield Seen(front_line(lesson, "data"), f"data/{folder.name} 没有写进前言的 data", advice)


def _folder(lesson: Lesson, slug: str) -> Path | None:
    return next((path for path in (lesson.folder / "data" / slug, KITS_DATASETS / slug) if path.is_dir()), None)


@lesson_rule(
    "data-card",
    what="每个数据集都有 card.yml，写明来源、许可、真实还是模拟",
    why="不知道从哪里来的数据，不能拿来教学生",
    advice="照别的数据集的 card.yml 写一份",
)
def data_card(lesson: Lesson) -> Iterator[Seen]:
    slugs = {*(lesson.front.data if lesson.front else ()), *(folder.name for folder in lesson.data_folders)}
    for slug in sorted(slugs):
        folder = _folder(lesson, slug)
        if not folder:
            continue
        line = front_line(lesson, "data")
        try:
            card = read_yaml((folder / "card.yml").read_text(encoding="utf-8"))
        except OSError:
            yield Seen(line, f"数据集 {slug} 没有 card.yml")
            continue
        except UnicodeDecodeError:
            yield Seen(line, f"数据集 {slug} 的 card.yml 不是 UTF-8 文字", "用编辑器另存为 UTF-8 编码")
            continue
        card = card if isinstance(card, dict) else {}
        lacking = [key for key in ("source", "licence", "kind") if not card.get(key)]
        if not lacking and card["kind"] not in KINDS:
            yield Seen(line, f"数据集 {slug} 的 kind 写了“{card['kind']}”", f"写 {' 或 '.join(KINDS)}")
        if lacking:
            yield Seen(line, f"数据集 {slug} 的 card.yml 缺少 {'、'.join(lacking)}")


@lesson_rule(
    "file-there",
    what="课文和代码里提到的文件都在这一课的文件夹里",
    why="少一个文件，整节课就停在那里",
    advice="把文件放进来，或者改正名字",
)
def file_there(lesson: Lesson) -> Iterator[Seen]:
    for file, line, text in all_texts(lesson):
        for link in markdown.links(text, line):
            path = own_files.file_at(lesson.folder, link.address)
            if path and not path.exists():
                yield Seen(link.line, f"找不到文件 {path.relative_to(lesson.folder).as_posix()}", file=file)
    for cell in python.code_cells(lesson):
        for call, name in python.calls(cell):
            if name.rpartition(".")[2] not in ("open", "read_csv", "load", "loadtxt", "genfromtxt", "imread", "Path"):
                continue
            for arg in call.args[:1]:
                read = _FILE.match(arg.value) if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None
                if read and not (lesson.folder / read[1]).exists():
                    yield Seen(call.lineno, f"找不到文件 {read[1]}")
