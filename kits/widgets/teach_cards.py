"""给小船喂字卡：小朋友把 8×8 的字卡放进贴着标签的箱子，小船马上照最像的那一张念新卡。

A card is 64 hexadecimal digits, one for each pixel, 0 white to f black. The machine is the nearest neighbour on these
pixels; the page computes it at once, and `reads` computes the same in a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import traitlets

from kits.widgets import cast
from kits.widgets.base import Widget

#: step: what the child does on this screen.
STEPS = {
    "teach": "送字卡上船，再考考它",
    "fool": "故意放错一张，再改回来",
    "repair": "找出别人贴错的，修好",
    "who": "换一换，说出是谁错了",
}

NAMES = {"日": "rì", "目": "mù", "口": "kǒu"}

#: What 小灰 says and with which face. Every sentence has at most 15 characters; the pinyin is checked by a test.
WORDS = {
    "pick": ("calm", "再点一个箱子。", "zài diǎn yí gè xiāng zi"),
    "teach-start": ("calm", "把字卡送上船。", "bǎ zì kǎ sòng shàng chuán"),
    "teach-one": ("think", "见什么都念这个字。", "jiàn shén me dōu niàn zhè ge zì"),
    "teach-more": ("calm", "别的字也送一张。", "bié de zì yě sòng yì zhāng"),
    "teach-apart": ("calm", "把两种字分开放。", "bǎ liǎng zhǒng zì fēn kāi fàng"),
    "teach-right": ("happy", "念对了！", "niàn duì le"),
    "teach-lamp": ("happy", "灯亮了，它会念了。", "dēng liàng le tā huì niàn le"),
    "teach-on": ("happy", "把卡都送上去。", "bǎ kǎ dōu sòng shàng qù"),
    "teach-done": ("happy", "是你教它的。", "shì nǐ jiāo tā de"),
    "teach-wrong": ("wow", "咦，念错了！", "yí niàn cuò le"),
    "teach-shine": ("wow", "看看发亮的卡。", "kàn kan fā liàng de kǎ"),
    "teach-check": ("think", "这张放对了吗？", "zhè zhāng fàng duì le ma"),
    "teach-again": ("think", "点念错的那张。", "diǎn niàn cuò de nà zhāng"),
    "teach-left": ("think", "还有放错的卡。", "hái yǒu fàng cuò de kǎ"),
    "teach-unseen": ("wow", "这个字它没见过。", "zhè ge zì tā méi jiàn guò"),
    "teach-give": ("think", "送一张给它看。", "sòng yì zhāng gěi tā kàn"),
    "teach-test": ("happy", "点一张卡考考它。", "diǎn yì zhāng kǎ kǎo kǎo tā"),
    "teach-near": ("think", "它找最像的卡。", "tā zhǎo zuì xiàng de kǎ"),
    "teach-name": ("think", "照那张卡的标签念。", "zhào nà zhāng kǎ de biāo qiān niàn"),
    "fool-start": ("calm", "故意放错一张。", "gù yì fàng cuò yì zhāng"),
    "fool-missed": ("think", "它还是念对了。", "tā hái shì niàn duì le"),
    "fool-shine": ("think", "换发亮的那张。", "huàn fā liàng de nà zhāng"),
    "fool-wrong": ("wow", "咦，念错了！", "yí niàn cuò le"),
    "fool-mend": ("wow", "现在改回来。", "xiàn zài gǎi huí lái"),
    "fool-left": ("think", "还有放错的卡。", "hái yǒu fàng cuò de kǎ"),
    "fool-done": ("happy", "又念对了！", "yòu niàn duì le"),
    "repair-start": ("wow", "有人放错了箱子！", "yǒu rén fàng cuò le xiāng zi"),
    "repair-shine": ("think", "看看发亮的卡。", "kàn kan fā liàng de kǎ"),
    "repair-one": ("think", "还有一张念错。", "hái yǒu yì zhāng niàn cuò"),
    "repair-more": ("think", "还有几张念错。", "hái yǒu jǐ zhāng niàn cuò"),
    "repair-done": ("happy", "三张都念对了！", "sān zhāng dōu niàn duì le"),
    "repair-find": ("think", "再找放错的卡。", "zài zhǎo fàng cuò de kǎ"),
    "star": ("happy", "你修好了它。", "nǐ xiū hǎo le tā"),
    "who-start": ("wow", "念错了，是谁错了？", "niàn cuò le shì shuí cuò le"),
    "who-try": ("calm", "三样都换换看。", "sān yàng dōu huàn huàn kàn"),
    "who-boat": ("think", "换了一条船。", "huàn le yì tiáo chuán"),
    "who-card": ("think", "换了一张卡。", "huàn le yì zhāng kǎ"),
    "who-name": ("think", "换了标签。", "huàn le biāo qiān"),
    "who-still": ("think", "还是念错。", "hái shì niàn cuò"),
    "who-right": ("happy", "念对了！", "niàn duì le"),
    "who-more": ("happy", "别的也换一换。", "bié de yě huàn yi huàn"),
    "who-ask": ("calm", "是谁错了？", "shì shuí cuò le"),
    "who-point": ("calm", "点一点它。", "diǎn yi diǎn tā"),
    "who-choose": ("calm", "想好了，就选它。", "xiǎng hǎo le jiù xuǎn tā"),
    "who-kept": ("calm", "记下了。", "jì xià le"),
    "who-tell": ("calm", "说给同桌听。", "shuō gěi tóng zhuō tīng"),
}

#: Words that several steps use.
SHARED = {"teach": ("pick",), "fool": ("pick", "star"), "repair": ("pick", "star")}

#: Short names under pictures.
LABELS = {
    "boat": ("小船", "xiǎo chuán"),
    "card": ("新卡", "xīn kǎ"),
    "name": ("标签", "biāo qiān"),
    "choose": ("就选它", "jiù xuǎn tā"),
}

ART = (
    "hui-calm", "hui-happy", "hui-wow", "hui-think", "lamp-on", "lamp-flicker", "lamp-off", "boat-off",
    "i-speak", "i-again", "i-next", "i-ok", "i-look",
)  # fmt: skip

ARMS = (
    "M24 4C27 4 28 16 30 18C32 20 44 17 45 20C46 23 35 27 34 30C33 33 40 42 37 44C34 46 27 37 24 37"
    "C21 37 14 46 11 44C8 42 15 33 14 30C13 27 2 23 3 20C4 17 16 20 18 18C20 16 21 4 24 4Z"
)
DOTS = "M24 16V17M33 23L32 23.5M29 33L28.5 32.5M19 33L19.5 32.5M15 23L16 23.5"
STAR = (
    '<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false">'
    f'<path class="k fa" d="{ARMS}"/><path class="k n thin" d="{DOTS}"/></svg>'
)
FINGER = "M18 45V32L9 25C6 22 10 17 14 20L18 23V7C18 2 25 2 25 7V20L36 23C40 24 41 27 40 31L36 45Z"
HAND = f'<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false"><path class="k fw" d="{FINGER}"/></svg>'


class TeachCards(Widget):
    module = "teach_cards"

    step = traitlets.Unicode().tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    names: traitlets.List = traitlets.List().tag(sync=True)
    start = traitlets.Dict().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    show: traitlets.List = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    art = traitlets.Dict().tag(sync=True)

    def in_words(self) -> str:
        return f"〔小船认字卡：{STEPS[self.step]}。请在网页或课堂里打开〕"


def teach_cards(
    exercise: str,
    cards: Mapping[str, str],
    *,
    step: str = "teach",
    names: Sequence[str] = ("日", "目"),
    start: Mapping[str, str] | None = None,
    fixed: Mapping[str, str] | None = None,
    show: Sequence[tuple[str, str]] = (),
) -> TeachCards:
    """教小船认字卡。

    step 是玩法：teach 送卡上船再考它，fool 贴错标签再改回来，repair 修好，who 说出谁错了。
    cards 是 {卡号: 64 格}，start 是开始时贴的标签，show 是拿来考小船的卡：[(64 格, 该念什么), …]。
    fixed 是标签都贴对的样子：who 换上它，别的玩法照它看哪张卡放错了。
    """
    if step not in STEPS:
        raise ValueError(f"没有“{step}”这种玩法，可以用的有：{'、'.join(STEPS)}。")
    unknown = {*names, *(start or {}).values()} - NAMES.keys()
    if unknown:
        raise ValueError(f"teach_cards 还不会写“{'、'.join(sorted(unknown))}”的拼音，请加到 NAMES 里。")
    if not show:
        raise ValueError("show 里至少要有一张考小船的卡。")
    own = (step, *SHARED.get(step, ()))
    return TeachCards(
        exercise,
        step=step,
        cards=dict(cards),
        names=[[name, NAMES[name]] for name in names],
        start=dict(start or {}),
        fixed=dict(fixed or {}),
        show=[{"pixels": pixels, "name": name} for pixels, name in show],
        words={
            key: [face, text, ruby(text, pinyin)]
            for key, (face, text, pinyin) in WORDS.items()
            if key.split("-")[0] in own
        },
        labels={key: [text, ruby(text, pinyin)] for key, (text, pinyin) in LABELS.items()} if step == "who" else {},
        art={**cast.art(*ART), "star": STAR, "hand": HAND},
    )


def ruby(text: str, pinyin: str) -> str:
    """Each Chinese character with its syllable above it; marks stand between."""
    syllables = iter(pinyin.split())
    return "".join(f"<ruby>{c}<rt>{next(syllables)}</rt></ruby>" if c.isalpha() else c for c in text)


def reads(cards: Mapping[str, str], labels: Mapping[str, str], shown: str) -> str:
    """小船看到 shown 会念什么：它找最像的那张卡，照那张卡的标签念。"""
    return labels[nearest(cards, labels, shown)] if labels else ""


def nearest(cards: Mapping[str, str], labels: Mapping[str, str], shown: str) -> str:
    """The card on board most like the shown one; of equals the one that comes first in `cards`."""
    return min((card for card in cards if card in labels), key=lambda card: distance(cards[card], shown))


def distance(one: str, other: str) -> int:
    """The sum of squared differences, pixel by pixel."""
    return sum((int(a, 16) - int(b, 16)) ** 2 for a, b in zip(one, other, strict=True))
