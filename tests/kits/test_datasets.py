import numpy as np
import pytest

from kits import datasets

CARD = """
title: "扇贝的重量"
kind: 模拟
source: "由程序按正态分布算出"
licence: "CC BY 4.0"
size: "3 只"
columns: {重量: "克", 等级: "大、小"}
"""


@pytest.fixture
def scallops(tmp_path, monkeypatch):
    """A lesson's own data set in ./data/scallops."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "scallops"
    folder.mkdir(parents=True)
    (folder / "card.yml").write_text(CARD, encoding="utf-8")
    (folder / "data.csv").write_text("重量,等级\n31.5,大\n12,小\n,小\n", encoding="utf-8")
    return folder


def test_digits():
    digits = datasets.load("sklearn-digits")
    assert digits.images.shape == (1797, 8, 8)
    assert digits.data.shape == (1797, 64)
    assert len(digits) == 1797 and set(digits.target) == set(range(10))
    assert digits.card.kind == "真实" and "8×8" in digits.card.size


def test_wine():
    wine = datasets.load("sklearn-wine")
    assert wine.data.shape == (178, 13)
    assert list(wine["酒精"]) == list(wine.data[:, 0])
    assert wine.feature_names[12] == "脯氨酸"
    assert list(np.bincount(wine.target)) == [59, 71, 48]


def test_every_bundled_set_is_as_its_card_says():
    for slug in datasets.names():
        data = datasets.load(slug)
        assert set(data.arrays) == set(data.card.columns), slug


def test_own_data_of_the_lesson(scallops):
    data = datasets.load("scallops")
    assert data["重量"][:2].tolist() == [31.5, 12.0] and np.isnan(data.重量[2])
    assert data["等级"].tolist() == ["大", "小", "小"]
    assert "模拟数据" in repr(data) and "模拟数据" in str(data.card)
    assert next(data.rows()) == {"重量": 31.5, "等级": "大"}


def test_own_data_lies_over_the_bundled(scallops):
    scallops.rename(scallops.parent / "sklearn-wine")
    assert datasets.card("sklearn-wine").title == "扇贝的重量"


def test_npz(scallops):
    (scallops / "data.csv").unlink()
    np.savez(scallops / "data.npz", 重量=np.arange(3), 等级=np.arange(3))
    assert datasets.load("scallops").重量.tolist() == [0, 1, 2]


def test_a_pupil_may_change_his_copy():
    datasets.load("sklearn-digits").images[0] = 99
    assert datasets.load("sklearn-digits").images[0].max() <= 16


def test_split_is_fixed_and_loses_nothing():
    digits = datasets.load("sklearn-digits")
    train, test = digits.split(0.2)
    assert (len(train), len(test)) == (1438, 359)
    assert np.array_equal(train.split()[0].data, digits.split(0.2)[0].split()[0].data)
    assert sorted([*train.data.sum(axis=1), *test.data.sum(axis=1)]) == sorted(digits.data.sum(axis=1))
    assert (train.images.reshape(len(train), 64) == train.data).all()
    assert len(train.target_names) == 10


@pytest.mark.parametrize("share", [0, 1, 25])
def test_split_refuses_no_share(share):
    with pytest.raises(ValueError, match="0 和 1 之间"):
        datasets.load("sklearn-wine").split(share)


def test_unknown_set_names_near_matches():
    with pytest.raises(datasets.DataError, match="没有叫 'sklearn-digit' 的数据。你是不是想写：sklearn-digits"):
        datasets.load("sklearn-digit")
    with pytest.raises(datasets.DataError, match="可以用的有：.*sklearn-wine"):
        datasets.load("海带")


def test_a_slug_is_no_path(scallops):
    with pytest.raises(datasets.DataError, match="没有叫"):
        datasets.load("../data/scallops")


def test_unknown_column_names_the_columns(scallops):
    with pytest.raises(KeyError, match="没有 种类，可以用的有：重量、等级"):
        datasets.load("scallops")["种类"]
    with pytest.raises(AttributeError, match="可以用的有：重量、等级"):
        _ = datasets.load("scallops").weight


def test_all_faults_of_a_card_in_one_message(scallops):
    (scallops / "card.yml").write_text('title: "扇贝"\nkind: 真的\nweight: 3\n', encoding="utf-8")
    with pytest.raises(datasets.DataError) as caught:
        datasets.card("scallops")
    for fault in ("scallops/card.yml", "缺少 source", "缺少 licence", "不认识 weight", "kind 要写", "columns 要写出"):
        assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("card.yml", "title: [", "card.yml 读不出来"),
        ("card.yml", "", "是空的"),
        ("card.yml", CARD + "rows: 4\n", "有 3 行，card.yml 写的是 4 行"),
        ("card.yml", CARD + "reader: sklearn.fetch_olivetti\n", "reader 不认识"),
        ("data.csv", "重量\n3\n", "列是 重量，card.yml 写的是 重量、等级"),
        ("data.csv", "重量,等级\n3\n", "第 2 行有 1 格，应该有 2 格"),
    ],
)
def test_damaged_sets_are_answered_in_chinese(scallops, name, content, seen):
    (scallops / name).write_text(content, encoding="utf-8")
    with pytest.raises(datasets.DataError, match=seen):
        datasets.load("scallops")


def test_csv_that_is_not_utf8(scallops):
    (scallops / "data.csv").write_bytes("重量,等级\n3,大\n".encode("gbk"))
    with pytest.raises(datasets.DataError, match="不是 UTF-8"):
        datasets.load("scallops")
