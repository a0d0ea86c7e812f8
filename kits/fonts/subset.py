"""Make HaikeSansSC.otf from the full Noto Sans SC: `python kits/fonts/subset.py NotoSansSC-Regular.otf`.

Needs fonttools. Run by a developer when a character is missing; pupils only get the result.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

FAMILY = "Haike Sans SC"
TARGET = Path(__file__).parent / "HaikeSansSC.otf"
LIMIT = 2 * 1024 * 1024

#: Characters of given names, place names and dishes of the coast that GB2312 does not have.
NAMES = (
    "喆昇镕垚玥犇堃燚烜暐昉晞曈玚玙珺琋瑄璟瑀瑢祎禔翀翯芃婳嫚嬅姵姮妘妧锜鋆沄沚洺浡湉溦濛炘燊悰彧赟旻晙晢"
    "翚竑俍偲傢儁劼勍卲叡奡宬寔崟弢旸杺橦橪㛃㙍䶮骉鱻魚龢龑禕鳀嘚咗"
)
MARKS = (
    "→←↑↓↔⇒⇔↗↘↙↖×÷±∓≤≥≠≈≡∞∝√∑∏∫∂∇∈∉∪∩⊂⊃⊆∅∧∨¬∀∃·•°′″‰∠⊥∥△▽□◇○●◎◆■"
    "▲▼◀▶◁▷★☆✓♪♥♡☀☁☂…—–‐‑“”‘’«»‹›－⓪①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
    "¹²³⁴½¼¾€£¥©®™№℃℉Ωµ−‖"
)
PINYIN = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêếềḿńňǹĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙǕǗǙǛÜɑɡ"
#: Marks Noto Sans SC does not draw, shown with the nearest one it has.
STAND_INS = {"✗": "×", "✘": "×", "✔": "✓", "☐": "□"}


def characters() -> set[str]:
    """All characters of the subset: GB2312, Latin, Greek, pinyin letters, maths and the marks above."""
    gb2312 = {bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF)}
    latin = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x180)]}
    greek = {chr(code) for code in range(0x391, 0x3CA) if unicodedata.category(chr(code))[0] == "L"}
    blocks = {chr(code) for code in [*range(0x2500, 0x2580), *range(0x2581, 0x2590)]}
    wanted = gb2312 | latin | greek | blocks | set(NAMES) | set(MARKS) | set(PINYIN)
    return {char for char in wanted if len(char) == 1}


def subset(source: Path, target: Path = TARGET) -> int:
    """Write the subset of `source` to `target` and return its size in bytes."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    options = Options()
    options.hinting = False
    options.layout_features = ["kern", "mark", "mkmk", "locl", "ccmp"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update({ord(mark): table.cmap[ord(nearest)] for mark, nearest in STAND_INS.items()})
    for name_id, text in {1: FAMILY, 3: "HaikeSansSC-Regular", 4: FAMILY, 6: "HaikeSansSC-Regular"}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["HaikeSansSC-Regular"]
    top.topDictIndex[0].FullName = FAMILY
    top.topDictIndex[0].FamilyName = FAMILY
    font.save(target)
    return target.stat().st_size


if __name__ == "__main__":
    size = subset(Path(sys.argv[1]))
    print(f"{TARGET.name}: {size} bytes")
    if size > LIMIT:
        sys.exit(f"larger than {LIMIT} bytes: leave characters out")
