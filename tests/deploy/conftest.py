from pathlib import Path

import pytest

from tests.deploy import stand_in


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose path is as awkward as a school's: a space and Chinese in it."""
    folder = tmp_path / "海课 数据"
    stand_in.make_class(folder, "demo7", "七年级演示班", 7, {"demo7-01": "小海"})
    return folder
