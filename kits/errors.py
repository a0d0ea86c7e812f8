"""Errors in a child's language: explain() finds the line, the extension shows the sentence in place of the traceback.

`%load_ext kits.errors` (kits.startup does it) replaces what an error output shows, in a kernel and in a bare IPython
shell alike. Its `ename` and `evalue` stay Python's own, since nbgrader and front ends read them; its traceback is the
Chinese sentence and the line of code; Python's own words follow in a closed <details>.

A failed check shows its author's message and nothing else. Where a hidden test took part, neither its source nor a
traceback through it is shown: what Python prints there is what the test is hiding.
"""

from __future__ import annotations

import html
import linecache
import re
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from kits.error_sentences import Scene, near_name, sentence_for

HIDDEN = "BEGIN HIDDEN TESTS"
SUMMARY = "看原来的英文提示"

NOT_PASSED = "这一处检查没有通过：再读一遍题目，看看你的程序哪里和它说的不一样。"
CHECK_STOPPED = "检查到一半停下了：你的程序交回来的，可能不是题目要的那种东西。再看看题目要它返回什么。"
#: A hidden test gave the function something of its own, and what that was is not told.
STOPPED_WITH_OTHERS = "检查换了别的数来试，程序在这里停下了：想一想，还会有哪些不一样的数进来。"
_UNKNOWN = "程序在这里停下了。看看这一行的每个名字和数是不是你想的那样，再试一次；还不行，就请老师来看。"
_LIBRARIES = tuple(
    str(Path(path).resolve())
    for path in {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    if path
)
_KITS = str(Path(__file__).resolve().parent)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Explanation:
    """What a child reads: the sentence (with the line's number), that number, and the line of code if it may be seen.

    `secret`: a hidden test took part, so nothing of Python's own traceback may be shown.
    """

    sentence: str
    line: int | None = None
    snippet: str = ""
    secret: bool = False

    @property
    def text(self) -> str:
        return f"{self.sentence}\n\n→ {self.line} │ {self.snippet}" if self.snippet else self.sentence


@dataclass(frozen=True)
class _Place:
    """One step on the way to the error, in code a person of the class wrote."""

    frame: FrameType | None
    line: int
    function: str
    source: list[str]

    @property
    def scene(self) -> Scene:
        names = (*self.frame.f_locals, *self.frame.f_globals) if self.frame else ()
        return Scene(tuple(self.source), self.line, names)

    @property
    def hidden(self) -> bool:
        return any(HIDDEN in line for line in self.source)


def explain(
    etype: type[BaseException], evalue: BaseException, tb: TracebackType | None = None, source: str | None = None
) -> Explanation:
    """One Chinese sentence for an error; `source` is the cell's text where Python cannot find it by itself."""
    if not isinstance(evalue, BaseException):
        evalue = etype(evalue)
    evalue = _complete(evalue, source)
    places = list(_places(evalue, tb or evalue.__traceback__, source))
    secret = _touches_hidden(evalue, source) or any(place.hidden for place in places)
    if isinstance(evalue, AssertionError):
        return Explanation(own_message(evalue) or NOT_PASSED, secret=secret)
    if secret and (not places or places[-1].hidden):
        return Explanation(own_message(evalue) or check_stopped(evalue), secret=True)
    if not places:
        return Explanation(own_message(evalue) or sentence_for(evalue) or _UNKNOWN)
    return explained_at(evalue, places[-1].scene, places[-1].function, secret)


def explained_at(error: BaseException, scene: Scene, function: str = "", secret: bool = False) -> Explanation:
    """The sentence for an error in this line, in this function if in one: the same in class and on a feedback page."""
    sentence = own_message(error) or sentence_for(error, scene) or _UNKNOWN
    where = f"第 {scene.number} 行（{function} 里）" if function else f"第 {scene.number} 行"
    return Explanation(f"{where}：{sentence}", scene.number, scene.line, secret)


def _complete(error: BaseException, source: str | None) -> BaseException:
    """IPython compiles a cell as if more could come: "incomplete input". Python itself knows what is missing."""
    if isinstance(error, SyntaxError) and "incomplete input" in str(error.msg):
        filename = error.filename or "<cell>"
        try:
            compile("\n".join(_lines(filename, source)), filename, "exec", dont_inherit=True)
        except SyntaxError as plain:
            return plain.with_traceback(None)
    return error


def own_message(error: BaseException) -> str:
    """What an author of ours wrote is Chinese; Python's own messages hold Chinese only where they quote the pupil."""
    if isinstance(error, SyntaxError | NameError | NotImplementedError):
        return ""
    text = str(error.args[0] if error.args else error).strip()
    if isinstance(error, AssertionError):
        return text if _CHINESE.search(text) else ""
    if isinstance(error, KeyError) and not re.search(r"[，。：；]", text):
        return ""  # the missing key itself
    unquoted = re.sub(r"'.*'|\".*\"", "", text, flags=re.DOTALL)
    return text if len(_CHINESE.findall(unquoted)) >= 4 else ""


def check_stopped(error: BaseException, names: Iterable[str] = ()) -> str:
    """The test itself could not go on: nearly always it asked for a missing name or got a thing of another kind.

    `names` are those the pupil has given, never those of the test.
    """
    if isinstance(error, NameError) and error.name:
        near = near_name(error.name, names)
        written = f"，你写的是不是 {near}" if near else ""
        return f"检查时没有找到 {error.name}{written}：名字要和题目里的一模一样，写好以后要运行那一格。"
    return CHECK_STOPPED


def _touches_hidden(error: BaseException | None, source: str | None) -> bool:
    """Does the error, or one it came from, pass through a cell with hidden tests?"""
    if error is None:
        return False
    if any(place.hidden for place in _places(error, error.__traceback__, source)):
        return True
    return _touches_hidden(error.__cause__, source) or _touches_hidden(error.__context__, source)


def _places(error: BaseException, tb: TracebackType | None, source: str | None) -> Iterator[_Place]:
    """The steps through written code, outermost first; a line Python could not read is the last step."""
    while tb is not None:
        code = tb.tb_frame.f_code
        if _is_written_by_class(code.co_filename):
            function = "" if code.co_name.startswith("<") else code.co_name
            yield _Place(tb.tb_frame, tb.tb_lineno, function, _lines(code.co_filename, source))
        tb = tb.tb_next
    if isinstance(error, SyntaxError) and error.lineno and _is_written_by_class(error.filename or ""):
        lines = _lines(error.filename or "", source)
        if len(lines) < error.lineno:
            lines = [""] * (error.lineno - 1) + [error.text or ""]
        yield _Place(None, error.lineno, "", lines)


def _is_written_by_class(filename: str) -> bool:
    """A cell of the notebook, or a file beside it; not a library, and not the program that runs the notebook."""
    if filename.startswith(("<frozen", "<__array_function__")):
        return False
    if not filename or filename.startswith("<") or re.search(r"ipykernel_\d+", filename):
        return True
    path = Path(filename).resolve()
    return path.is_relative_to(Path.cwd()) and not str(path).startswith((*_LIBRARIES, _KITS))


def _lines(filename: str, source: str | None) -> list[str]:
    filed = linecache.getlines(filename)
    return [line.rstrip("\n") for line in filed] if filed else (source or "").splitlines()


def original(evalue: BaseException) -> str:
    """Python's own traceback, without IPython's frames and without paths of this machine."""
    report = traceback.TracebackException.from_exception(evalue)
    _without_paths(report)
    return "".join(report.format())


def _without_paths(report: traceback.TracebackException | None) -> None:
    if report is None:
        return
    kept = [summary for summary in report.stack if not re.search(r"[/\\](?:IPython|ipykernel)[/\\]", summary.filename)]
    for summary in kept:
        _ = summary.line  # looked up now, by the file's real name
        summary.filename = _short(summary.filename)
    report.stack = traceback.StackSummary.from_list(kept)
    if isinstance(getattr(report, "filename", None), str):
        report.filename = _short(report.filename)
    _without_paths(report.__cause__)
    _without_paths(report.__context__)


def _short(filename: str) -> str:
    if re.search(r"^<ipython-input|ipykernel_\d+", filename):
        return "cell"
    inside = re.split(r"[/\\](?:site-packages|python3\.\d+)[/\\]", filename)
    return inside[-1] if len(inside) > 1 else Path(filename).name


def details(evalue: BaseException) -> str:
    """The original words as HTML, closed until a child clicks."""
    text = html.escape(original(evalue).rstrip())
    return f'<details class="haike-original"><summary>{SUMMARY}</summary><pre>{text}</pre></details>'


def load_ipython_extension(shell: Any) -> None:
    """Every error this shell shows passes through one method; put the sentence in its place."""
    if getattr(shell, "_haike_errors", None) is not None:
        return
    show = shell._showtraceback
    shell._haike_errors = show

    def show_in_chinese(etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        try:
            explanation = explain(etype, evalue, source=_unfiled(shell, evalue))
            shown = [explanation.text]
            more = "" if explanation.secret or isinstance(evalue, AssertionError) else details(evalue)
        except Exception:  # a fault of ours must not cost the child the message, nor show what may be secret
            shown, more = [_UNKNOWN], ""
        show(etype, evalue, shown)
        if more:
            shell.display_pub.publish({"text/html": more})

    shell._showtraceback = show_in_chinese


def unload_ipython_extension(shell: Any) -> None:
    show: Callable[..., None] | None = getattr(shell, "_haike_errors", None)
    if show is not None:
        shell._showtraceback = show
        shell._haike_errors = None


def _unfiled(shell: Any, error: BaseException) -> str | None:
    """The cell's text, for an error that IPython met before it had filed the cell under a name."""
    if isinstance(error, SyntaxError) and not linecache.getlines(error.filename or ""):
        recent = shell.history_manager.input_hist_raw
        return str(recent[-1]) if recent else None
    return None
