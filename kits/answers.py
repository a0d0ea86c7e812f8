"""What a child did, kept in `answers.json` beside the notebook: one versioned document for both widget hosts.

    {"version": 1, "events": [{"lesson", "step", "point", "exercise", "value", "mistake", "seconds", "mode", "at"}]}

A pupil's work is never lost: the file is replaced atomically under a lock, a damaged one is set aside, a newer one is
left alone. Reading never writes, so a grader may read in a folder it cannot write to.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["AnswersError", "append", "check_event", "events", "last", "read_document", "record"]

FILE = "answers.json"
VERSION = 1
MODES = ("屏幕", "纸面", "全班")
MAX_VALUE = 64 * 1024  # bytes of one value as JSON
MAX_EVENTS = 5000
MAX_BYTES = 8 * 1024 * 1024  # of the whole document
LOCK_SECONDS = 10.0

Event = dict[str, Any]


class AnswersError(Exception):
    """The record could not be read or written; the message is Chinese and says what to do."""


class NotAnEvent(ValueError):
    """An event that does not fit the schema; the message is Chinese."""


def record(
    exercise: str,
    value: Any,
    *,
    step: str | int | None = None,
    point: str | None = None,
    mistake: str | None = None,
    seconds: float | None = None,
    mode: str = "屏幕",
) -> None:
    """记下一次回答。exercise 是练习的名字，value 是你的回答（数、文字、列表都可以）。"""
    append(
        {"exercise": exercise, "value": value, "step": step, "point": point, "mistake": mistake}
        | {"seconds": seconds, "mode": mode}
    )


def last(exercise: str, folder: Path | None = None) -> Any:
    """这个练习最后一次的回答；还没有做过就是 None。"""
    found = events(exercise, folder)
    return found[-1]["value"] if found else None


def events(exercise: str | None = None, folder: Path | None = None) -> list[Event]:
    """记下的每一次回答，从早到晚。"""
    path = _path(folder)
    try:
        found, trouble = _load(path)
    except FileNotFoundError:
        return []
    if trouble:
        _say_once(path, f"{path.name} {trouble}。文件没有动，里面的记录还在；下一次回答时会另存一份，请告诉老师。")
    return [e for e in found if exercise is None or e["exercise"] == exercise]


def append(event: Mapping[str, Any], folder: Path | None = None) -> Event:
    """Add one event, from a widget in either host or from `record`; lesson and time are filled in where missing."""
    path = _path(folder)
    given = {key: value for key, value in event.items() if value is not None}
    full = check_event({"lesson": _lesson(path.parent), "at": _now()} | given)
    try:
        with _locked(path.parent):
            kept = _load_for_writing(path)
            _replace(path, _document([*kept, full]))
    except OSError as err:
        raise AnswersError(_what_os_says(err)) from err
    return full


def check_event(event: Mapping[str, Any]) -> Event:
    """The one validator: known keys in their order, JSON values, or NotAnEvent with a Chinese reason."""
    clean = {
        "lesson": _text(event, "lesson", 120),
        "step": _step(event.get("step")),
        "point": _text(event, "point", 120, optional=True),
        "exercise": _text(event, "exercise", 120),
        "value": _value(event.get("value")),
        "mistake": _text(event, "mistake", 120, optional=True),
        "seconds": _seconds(event.get("seconds")),
        "mode": event.get("mode", MODES[0]),
        "at": _time(event.get("at")),
    }
    if clean["mode"] not in MODES:
        raise NotAnEvent(f"记录里的 mode 只能是 {'、'.join(MODES)}")
    return clean


def read_document(text: str) -> tuple[list[Event], str]:
    """Events of a document, and in Chinese what was wrong with it ("" where nothing was)."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return [], "读不出来，好像坏了"
    if not isinstance(document, dict) or not isinstance(document.get("events"), list):
        return [], "里面不是答题记录"
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise AnswersError(
            f"{FILE} 是更新版的海课写的（版本 {version}，这里只认识到 {VERSION}）。文件没有动，请升级海课后再打开。"
        )
    if version != VERSION or isinstance(version, bool):
        return [], "没有写明版本"
    found: list[Event] = []
    wrong = 0
    for entry in document["events"]:
        try:
            found.append(check_event(entry if isinstance(entry, dict) else {}))
        except NotAnEvent:
            wrong += 1
    return found, f"里有 {wrong} 条记录读不懂" if wrong else ""


# ---- the parts of one event ----


def _text(event: Mapping[str, Any], key: str, longest: int, *, optional: bool = False) -> str | None:
    text = event.get(key)
    if text is None and optional:
        return None
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise NotAnEvent(f"记录里的 {key} 要是 1 到 {longest} 个字的文字")
    if not text.isprintable():
        raise NotAnEvent(f"记录里的 {key} 有看不见的字符")
    return text


def _step(step: Any) -> str | int | None:
    if step is None or (isinstance(step, int) and not isinstance(step, bool) and abs(step) < 10**6):
        return step
    return _text({"step": step}, "step", 120)


def _value(value: Any) -> Any:
    """As JSON: numpy arrays become lists, tuples too."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_from_numpy)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError) as err:
        raise NotAnEvent("这个回答存不下来：只能是数、文字、列表或字典，不能有“非数”和“无穷大”") from err
    if size > MAX_VALUE:
        raise NotAnEvent(f"这个回答太大了，最多 {MAX_VALUE // 1024} kB")
    return json.loads(text)


def _from_numpy(thing: Any) -> Any:
    if hasattr(thing, "tolist"):
        return thing.tolist()
    raise TypeError(type(thing).__name__)


def _seconds(seconds: Any) -> float | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise NotAnEvent("记录里的 seconds 要是秒数")
    if not math.isfinite(seconds) or not 0 <= seconds < 10**7:
        raise NotAnEvent("记录里的 seconds 要是不小于 0 的秒数")
    return round(seconds, 1)


def _time(at: Any) -> str:
    try:
        moment = datetime.fromisoformat(at)
    except (TypeError, ValueError) as err:
        raise NotAnEvent("记录里的 at 要是一个时间") from err
    if moment.tzinfo is None:
        raise NotAnEvent("记录里的 at 要写明时区")
    try:
        return _iso(moment)
    except (OverflowError, ValueError) as err:
        raise NotAnEvent("记录里的 at 要是一个时间") from err


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    """As a browser's toISOString writes it, so that both hosts agree to the letter."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lesson(folder: Path) -> str:
    name = os.environ.get("HAIKE_LESSON", "").strip() or folder.resolve().name
    return "".join(c for c in name if c.isprintable()).strip()[:120] or "未命名"


# ---- the file ----


def _path(folder: Path | None) -> Path:
    return (folder or Path.cwd()) / FILE


def _load(path: Path) -> tuple[list[Event], str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], "读不出来，好像坏了"
    except FileNotFoundError:
        raise
    except OSError as err:
        raise AnswersError(f"打不开 {path.name}，请看看这个文件能不能读，再试一次。") from err
    return read_document(text)


def _load_for_writing(path: Path) -> list[Event]:
    try:
        found, trouble = _load(path)
    except FileNotFoundError:
        return []
    if trouble:
        aside = _set_aside(path)
        print(f"{path.name} {trouble}，原来的文件另存成了 {aside.name}，没有丢；新的回答已经接着记。")
    return found


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for tail in ("", *(f"-{n}" for n in range(2, 1000))):
        aside = path.with_name(f"answers.damaged-{stamp}{tail}.json")
        if not aside.exists():
            break
    # A copy would need space on a full disk; a rename needs none and is atomic.
    path.rename(aside)
    return aside


def _document(found: list[Event]) -> bytes:
    """The newest answers of every exercise always stay; of too many, the oldest earlier tries go."""
    lines = [json.dumps(e, ensure_ascii=False, allow_nan=False) for e in found]
    sizes = [len(line.encode()) + 2 for line in lines]
    newest = {e["exercise"]: i for i, e in enumerate(found)}
    count, total, dropped = len(found), sum(sizes), set()
    for i, e in enumerate(found):
        if count <= MAX_EVENTS and total <= MAX_BYTES:
            break
        if newest[e["exercise"]] != i:
            dropped.add(i)
            count, total = count - 1, total - sizes[i]
    body = ",\n".join(line for i, line in enumerate(lines) if i not in dropped)
    return f'{{"version": {VERSION}, "events": [\n{body}\n]}}\n'.encode()


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".answers-{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time. The folder itself is the lock, so that no extra file travels with a submission."""
    if fcntl is None:
        with _locked_by_file(folder / ".answers.lock"):
            yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _wait_for(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB), BlockingIOError)
        yield
    finally:
        os.close(handle)


@contextmanager
def _locked_by_file(lock: Path) -> Iterator[None]:
    def take() -> None:
        # A crashed writer leaves its lock behind; writing takes far less than the time we wait.
        with suppress(OSError):
            if time.time() - lock.stat().st_mtime > LOCK_SECONDS:
                lock.unlink()
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))

    _wait_for(take, (FileExistsError, PermissionError))
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()


def _wait_for(take: Any, busy: Any) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            take()
            return
        except busy:
            if time.monotonic() > until:
                raise AnswersError("另一个窗口正在记答案，这一次没有存上。等几秒再做一次。") from None
            time.sleep(0.01)
        except OSError as err:
            if err.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):
                raise
            return  # a network drive without locks: atomic replacement still keeps the file whole


def _what_os_says(err: OSError) -> str:
    if err.errno in (errno.ENOSPC, errno.EDQUOT):
        return "磁盘满了，这一次没有存上，以前的回答都还在。请删掉一些不用的文件，再做一次。"
    if err.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "这个文件夹不让写，这一次没有存上，以前的回答都还在。请告诉老师。"
    return f"没有存上（{err.strerror or type(err).__name__}），以前的回答都还在。请再做一次，还不行就告诉老师。"


_said: set[tuple[Path, str]] = set()


def _say_once(path: Path, sentence: str) -> None:
    # Never to stderr: nbgrader takes any stderr in a test cell for a failure.
    if (path, sentence) not in _said:
        _said.add((path, sentence))
        print(sentence)
