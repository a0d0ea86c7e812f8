"""Pinyin above the characters, for the youngest: `ruby(text)` turns a line of Markdown into Markdown with <ruby>.

Used while a lesson is built, never in a pupil's kernel. The readings come from pypinyin with our corrections
(pinyin_corrections.txt), then the rules a phrase table cannot hold: the tones of 一 and 不, and 地 得 只 了.
Code, addresses, images, formulas and HTML are left as they are; so is text that already has its ruby.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

CORRECTIONS = Path(__file__).parent / "pinyin_corrections.txt"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"

_HAN = re.compile(f"[{HAN}]")
#: What Markdown or a browser reads by the letter: nothing may be put in there.
_PROTECTED = re.compile(
    r"""
      ^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?\n)?[ ]{0,3}(?P=fence)[`~]*[ \t]*$     # a fenced block
    | ^[ ]{0,3}\[[^\]\n]+\]:[^\n]*$                                                        # where a link leads
    | (?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)                                     # code in a line
    | <(?P<tag>ruby|code|pre|svg|style|script|math)\b.*?</(?P=tag)\s*>                     # HTML with its content
    | <!--.*?--> | </?[A-Za-z][^<>]*> | <[a-z][a-z0-9+.-]*:[^<>\s]*>                       # tags, addresses
    | !\[[^\]]*\](?:\([^)\n]*\)|\[[^\]]*\])                                                # pictures
    | (?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+(?:"[^"]*"|'[^']*'))?\)              # the address of a link
    | (?<=\])\[[^\]\n]*\]                                                                  # its name
    | https?://[^\s<>，。；：、）]+                                                         # a bare address
    | \$\$.*?\$\$ | (?<!\d)\$(?!\s)[^$\n]+(?<!\s)\$(?!\d)                                     # formulas, not prices
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_EMPHASIS = "*_~"


def ruby(text: str) -> str:
    """The same Markdown with pinyin above each Chinese character: <ruby>日<rt>rì</rt></ruby>."""
    spans = list(_spans(text))
    plain, places = _plain(text, spans)
    marked = dict(zip(places, readings(plain), strict=True))
    pieces = []
    for start, end, prose in spans:
        if not prose:
            pieces.append(text[start:end])
            continue
        for index in range(start, end):
            sound = marked.get(index, "")
            char = text[index]
            pieces.append(f"<ruby>{char}<rt>{html.escape(sound)}</rt></ruby>" if sound else char)
    return _keep_emphasis("".join(pieces))


def missing(text: str) -> list[str]:
    """The Chinese characters of the prose that have no pinyin, each once, in order."""
    plain, _ = _plain(text, list(_spans(text)))
    lost = [char for char, sound in zip(plain, readings(plain), strict=True) if _HAN.match(char) and not sound]
    return list(dict.fromkeys(lost))


def readings(plain: str) -> list[str]:
    """One reading for each character of a plain text, "" where there is none."""
    sounds = [""] * len(plain)
    for run in re.finditer(f"[{HAN}]+", plain):
        for offset, sound in enumerate(_library(run[0])):
            sounds[run.start() + offset] = sound
    for rule in (_only_or_piece, _adverb, _complement, _finish):
        rule(plain, sounds)
    # From the right, since 一 asks how the next syllable is really said.
    for index in reversed(range(len(plain))):
        if plain[index] == "不":
            sounds[index] = _not(plain, sounds, index)
        elif plain[index] == "一":
            sounds[index] = _one(plain, sounds, index)
    return sounds


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    """The text in pieces: (start, end, is it prose)."""
    cuts = [0]
    for match in _PROTECTED.finditer(text):
        cuts += match.span()
    cuts.append(len(text))
    for number, (start, end) in enumerate(pairwise(cuts)):
        if start < end:
            yield start, end, number % 2 == 0


def _plain(text: str, spans: list[tuple[int, int, bool]]) -> tuple[str, list[int]]:
    """The prose without marks of emphasis, which may stand in the middle of a word, and where each character was."""
    chars: list[str] = []
    places: list[int] = []
    for start, end, prose in spans:
        if not prose:
            # A tag may stand within a word; anything else ends it.
            if not text[start:end].startswith("<") or "</" in text[start + 1 : end]:
                chars.append("\n")
                places.append(-1 - start)
            continue
        for index in range(start, end):
            if text[index] not in _EMPHASIS:
                chars.append(text[index])
                places.append(index)
    return "".join(chars), places


def _keep_emphasis(marked: str) -> str:
    """CommonMark decides by the neighbours whether * and _ are emphasis; a tag is another neighbour than a letter."""
    # Between two characters _ is no emphasis; between two tags it would be.
    marked = re.sub(r"(?<=</ruby>)_+(?=<ruby>)", lambda found: found[0].replace("_", r"\_"), marked)
    marked = re.sub(r"([0-9A-Za-z])(\*{1,3})(?=<ruby>)", r"\1<wbr>\2", marked)
    return re.sub(r"(</ruby>\*{1,3})(?=[0-9A-Za-z])", r"\1<wbr>", marked)


@lru_cache(maxsize=1)
def _corrected() -> None:
    """Teach the library our corrections, once."""
    from pypinyin import load_phrases_dict, load_single_dict

    characters: dict[int, str] = {}
    phrases: dict[str, list[list[str]]] = {}
    for line in CORRECTIONS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        word, *sounds = line.split()
        if len(word) == 1:
            characters[ord(word)] = sounds[0]
        else:
            phrases[word] = [[sound] for sound in sounds]
    load_single_dict(characters)  # all at once: each call goes through the whole library
    load_phrases_dict(phrases)


def _each(unknown: str) -> Any:
    """The library then gives characters it does not know one by one; its annotation forgets that a list may come."""
    return list(unknown)


def _library(run: str) -> list[str]:
    from pypinyin import Style, pinyin

    _corrected()
    found = [one[0] for one in pinyin(run, style=Style.TONE, errors=_each)]
    if len(found) != len(run):
        found = [pinyin(char, style=Style.TONE, errors=_each)[0][0] for char in run]
    return ["" if sound == char else sound for sound, char in zip(found, run, strict=True)]


_NUMBER = "0-9一二三四五六七八九十百千万两几每半多"
#: Nouns after which 地 is the ground, and words that make it an adverb's ending.
_GROUND = "上下里面方图球点铁板区址名理势震带砖毯道位"
_MANNER = re.compile(
    r"(?:(.)\1|(.)\2.|一[^，。！？\n]{0,3}一?[个次遍步张只条点下]"
    r"|快乐|高兴|认真|仔细|小心|用力|飞快|大声|小声|安静|耐心|开心|轻快|不停|勇敢|好奇|着急|热情|准确|清楚|公平|放心|自动|慢慢|努力"
    r"|奇怪|骄傲|害怕|很快|很慢|整齐|兴奋|惊讶|有趣|温柔|轻松|自由|专心|细心|礼貌)$"
)


def _only_or_piece(plain: str, sounds: list[str]) -> None:
    """只: zhī after a number, zhǐ where it means 'only'."""
    for match in re.finditer("只", plain):
        before = plain[: match.start()].rstrip(" ")[-1:]
        after = plain[match.end() : match.end() + 1]
        counted = bool(re.match(f"[{_NUMBER}]", before)) or (
            before in "这那哪" and before and after not in "是有能会要"
        )
        sounds[match.start()] = "zhī" if counted or before == "船" else "zhǐ"


def _adverb(plain: str, sounds: list[str]) -> None:
    """地: de between how and what is done, dì where it is the ground."""
    for match in re.finditer(f"地(?=[{HAN}])(?![{_GROUND}])", plain):
        if _MANNER.search(plain[max(0, match.start() - 8) : match.start()]):
            sounds[match.start()] = "de"


_GAIN = "到分出意知奖票第了名胜失"
_GAINED = "获取赢求心所难"
_WHO = "我你您他她它们就都也总可又还谁人必只"


def _complement(plain: str, sounds: list[str]) -> None:
    """得: de after a verb, dé for getting, děi for having to."""
    for match in re.finditer("得", plain):
        before = plain[max(0, match.start() - 1) : match.start()]
        after = plain[match.end() : match.end() + 1]
        if after == "了" and before and before in "懂认记觉":
            sounds[match.start()] = "de"
        elif not _HAN.match(before) or before in _WHO:
            gets = not _HAN.match(after) or after in _GAIN or re.match(f"[{_NUMBER}]", after)
            sounds[match.start()] = "dé" if gets else "děi"
        elif before in _GAINED or (after and after in "到分意知奖票失" and before not in "跑飞"):
            sounds[match.start()] = "dé"
        else:
            sounds[match.start()] = "de"


def _finish(plain: str, sounds: list[str]) -> None:
    """了: liǎo in 忘不了."""
    for match in re.finditer(f"(?<=[{HAN}]不)了(?!解)", plain):
        sounds[match.start()] = "liǎo"


_TONES = {1: "āēīōūǖ", 2: "áéíóúǘńḿ", 3: "ǎěǐǒǔǚň", 4: "àèìòùǜǹ"}


def _tone(sound: str) -> int:
    """1 to 4, or 0 for a light syllable."""
    return next((tone for tone, letters in _TONES.items() if any(letter in sound for letter in letters)), 0)


#: Verbs that take a light 不 before their result: 看不见.
_SEEN, _RESULT = "看听认说走分找记数做想拿写读猜学算装对来了差赶忍受跟", "见清出到住懂完动开下上起着及多得"


def _not(plain: str, sounds: list[str], index: int) -> str:
    before, after = plain[index - 1 : index], plain[index + 1 : index + 2]
    if before and _HAN.match(before) and (before == after or (before in _SEEN and after and after in _RESULT)):
        return "bu"
    return "bú" if after and _tone(sounds[index + 1]) == 4 else "bù"


_ORDINAL = re.compile(r"(?:第|初|周|星期|统|唯|万|之|专|单|同|其|逐|十|二|三|零)$")
_COUNTING = re.compile(r"[一二三四五六七八九零〇]|年级|月|号|班|楼|等奖|是一")


def _one(plain: str, sounds: list[str], index: int) -> str:
    before, after = plain[:index], plain[index + 1 :]
    if not _HAN.match(after) or _COUNTING.match(after) or _ORDINAL.search(before[-2:]):
        return "yī"
    if before[-1:] == after[0] and before[-2:-1] != "一":
        return "yi"
    tone = _tone(sounds[index + 1])
    if tone == 0 and after[0] != "个":
        return "yī"
    return "yí" if tone in (0, 4) else "yì"
