"""The brake on guessing, and who the hub lets in when something in a class's files is wrong."""

import asyncio

import settings
from deploy import hub, signin
from deploy.signin import Brake
from grading.passwords import hash_secret
from tests.deploy.stand_in import PASSWORD, make_class


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


def let_in(data, identifier, password=PASSWORD):
    authenticator = signin.RosterAuthenticator(classes=str(data / "classes"))
    return asyncio.run(authenticator.authenticate(None, {"username": identifier, "password": password}))


def test_one_bad_row_shuts_nobody_else_out(data):
    roster = data / "classes" / "demo7" / "roster.csv"
    roster.write_text(roster.read_text("utf-8") + "a b,小浪,pupil,x\n", "utf-8")
    make_class(data, "demo8", "八年级演示班", 8, {"demo8-01": "小江"})
    (data / "classes" / "demo8" / "class.yml").write_text("title: 没有年级\n", "utf-8")
    rosters = hub._read_classes(settings.load(data))
    assert [each.code for each in rosters.classes] == ["demo7"]
    assert [fault.split("classes/")[1].split("  ")[0] for fault in rosters.faults] == [
        "demo7/roster.csv:4", "demo8/class.yml:1",
    ]  # fmt: skip
    assert let_in(data, "demo7-01") == "demo7-01"
    assert let_in(data, "demo8-01") is None


def test_what_a_chinese_keyboard_types_is_understood(data):
    assert let_in(data, "ｄｅｍｏ７－０１ ", "ｈａｉ－ｋｅ－９") == "demo7-01"


def test_a_pupils_password_never_opens_a_teacher_of_the_same_name(data):
    folder = make_class(data, "demo8", "八年级演示班", 8, {})
    secret = hash_secret("swan")
    (folder / "roster.csv").write_text(f"id,name,role,secret\nteacher1,演示老师,pupil,{secret}\n", "utf-8")
    assert let_in(data, "teacher1", "swan") is None
    assert let_in(data, "teacher1") == "teacher1"
