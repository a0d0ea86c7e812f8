"""The page 测试怎么写 says what the judge says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kits import judge

PAGE = (Path(__file__).parents[2] / "book" / "pages" / "judge.md").read_text(encoding="utf-8")
SAID = [line.split(" | ")[1].strip(" |") for line in PAGE.splitlines() if line.startswith("|") and "nearest" in line]
RETURNED = [(None, 2), ("2", 2), ([1, 2], [1, 2, 3]), ([1, 2, 4], [1, 2, 3])]


@pytest.mark.parametrize(("said", "values"), zip(SAID, RETURNED, strict=False))
def test_the_sentences_are_the_judges(said: str, values: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(sys.modules["__main__"]), "nearest", lambda: values[0])
    with pytest.raises(AssertionError) as error:
        judge.check("nearest", equals=values[1])
    assert str(error.value) == said.replace("(…)", "()")


def test_a_cell_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(sys.modules["__main__"]), "In", ["def nearest(a"])
    with pytest.raises(AssertionError, match=SAID[-1]):
        judge.check("nearest", equals=1)


def test_every_call_on_the_page_exists() -> None:
    assert set(re.findall(r"judge\.(\w+)\(", PAGE)) == set(judge.__all__)


def test_the_file_alone_is_enough(tmp_path: Path) -> None:
    shutil.copy(judge.__file__, tmp_path)
    code = "import sys; sys.path[:0] = ['.']; import judge\ndef f(): return 3\njudge.check('f', equals=3)\nprint('好')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == "好", done.stderr
