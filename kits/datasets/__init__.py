"""数据：`datasets.load("sklearn-digits")` 读出一份数据，`datasets.card("sklearn-digits")` 说它从哪里来。

A data set is a folder `<slug>/` in the lesson's own `data/` (looked at first, from the current directory) or in
`kits/datasets/`. It holds `card.yml` and, unless the card names a reader, its data.

card.yml, all keys required but the last three:
    title: "手写数字"                       what a pupil calls it
    kind: 真实                              真实 | 模拟 (a simulated set says so wherever it is printed)
    source: "……"                           who measured it, where, when; of a simulated set: how it was computed
    licence: "CC BY 4.0"
    size: "1797 张 8×8 的灰度图"
    columns: {重量: "克", 种类: "0 扇贝，1 牡蛎"}    each array or column, with its meaning and unit
    note: "……"                             what a reader must know before he trusts it
    reader: sklearn.load_digits             only for sets that a library carries
    rows: 1797                              refused if the data have another number of rows

Data files: `data.csv` (UTF-8, first line = the column names of the card; numbers become numbers, an empty number nan)
or `data.npz` (each array by its name). Pictures or other files stand beside: `datasets.load(slug).folder`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

HERE = Path(__file__).parent
KINDS = ("真实", "模拟")
_TEXTS = ("title", "kind", "source", "licence", "size")
_KEYS = {*_TEXTS, "columns", "note", "reader", "rows"}


class DataError(Exception):
    """A data set that is missing or not as its card says; the message is Chinese and says what to do."""


@dataclass(frozen=True)
class Card:
    """一份数据的名片：从哪里来、许可、有多大、每一列是什么。"""

    slug: str
    title: str
    kind: str
    source: str
    licence: str
    size: str
    columns: Mapping[str, str]
    note: str = ""
    reader: str = ""
    rows: int | None = None

    def __str__(self) -> str:
        lines = [f"{self.title}（{self.kind}数据）：{self.size}", f"来源：{self.source}", f"许可：{self.licence}"]
        lines += [f"  {name}：{meaning}" for name, meaning in self.columns.items()]
        return "\n".join([*lines, f"注意：{self.note}"] if self.note else lines)

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Dataset:
    """一份数据：data["列名"] 或 data.列名 是一列数，len(data) 是行数，data.card 说它从哪里来。

    The arrays are the reader's own copies: a pupil may change them, the next load is fresh.
    """

    slug: str
    card: Card
    folder: Path
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self.arrays:
            return self.arrays[name]
        raise KeyError(self._no_such(name))

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("__") or name not in self.arrays:
            raise AttributeError(self._no_such(name))
        return self.arrays[name]

    def _no_such(self, name: str) -> str:
        return f"数据“{self.card.title}”里没有 {name}，可以用的有：{'、'.join(self.arrays)}"

    def __len__(self) -> int:
        return _row_count(self.arrays)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.arrays]

    def __repr__(self) -> str:
        return f"<{self.card.title}（{self.card.kind}数据）：{len(self)} 行，有 {'、'.join(self.arrays)}>"

    def rows(self) -> Iterator[dict[str, Any]]:
        """一行一行地看：for row in data.rows(): row["列名"]"""
        columns = {name: array for name, array in self.arrays.items() if len(array) == len(self)}
        for index in range(len(self)):
            yield {name: array[index].item() if array.ndim == 1 else array[index] for name, array in columns.items()}

    def split(self, test_share: float = 0.25, *, seed: int = 7) -> tuple[Dataset, Dataset]:
        """分成学习用的和考试用的两份；每次分得一样，因为种子 seed 不变。"""
        import numpy as np

        if not 0 < test_share < 1:
            raise ValueError(f"test_share 要在 0 和 1 之间，这里是 {test_share}。")
        order = np.random.default_rng(seed).permutation(len(self))
        tests = max(1, round(len(self) * test_share))
        return self._take(order[tests:]), self._take(order[:tests])

    def _take(self, rows: np.ndarray) -> Dataset:
        count = len(self)
        arrays = {name: array[rows] if len(array) == count else array for name, array in self.arrays.items()}
        return Dataset(self.slug, self.card, self.folder, arrays)


def load(slug: str) -> Dataset:
    """读出一份数据：digits = datasets.load("sklearn-digits")"""
    folder = find(slug)
    described = card(slug)
    arrays = _arrays(described, folder)
    count = _row_count(arrays)
    if described.rows is not None and count != described.rows:
        raise DataError(f"数据 {slug} 有 {count} 行，card.yml 写的是 {described.rows} 行：请老师核对 {folder.name}/。")
    return Dataset(slug, described, folder, {name: array.copy() for name, array in arrays.items()})


def card(slug: str) -> Card:
    """一份数据的名片：print(datasets.card("sklearn-wine"))"""
    return read_card(find(slug) / "card.yml")


def names() -> list[str]:
    """这里能读到的数据的名字。"""
    folders = [folder for root in _roots() if root.is_dir() for folder in root.iterdir()]
    return sorted({folder.name for folder in folders if (folder / "card.yml").is_file()})


def find(slug: str) -> Path:
    """The folder of a data set: the lesson's own data/ first, then kits/datasets."""
    known = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", slug) is not None
    for root in _roots() if known else ():
        if (root / slug / "card.yml").is_file():
            return root / slug
    near = get_close_matches(slug, names(), n=3, cutoff=0.4)
    advice = f"你是不是想写：{'、'.join(near)}？" if near else f"可以用的有：{'、'.join(names())}。"
    raise DataError(f"没有叫 {slug!r} 的数据。{advice}")


def read_card(path: Path) -> Card:
    """Read and check a card.yml; raises DataError with all faults in one Chinese message."""
    import yaml

    where = f"{path.parent.name}/{path.name}"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise DataError(
            f"{where} 读不出来：要用 UTF-8 保存，写成“名字: 内容”的样子（{_first_line(error)}）。"
        ) from error
    if not isinstance(content, dict):
        raise DataError(f"{where} 是空的：要写 {'、'.join(_TEXTS)} 和 columns。")
    faults = _card_faults(content)
    if faults:
        raise DataError(f"{where}：{'；'.join(faults)}。")
    columns = {str(name): str(meaning) for name, meaning in content["columns"].items()}
    texts = {key: str(content[key]) for key in _TEXTS}
    extra = {key: str(content.get(key, "")) for key in ("note", "reader")}
    return Card(slug=path.parent.name, columns=columns, rows=content.get("rows"), **texts, **extra)


def _card_faults(content: dict[str, Any]) -> list[str]:
    faults = [f"缺少 {key}" for key in _TEXTS if not content.get(key)]
    faults += [f"不认识 {key}" for key in content if key not in _KEYS]
    if content.get("kind") and content["kind"] not in KINDS:
        faults.append(f"kind 要写 真实 或 模拟，这里是 {content['kind']}")
    if not isinstance(content.get("columns"), dict) or not content["columns"]:
        faults.append("columns 要写出每一列的名字和意思")
    if not isinstance(content.get("rows", 0), int):
        faults.append("rows 要是一个整数")
    return faults


def _roots() -> tuple[Path, Path]:
    return Path.cwd() / "data", HERE


def _row_count(arrays: Mapping[str, Any]) -> int:
    """The first array counts: readers put the examples first, short lists of names last."""
    return len(next(iter(arrays.values()))) if arrays else 0


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _arrays(described: Card, folder: Path) -> dict[str, np.ndarray]:
    import numpy as np

    if described.reader:
        if described.reader not in READERS:
            raise DataError(f"{described.slug}/card.yml 的 reader 不认识：可以写 {'、'.join(READERS)}。")
        return _carried(described.reader)
    if (folder / "data.csv").is_file():
        return _from_csv(folder / "data.csv", described)
    if (folder / "data.npz").is_file():
        with np.load(folder / "data.npz", allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    # A set of pictures or sounds: the lesson reads the files in `folder` itself.
    return {}


def _from_csv(path: Path, described: Card) -> dict[str, np.ndarray]:
    where = f"{path.parent.name}/{path.name}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, *lines = [line for line in csv.reader(stream) if line] or [[]]
    except UnicodeError as error:
        raise DataError(f"{where} 不是 UTF-8：在表格软件里另存为“CSV UTF-8”。") from error
    if header != list(described.columns):
        raise DataError(f"{where} 的列是 {'、'.join(header)}，card.yml 写的是 {'、'.join(described.columns)}：要一样。")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise DataError(f"{where} 第 {number} 行有 {len(line)} 格，应该有 {len(header)} 格。")
    return {name: _column([line[index].strip() for line in lines]) for index, name in enumerate(header)}


def _column(cells: list[str]) -> np.ndarray:
    """Whole numbers if all are, else numbers (empty = nan), else texts."""
    import numpy as np

    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except ValueError:
        pass
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)


def _digits() -> dict[str, np.ndarray]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return {"images": bunch.images, "data": bunch.data, "target": bunch.target, "target_names": bunch.target_names}


#: The thirteen measurements of the wine set in the library's order.
_WINE = (
    *("酒精", "苹果酸", "灰分", "灰分碱度", "镁", "总酚", "黄烷醇", "非黄烷酚"),
    *("原花青素", "颜色深浅", "色调", "稀释酒吸光比", "脯氨酸"),
)


def _wine() -> dict[str, np.ndarray]:
    import numpy as np
    from sklearn.datasets import load_wine

    bunch = load_wine()
    arrays = {"data": bunch.data, "target": bunch.target, "feature_names": np.array(_WINE)}
    arrays["target_names"] = np.array(["甲", "乙", "丙"])
    return arrays | {name: bunch.data[:, index] for index, name in enumerate(_WINE)}


#: Sets that a library carries; imported only when one is loaded.
READERS: dict[str, Callable[[], dict[str, Any]]] = {"sklearn.load_digits": _digits, "sklearn.load_wine": _wine}


@lru_cache(maxsize=4)
def _carried(reader: str) -> dict[str, Any]:
    return READERS[reader]()
