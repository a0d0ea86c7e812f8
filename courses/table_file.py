"""curriculum.yml and knowledge.yml as data: a file that cannot be read is one Chinese line with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from fault import Fault


def read_table(path: Path) -> dict[str, Any]:
    """The file's top-level mapping. Raises Fault."""
    try:
        data = yaml.load(path.read_bytes().decode("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise Fault(f"{path}:1  读不了这个文件。检查它在不在、能不能打开，再运行一次。") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Fault(f"{path}:{line}  这里不是 UTF-8 文字。用编辑器另存为 UTF-8 编码，再运行一次。") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise Fault(f"{path}:{line}  不是正确的 YAML。检查这一行的冒号、引号和缩进，再运行一次。") from error
    if not isinstance(data, dict):
        raise Fault(f"{path}:1  文件里没有“名字: 值”。从版本库里取回原来的文件，再运行一次。")
    return data


def line_of(path: Path, start: str) -> int:
    """The line, from 1, that begins with these words; 1 if none does."""
    rows = path.read_text(encoding="utf-8").split("\n")
    return next((number for number, row in enumerate(rows, 1) if row.lstrip(" -{").startswith(start)), 1)
