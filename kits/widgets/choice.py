"""A question with options. With a key and hints it is a public self-test; with plain options it only records.

The key and the hints are sealed in the widget's state, and in a released notebook they lie beside it (kits.questions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import traitlets

from kits import questions
from kits.widgets import cast
from kits.widgets.base import Widget

MARKS = "甲乙丙丁戊己庚辛"
SAID = ("再想想", "对了", "已记下", "想改就再点一个。")

Option = str | Sequence[Any]


class Choice(Widget):
    module = "choice"

    question = traitlets.Unicode("").tag(sync=True)
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    replies = traitlets.Unicode("").tag(sync=True)  # sealed: for each option whether it is right, and its hint
    ruby = traitlets.Dict().tag(sync=True)
    read_aloud = traitlets.Bool(False).tag(sync=True)
    art = traitlets.Dict().tag(sync=True)

    def in_words(self) -> str:
        lines = [f"{MARKS[i]}　{option['text']}" for i, option in enumerate(self.options)]
        return "\n".join([self.question, *(lines or [self.trouble])])


def choice(
    exercise: str,
    question: str,
    *,
    options: Iterable[Option] | None = None,
    pinyin: bool = False,
    read_aloud: bool | None = None,
) -> Choice:
    """一道选择题。

    options 里每一项写成 ("文字", 对不对, "提示")：点了就看到自己那一项的提示，这是公开的自测。
    要计分的题每一项只写文字：点了只说“已记下”，答案写在隐藏测试里。
    发给学生的笔记里，自测的 options 收在旁边的 questions.bin 里，所以不写。
    回答记成 {"index": 第几项（从 0 数）, "text": 那一项的文字}。pinyin=True 给每个字注音，按钮也更大。
    """
    listed, trouble = _kept(question) if options is None else (_listed(options), "")
    texts = [question, *SAID, *(option["text"] for option in listed)]
    made = Choice(
        exercise,
        question=question,
        options=[{"text": option["text"]} for option in listed],
        replies=_replies(listed, pinyin),
        ruby=_ruby(texts) if pinyin else {},
        read_aloud=pinyin if read_aloud is None else read_aloud,
        art=cast.art("i-ok", "i-bulb", "i-speak", "hui-happy", "hui-think"),
    )
    made.trouble = trouble or made.trouble
    return made


def _kept(question: str) -> tuple[list[dict[str, Any]], str]:
    """The options that lie beside the notebook; without them, what to tell the pupil."""
    try:
        return _listed(questions.options_of(question)), ""
    except questions.NotFound as error:
        return [], str(error)
    except (ValueError, TypeError):  # it decodes, but no release has written it
        return [], str(questions.NotFound(f"{questions.FILE} 读不出来"))


def _listed(options: Iterable[Option]) -> list[dict[str, Any]]:
    listed = [_option(option) for option in options]
    if not 2 <= len(listed) <= len(MARKS):
        raise ValueError(f"选择题要有 2 到 {len(MARKS)} 个选项，这里有 {len(listed)} 个")
    if len({option["text"] for option in listed}) < len(listed):
        raise ValueError("有两个选项的文字一样，改掉一个")
    if len({"right" in option for option in listed}) > 1:
        raise ValueError("选项要么都写对错和提示（自测），要么都只写文字（计分）")
    if "right" in listed[0] and not any(option["right"] for option in listed):
        raise ValueError("自测题里没有一个选项是对的，看看哪一项该写 True")
    return listed


def _replies(listed: list[dict[str, Any]], pinyin: bool) -> str:
    """What each option answers to a tap; nothing where it only records."""
    replies = [{"right": option["right"], "hint": option["hint"]} for option in listed if "right" in option]
    if pinyin:
        ruby = _ruby(reply["hint"] for reply in replies)
        replies = [reply | {"ruby": ruby.get(reply["hint"], "")} for reply in replies]
    return questions.seal(replies) if replies else ""


def _option(option: Option) -> dict[str, Any]:
    if isinstance(option, str):
        return {"text": option}
    parts = tuple(option)
    if len(parts) != 3 or not isinstance(parts[0], str) or not isinstance(parts[1], bool):
        raise ValueError('自测的选项写成 ("文字", True 或 False, "提示") 三样')
    text, right, hint = parts
    if not str(hint).strip():
        raise ValueError(f"选项“{text}”还没有写提示：说说选它的人看到了什么，可以怎么想")
    return {"text": text, "right": right, "hint": str(hint)}


def _ruby(texts: Iterable[str]) -> dict[str, str]:
    try:
        from kits.pinyin import ruby
    except ImportError:  # the pinyin table is for authors; a pupil's machine may be without it
        return {}
    return {text: ruby(text) for text in texts if text}
