"""The few choices of a school: deploy/hub.yml, over it var/hub.yml, over it HAIKE_* of the environment.

The classroom, a teacher's commands and nbgrader inside both of them read the same ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from build_paths import ROOT, data_dir
from fault import Fault, reason

DEFAULTS = ROOT / "deploy" / "hub.yml"
NEVER = ("", "none", "never", "null", "从不", "不")


class SettingsFault(Fault):
    """Settings nobody can use: one line for each, with file and key."""


def _no_truth(value: object) -> object:
    """YAML takes `yes` for a truth, and Python a truth for 1."""
    if isinstance(value, bool):
        raise ValueError
    return value


def _or_never(value: object) -> object:
    return 0 if value is None or str(value).strip().lower() in NEVER else _no_truth(value)


def _installed(name: str) -> str:
    package, dot, _ = name.partition(".")
    if not dot or not package.isidentifier() or find_spec(package) is None:
        raise ValueError
    return name


Port = Annotated[int, BeforeValidator(_no_truth), Field(ge=1, le=65535)]
Seconds = Annotated[int, BeforeValidator(_no_truth), Field(ge=1)]
Minutes = Annotated[float, BeforeValidator(_or_never), Field(ge=0, allow_inf_nan=False)]
ClassName = Annotated[str, AfterValidator(_installed)]
ExchangeStep = Literal[
    "exchange", "collect", "fetch_assignment", "fetch_feedback", "list", "release_assignment", "release_feedback",
    "submit",
]  # fmt: skip

#: What a setting should have been, for whoever wrote another thing.
WANTED = {
    "port": "写 1 到 65535 的整数",
    "spawner": "写装好了的类，比如 jupyterhub.spawner.SimpleLocalProcessSpawner",
    "exchange": "写一个文件夹",
    "exchange_classes": "写“步骤: 类”，类要装好了，步骤是 list、submit、collect 这些 nbgrader 的名字",
    "start_seconds": "写秒数，比如 180",
    "idle_minutes": "写分钟数，比如 60；0 或 none 是从不",
}


class _File(YamlConfigSettingsSource):
    """A file whose keys are words, even the unknown ones."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        super().__init__(settings_cls, path, yaml_file_encoding="utf-8-sig")

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        return {str(key): value for key, value in super()._read_file(file_path).items()}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HAIKE_", env_ignore_empty=True, extra="ignore", frozen=True)

    data: Path
    port: Port
    spawner: ClassName
    exchange: Annotated[str, Field(min_length=1)]
    exchange_classes: dict[ExchangeStep, ClassName]
    start_seconds: Seconds
    idle_minutes: Minutes

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What comes first wins."""
        assert isinstance(init_settings, InitSettingsSource)
        root = os.environ.get("HAIKE_EXCHANGE_ROOT")
        return (
            init_settings,
            InitSettingsSource(settings_cls, {"exchange": root} if root else {}),
            env_settings,
            _File(settings_cls, init_settings.init_kwargs["data"] / "hub.yml"),
            _File(settings_cls, DEFAULTS),
        )

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

    @property
    def idle_seconds(self) -> int:
        """0 is never."""
        return round(self.idle_minutes * 60)


def load(data: Path | None = None) -> Settings:
    """The settings of the school whose data lies there. Raises SettingsFault with all that is wrong, one a line."""
    data = (data or data_dir()).resolve()
    places = {DEFAULTS: _keys(DEFAULTS), data / "hub.yml": _keys(data / "hub.yml")}
    faults = [fault for path, keys in places.items() for fault in _unknown(path, keys)]
    chosen = None
    try:
        chosen = Settings(data=data)  # type: ignore[call-arg]  # the sources bring the rest
    except ValidationError as error:
        wrong = {str(one["loc"][0]): one for one in error.errors()}
        faults += [f"{_place(name, places)}  {name} {_given(one)}。请{WANTED[name]}。" for name, one in wrong.items()]
    except SettingsError:
        faults.append(f"环境变量 HAIKE_EXCHANGE_CLASSES  不是 JSON。不如写进 {data / 'hub.yml'}。")
    if faults or not chosen:
        raise SettingsFault("\n".join(faults))
    return chosen


def tell_nbgrader(config: Any, chosen: Settings) -> None:
    """Where the exchange is, for any nbgrader configuration of a class: in the classroom and on the command line."""
    config.Exchange.root = str(chosen.exchange_root)
    config.Exchange.path_includes_course = True
    config.Exchange.timezone = "UTC"
    for step, name in chosen.exchange_classes.items():
        setattr(config.ExchangeFactory, step, name)


def _keys(path: Path) -> dict[str, int]:
    """The keys of a file with their lines. Raises SettingsFault if it is no YAML mapping."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsFault(f"{path}:1  读不了：{reason(error)}。") from None
    except UnicodeDecodeError:
        raise SettingsFault(f"{path}:1  不是 UTF-8 文字。用编辑器另存为 UTF-8 编码。") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SettingsFault(f"{path}:{line}  不是正确的 YAML。检查这一行的冒号、引号和缩进。") from None
    if top is None:
        return {}
    if not isinstance(top, yaml.MappingNode):
        raise SettingsFault(f"{path}:1  应该一行一个“名字: 值”，比如 port: 8000。")
    return {key.value: key.start_mark.line + 1 for key, _ in top.value}


def _unknown(path: Path, keys: dict[str, int]) -> Iterator[str]:
    for key, line in keys.items():
        if key not in WANTED:
            near = get_close_matches(key, WANTED, 1)
            advice = f"是不是 {near[0]}？" if near else ""
            yield f"{path}:{line}  没有 {key} 这个设置。{advice}可以写的有 {'、'.join(WANTED)}。"


def _place(name: str, places: dict[Path, dict[str, int]]) -> str:
    """Where the value that was taken stands: the environment comes first, then the file read last."""
    for variable in ("HAIKE_EXCHANGE_ROOT" if name == "exchange" else "", f"HAIKE_{name.upper()}"):
        if os.environ.get(variable):
            return f"环境变量 {variable}"
    path = next((path for path, keys in reversed(places.items()) if name in keys), DEFAULTS)
    return f"{path}:{places[path].get(name, 1)}"


def _given(error: Any) -> str:
    return "没有写" if error["type"] == "missing" else f"不能是“{error['input']}”"
