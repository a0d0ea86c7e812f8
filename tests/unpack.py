"""Every byte of a product, after opening what is packed: zip, gzip, pickle, SQLite and the text in PNG pictures."""

from __future__ import annotations

import gzip
import io
import pickletools
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def every_byte(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file below the folder, packed content included, and of each file name itself."""
    for path in sorted(folder.rglob("*")):
        yield f"{path} (name)", path.name.encode()
        if path.is_file():
            yield from opened(str(path), path.read_bytes())


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if data.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as pack:
            for inner in pack.namelist():
                yield from opened(f"{name}!{inner}", pack.read(inner))
    elif data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError):
            yield from opened(f"{name}!gz", gzip.decompress(data))
    elif data.startswith(b"SQLite format 3"):
        yield f"{name}!sqlite", dump(data)
    elif data.startswith(b"\x89PNG"):
        yield f"{name}!png", png_text(data)
    elif data[:1] == b"\x80" and data[1:2] in b"\x02\x03\x04\x05":
        yield f"{name}!pickle", pickled_text(data)


def dump(data: bytes) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(data)
        file.flush()
        connection = sqlite3.connect(file.name)
        try:
            return "\n".join(connection.iterdump()).encode()
        finally:
            connection.close()


def png_text(data: bytes) -> bytes:
    """The chunks of a PNG that hold text, unpacked."""
    found, place = [], 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            found.append(body)
        if kind in (b"zTXt", b"iTXt"):
            for start in range(min(len(body), 200)):
                with suppress(zlib.error):
                    found.append(zlib.decompress(body[start:]))
                    break
        place += length + 12
    return b"\n".join(found)


def pickled_text(data: bytes) -> bytes:
    """The strings of a pickle, without running it."""
    texts = []
    with suppress(ValueError, IndexError):
        for _, argument, _ in pickletools.genops(data):
            if isinstance(argument, str):
                texts.append(argument.encode())
            elif isinstance(argument, bytes):
                texts.append(argument)
    return b"\n".join(texts)


def spellings(word: str) -> list[bytes]:
    """How a word may stand in a file: UTF-8, UTF-16, JSON escapes, HTML numbers, percent signs."""
    from urllib.parse import quote

    forms = {word.encode(), word.encode("utf-16-le"), quote(word).encode()}
    forms.add(word.encode("unicode_escape"))
    forms.add("".join(f"&#{ord(char)};" for char in word).encode())
    forms.add("".join(f"&#x{ord(char):x};" for char in word).encode())
    return [form.lower() for form in forms]


def found_in(folder: Path, words: list[str]) -> dict[str, list[str]]:
    """word → the places where it stands, in any spelling, capitals aside."""
    places: dict[str, list[str]] = {}
    forms = {word: spellings(word) for word in words}
    for name, data in every_byte(folder):
        small = data.lower()
        for word, own in forms.items():
            if any(form in small for form in own):
                places.setdefault(word, []).append(name)
    return places
