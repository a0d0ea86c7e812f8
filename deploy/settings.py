"""The few choices of a running classroom: hub.yml beside this file, over it var/hub.yml, over it the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from fault import Fault

DEFAULTS = Path(__file__).with_name("hub.yml")
ENVIRONMENT = {"HAIKE_PORT": "port", "HAIKE_SPAWNER": "spawner", "HAIKE_EXCHANGE_ROOT": "exchange"}


class SettingsFault(Fault):
    """A setting nobody can use; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Settings:
    data: Path
    port: int
    spawner: str
    exchange: str
    exchange_classes: dict[str, str] = field(default_factory=dict)
    start_seconds: int = 180
    idle_minutes: int = 60

    @property
    def exchange_root(self) -> Path:
        return self.data / self.exchange

    @property
    def classes(self) -> Path:
        return self.data / "classes"

    @property
    def homes(self) -> Path:
        return self.data / "homes"

    @property
    def hub(self) -> Path:
        return self.data / "hub"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    return Path(environment.get("HAIKE_DATA") or Path(__file__).resolve().parents[1] / "var").resolve()


def load(data: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    data = (data or data_folder(environment)).resolve()
    known = {f.name for f in fields(Settings)} - {"data"}
    chosen: dict[str, object] = {}
    for path in (DEFAULTS, data / "hub.yml"):
        chosen.update(_read(path, known))
    for variable, name in ENVIRONMENT.items():
        if environment.get(variable):
            chosen[name] = environment[variable]
    for name in ("port", "start_seconds", "idle_minutes"):
        try:
            chosen[name] = int(str(chosen[name]))
        except ValueError:
            sentence = f"设置 {name} 应该是一个整数，现在是“{chosen[name]}”。请在 {data / 'hub.yml'} 里改正。"
            raise SettingsFault(sentence) from None
    return Settings(data=data, **chosen)  # type: ignore[arg-type]


def _read(path: Path, known: set[str]) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        read = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise SettingsFault(f"读不懂设置文件 {path}：{fault}") from None
    if not isinstance(read, dict):
        raise SettingsFault(f"{path} 应该是“名字: 值”的清单。")
    unknown = sorted(set(read) - known)
    if unknown:
        names, usable = "、".join(map(str, unknown)), "、".join(sorted(known))
        raise SettingsFault(f"{path} 里有不认识的设置：{names}。可以用的有：{usable}。")
    return read
