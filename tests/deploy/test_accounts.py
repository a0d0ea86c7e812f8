import pytest

from deploy.accounts import Brake, picture_password, read_rosters
from grading.passwords import hash_secret, verify_secret


def test_secret_is_verified_and_never_stored_in_the_clear():
    stored = hash_secret("海带-7")
    assert "海带" not in stored
    assert verify_secret("海带-7", stored)
    assert not verify_secret("海带-8", stored)
    assert stored != hash_secret("海带-7"), "two pupils with one password must not have one hash"


@pytest.mark.parametrize("stored", ["", "海带-7", "scrypt$1$2", "md5$16384$8$1$AA==$AA==", "scrypt$x$8$1$AA==$AA=="])
def test_broken_hash_lets_nobody_in(stored):
    assert not verify_secret("海带-7", stored)


def test_picture_password_knows_its_pictures():
    assert picture_password("swan", "boat", "lighthouse") == "swan-boat-lighthouse"
    with pytest.raises(ValueError):
        picture_password("swan", "boat")
    with pytest.raises(ValueError):
        picture_password("swan", "boat", "tiger")


def test_brake_rests_after_five_wrong_and_forgets_after_a_minute():
    now = [0.0]
    brake = Brake(tries=5, rest=60, clock=lambda: now[0])
    for _ in range(4):
        brake.wrong("demo7-01")
    assert brake.seconds_left("demo7-01") == 0
    brake.wrong("demo7-01")
    assert 0 < brake.seconds_left("demo7-01") <= 61
    assert brake.seconds_left("demo7-02") == 0, "one pupil's mistakes are no other pupil's rest"
    now[0] = 61
    assert brake.seconds_left("demo7-01") == 0


def test_right_secret_releases_the_brake():
    brake = Brake(tries=2)
    brake.wrong("a")
    brake.right("a")
    brake.wrong("a")
    assert brake.seconds_left("a") == 0


def test_rosters_are_read(data):
    rosters = read_rosters(data / "classes")
    assert rosters.faults == []
    assert [c.code for c in rosters.classes] == ["demo7"]
    assert [p.name for p in rosters.classes[0].pupils] == ["小海"]
    assert rosters.is_teacher("teacher1") and not rosters.is_teacher("demo7-01")


def spoil(data, text):
    (data / "classes" / "demo7" / "roster.csv").write_text(text, "utf-8")
    return read_rosters(data / "classes").faults


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a-1,小海,pupil,\n", "缺少 secret"),
        ("a 1,小海,pupil,x\n", "编号“a 1”"),
        ("a-1,小海,boss,x\n", "身份“boss”"),
        ("a-1,小海,pupil,x\na-1,小浪,pupil,x\n", "出现了两次"),
    ],
)
def test_fault_in_a_roster_says_where(data, rows, words):
    faults = spoil(data, "id,name,role,secret\n" + rows)
    assert any(words in fault and "roster.csv:" in fault for fault in faults), faults


def test_class_without_roster_and_roster_of_another_encoding(data):
    (data / "classes" / "demo7" / "roster.csv").unlink()
    assert "没有名单" in read_rosters(data / "classes").faults[0]
    (data / "classes" / "demo7" / "roster.csv").write_bytes("id,name,role,secret\na,小海,pupil,x\n".encode("gbk"))
    assert "UTF-8" in read_rosters(data / "classes").faults[0]


def test_all_faults_come_in_one_run(data):
    (data / "classes" / "b").mkdir()
    (data / "classes" / "b" / "class.yml").write_text("title: 没有年级\n", "utf-8")
    faults = spoil(data, "id,name,role,secret\na 1,小海,pupil,x\n")
    assert len(faults) == 2
