"""Options and hints beside a released notebook: no eye reads them, no damage stops a pupil."""

from __future__ import annotations

import base64
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kits import questions
from kits.widgets import base, choice

QUESTION = "哪一枚是扇贝？"
OPTIONS = [("圆的", True, "对，它像扇子。"), ("尖的", False, "再看看边。")]
#: What a text may hold, a lone half of a surrogate pair aside: no file can hold that.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMED = st.lists(st.tuples(TEXT, st.booleans(), TEXT).map(list), max_size=8)


def write(folder: Path, content: bytes | None = None) -> None:
    (folder / questions.FILE).write_bytes(questions.packed([(QUESTION, OPTIONS)]) if content is None else content)


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=12))
def test_what_was_sealed_comes_back_and_looks_like_nothing(value: Any) -> None:
    sealed = questions.seal(value)
    assert questions.unseal(sealed) == value
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", sealed)


@given(st.text())
def test_what_nobody_sealed_is_a_value_error_or_a_value(text: str) -> None:
    with suppress(ValueError):
        questions.unseal(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TEXT, NAMED, max_size=4))
def test_each_question_finds_its_own_options(tmp_path: Path, asked: dict[str, Any]) -> None:
    content = questions.packed(asked.items())
    assert content == questions.packed(asked.items()) and content.isascii()
    (tmp_path / questions.FILE).write_bytes(content)
    os.utime(tmp_path / questions.FILE, ns=(0, hash(content) % 10**15))
    for question, options in asked.items():
        assert questions.options_of(question, tmp_path) == options


def test_a_choice_finds_beside_the_notebook_what_the_author_wrote_in_the_cell(own_folder: Path) -> None:
    write(own_folder)
    found, written = choice("", QUESTION), choice("", QUESTION, options=OPTIONS)
    assert found.public_state() == written.public_state()
    assert found.in_words() == written.in_words() == "哪一枚是扇贝？\n甲　圆的\n乙　尖的"
    assert found.trouble == ""


def test_key_and_hints_stand_nowhere_in_what_a_page_or_a_notebook_keeps(own_folder: Path) -> None:
    write(own_folder)
    for made in (choice("", QUESTION), choice("", QUESTION, options=OPTIONS, pinyin=True)):
        kept = json.dumps(
            [made._repr_mimebundle_(), made.get_state(drop_defaults=True)], ensure_ascii=False, default=str
        )
        assert "圆的" in kept
        assert not [word for word in ("像扇子", "看看边", '"right"', "扇子") if word in kept]
        assert "shàn" in kept or not made.ruby


def forged(document: Any) -> bytes:
    return questions.seal(document).encode()


def holding(options: Any) -> bytes:
    return forged({"version": 1, "questions": [{"question": QUESTION, "options": options}]})


BROKEN = {
    "missing": None,
    "empty": b"",
    "cut off": questions.packed([(QUESTION, OPTIONS)])[:-9],
    "not text": b"\xff\xfe\x00",
    "not base64": "甲".encode(),
    "not json": base64.b64encode(b"{"),
    "deep": base64.b64encode(b"[" * 100_000),
    "a list": forged([]),
    "newer": forged({"version": 2, "questions": []}),
    "no questions": forged({"version": 1}),
    "questions that are none": forged({"version": 1, "questions": [1]}),
    "another question": questions.packed([("别的？", OPTIONS)]),
    "no options": holding(None),
    "options that are none": holding(7),
    "one option": holding([["圆的", True, "对"]]),
    "options without a hint": holding([["圆的", True], ["尖的", False]]),
    "numbers": holding([[1, 2, 3], [4, 5, 6]]),
    "nothing right": holding([["圆的", False, "看"], ["尖的", False, "看"]]),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_without_its_options_a_question_says_one_sentence_and_the_notebook_goes_on(
    content: bytes | None, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        write(own_folder, content)
    made = choice("q", QUESTION)
    assert re.fullmatch(r"这道题的选项没有取到（questions\.bin [一-鿿]+），先做后面的，再告诉老师。", made.trouble)
    assert made.in_words() == f"{QUESTION}\n{made.trouble}"
    assert made._repr_mimebundle_()[0][base.MIME]["state"]["options"] == []
    assert capsys.readouterr() == ("", "")


def test_a_folder_in_its_place_and_a_notebook_without_a_folder_are_told_alike(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_folder / questions.FILE).mkdir()
    assert "读不出来" in choice("", QUESTION).trouble
    gone = own_folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "不在笔记旁边" in choice("", QUESTION).trouble


def test_the_file_is_read_once_for_a_notebook_and_again_when_it_is_new(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    text_of = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, *a: (reads.append(path), text_of(path, *a))[1])
    questions._read.cache_clear()
    write(own_folder, questions.packed([(QUESTION, OPTIONS), ("第二题？", OPTIONS)]))
    assert choice("", QUESTION).options and choice("", "第二题？").options
    assert [path.name for path in reads].count(questions.FILE) == 1
    write(own_folder, questions.packed([(QUESTION, [("扁的", True, "对"), *OPTIONS[1:]])]))
    assert choice("", QUESTION).options[0] == {"text": "扁的"}
