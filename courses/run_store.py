"""What is kept of a lesson's runs: build/reference/<lesson id>.jsonl, one line a run, written as each ends.

The reference's outputs, figures and all, stand beside in <lesson id>.outputs.json and are read only by whoever shows
them. It is only a cache: what is missing or damaged is run again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from build_paths import build_dir, write_atomically
from fault import Fault

Record = dict[str, Any]
Outputs = dict[int, list[dict[str, Any]]]
PARTS = ("key", "scores", "ways", "errors", "seconds")


class Store:
    """The records of one lesson, by key."""

    def __init__(self, lesson_id: str) -> None:
        self.path = build_dir() / "reference" / f"{lesson_id}.jsonl"
        self.outputs_path = self.path.with_suffix(".outputs.json")
        self.records: dict[str, Record] = {}
        self.is_whole = True  # every line could be read
        with suppress(OSError):
            for line in self.path.read_bytes().splitlines():
                self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            record = json.loads(line)
            self.records[record["key"]] = {part: record[part] for part in record if all(p in record for p in PARTS)}
        except (ValueError, KeyError, TypeError):
            self.is_whole = False

    def __contains__(self, key: str) -> bool:
        record = self.records.get(key)
        return record is not None and record.get("size", -1) in (-1, self._outputs_size())

    def _outputs_size(self) -> int:
        with suppress(OSError):
            return self.outputs_path.stat().st_size
        return 0

    def add(self, key: str, record: Record, outputs: Outputs | None = None) -> None:
        """Keep a run; `outputs` (by place in the run) are those of the reference."""
        if outputs is not None:
            text = json.dumps({"key": key, "outputs": outputs}, ensure_ascii=False).encode()
            write_atomically(self.outputs_path, text)
            pictures = [place for place, own in outputs.items() if any(map(has_picture, own))]
            record = record | {"pictures": pictures, "size": len(text)}
        self.records[key] = record
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torn = b"" if self.is_whole else b"\n"  # a killed command may have left half a line
        self.is_whole = True
        with self.path.open("ab") as file:
            file.write(torn + line_of(key, record))

    def keep_only(self, keys: set[str]) -> None:
        """Forget what no run of today has for its key."""
        if self.records.keys() - keys:
            self.records = {key: record for key, record in self.records.items() if key in keys}
            write_atomically(self.path, b"".join(line_of(key, record) for key, record in self.records.items()))

    def outputs(self, key: str, numbers: Mapping[int, int]) -> StoredOutputs:
        return StoredOutputs(self.outputs_path, key, numbers)


def line_of(key: str, record: Record) -> bytes:
    return json.dumps({"key": key} | record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def has_picture(output: dict[str, Any]) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


class StoredOutputs(Mapping[int, list[dict[str, Any]]]):
    """The reference's outputs by cell number, read when they are first asked for."""

    def __init__(self, path: Path, key: str, numbers: Mapping[int, int]) -> None:
        """`numbers` says which cell each place in the run is today."""
        self.path, self.key, self.numbers = path, key, numbers

    @cached_property
    def found(self) -> Outputs:
        try:
            data = json.loads(self.path.read_bytes())
            if data["key"] != self.key:
                raise ValueError("of another run")
            return {
                self.numbers[int(place)]: own for place, own in data["outputs"].items() if int(place) in self.numbers
            }
        except (OSError, ValueError, KeyError) as error:
            raise Fault(f"{self.path} 读不出来了。删掉它，再运行一次。") from error

    def __getitem__(self, number: int) -> list[dict[str, Any]]:
        return self.found[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)
