"""Settings: where each comes from, and one Chinese line with file and key for each that nobody can use."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import settings
from grading.course import open_course, read_config, ready_exchange
from grading.roster import Person, create_class


@pytest.fixture
def hub_yml(own_data: Path):
    def write(text: str | bytes) -> Path:
        own_data.mkdir(exist_ok=True)
        path = own_data / "hub.yml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_environment_goes_before_the_schools_file_and_that_before_ours(
    own_data: Path, hub_yml, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = yaml.safe_load(settings.DEFAULTS.read_text("utf-8"))
    found = settings.load()
    assert {name: getattr(found, name) for name in shipped} == shipped, "every setting of ours stands in deploy/hub.yml"
    assert set(shipped) == set(settings.WANTED) and found.exchange_root == own_data / "exchange"
    hub_yml("port: 9000\nexchange: /mnt/school\n")
    assert (settings.load().port, settings.load().exchange_root) == (9000, Path("/mnt/school"))
    monkeypatch.setenv("HAIKE_PORT", "9100")
    monkeypatch.setenv("HAIKE_EXCHANGE_ROOT", "elsewhere")
    monkeypatch.setenv("HAIKE_SPAWNER", "")
    found = settings.load()
    assert (found.port, found.exchange_root, found.spawner) == (9100, own_data / "elsewhere", shipped["spawner"])


@pytest.mark.parametrize(
    ("written", "seconds"), [("60", 3600), ("0", 0), ("none", 0), ("", 0), ("null", 0), ("0.5", 30), ("'15'", 900)]
)
def test_idle_minutes_may_be_never(written: str, seconds: int, hub_yml, monkeypatch: pytest.MonkeyPatch) -> None:
    hub_yml(f"idle_minutes: {written}\n")
    assert settings.load().idle_seconds == seconds
    monkeypatch.setenv("HAIKE_IDLE_MINUTES", "none")
    assert settings.load().idle_seconds == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot: 9000\n", [":1  没有 prot 这个设置。是不是 port？"]),
        ("# 端口\nport: 八千\n", [":2  port 不能是“八千”。请写 1 到 65535 的整数"]),
        ("port: yes\n", [":1  port 不能是“True”"]),
        ("port: 0\n", [":1  port"]),
        ("exchange:\n", [":1  exchange 不能是“None”"]),
        ("spawner: nowhere.Spawner\n", [":1  spawner 不能是“nowhere.Spawner”"]),
        ("exchange_classes: {lst: ngshare.List}\n", [":1  exchange_classes"]),
        ("idle_minutes: -1\n", [":1  idle_minutes"]),
        ("port: x\nidle_minuts: 3\n8000: 1\n", [":2  没有 idle_minuts", ":3  没有 8000", ":1  port 不能是“x”"]),
        ("port: [\n", [":2  不是正确的 YAML"]),
        ("八千\n", [":1  应该一行一个"]),
        ("port: 八千".encode("gb18030"), [":1  不是 UTF-8"]),
    ],
)
def test_what_nobody_can_use_is_one_line_with_file_and_key(text: str | bytes, said: list[str], hub_yml) -> None:
    path = hub_yml(text)
    with pytest.raises(settings.SettingsFault) as fault:
        settings.load()
    lines = str(fault.value).splitlines()
    assert len(lines) == len(said)
    for line, words in zip(lines, said, strict=True):
        assert line.startswith(f"{path}{words}"), line


def test_a_wrong_word_in_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_PORT", "八千")
    with pytest.raises(settings.SettingsFault, match="^环境变量 HAIKE_PORT  port 不能是“八千”"):
        settings.load()
    monkeypatch.setenv("HAIKE_PORT", "8000")
    monkeypatch.setenv("HAIKE_EXCHANGE_CLASSES", "list")
    with pytest.raises(settings.SettingsFault, match="HAIKE_EXCHANGE_CLASSES  不是 JSON"):
        settings.load()


def test_the_schools_exchange_holds_for_the_command_line(own_data: Path, hub_yml, tmp_path: Path) -> None:
    hub_yml(f"exchange: {tmp_path / '交换'}\nexchange_classes: {{list: nbgrader.exchange.default.list.ExchangeList}}\n")
    made = create_class("c7", "七年级", 7, [Person("p1", "学生一", "pupil")])
    config = read_config(made.folder)
    assert config.Exchange.root == str(tmp_path / "交换")
    assert config.ExchangeFactory.list == "nbgrader.exchange.default.list.ExchangeList"
    ready_exchange(open_course(made.folder))
    assert (tmp_path / "交换").is_dir() and not (own_data / "exchange").exists()


def test_a_command_says_what_is_wrong_with_a_setting_and_not_with_nbgrader(hub_yml) -> None:
    made = create_class("c7", "七年级", 7, [Person("p1", "学生一", "pupil")])
    path = hub_yml("exchnage: x\n")
    with pytest.raises(settings.SettingsFault, match=f"^{path}:1  没有 exchnage 这个设置。是不是 exchange？"):
        read_config(made.folder)
