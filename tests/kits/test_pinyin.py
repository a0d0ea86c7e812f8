"""Pinyin as a primary school book prints it, and Markdown that stays what it was."""

import re

import pytest
from markdown_it import MarkdownIt

from kits import pinyin
from kits.pinyin import missing, readings, ruby

READ = {
    "日": "rì",
    "目": "mù",
    # 一
    "一": "yī",
    "一、二、三": "yī èr sān",
    "第一个": "dì yī gè",
    "一年级": "yī nián jí",
    "一只小船": "yì zhī xiǎo chuán",
    "一条鱼": "yì tiáo yú",
    "一起": "yì qǐ",
    "一样": "yí yàng",
    "一个": "yí gè",
    "看一看，想一想": "kàn yi kàn xiǎng yi xiǎng",
    "不一样": "bù yí yàng",
    "一会儿": "yí huì r",
    "十一只": "shí yī zhī",
    # 不
    "不对": "bú duì",
    "不是": "bú shì",
    "不好": "bù hǎo",
    "不看": "bú kàn",
    "对不对": "duì bu duì",
    "看不清": "kàn bu qīng",
    "差不多": "chà bu duō",
    "忘不了": "wàng bù liǎo",
    "不，不行": "bù bù xíng",
    # 还
    "还有一只": "hái yǒu yì zhī",
    "它还是灰的": "tā hái shì huī de",
    "把书还给她": "bǎ shū huán gěi tā",
    # 得
    "你得走了": "nǐ děi zǒu le",
    "跑得快": "pǎo de kuài",
    "觉得": "jué de",
    "认得出来": "rèn de chū lái",
    "得到三分": "dé dào sān fēn",
    "他得三分": "tā dé sān fēn",
    "得分": "dé fēn",
    # 地
    "慢慢地走": "màn màn de zǒu",
    "认真地数": "rèn zhēn de shǔ",
    "一张一张地看": "yì zhāng yì zhāng de kàn",
    "地上": "dì shàng",
    "地图": "dì tú",
    "天天在地里": "tiān tiān zài dì lǐ",
    # 了 着
    "好了": "hǎo le",
    "了不起": "liǎo bu qǐ",
    "看着": "kàn zhe",
    "着急": "zháo jí",
    "睡着了": "shuì zháo le",
    # 只
    "三只天鹅只有一只是灰的": "sān zhī tiān é zhǐ yǒu yì zhī shì huī de",
    "3 只": "zhī",
    "这只小船": "zhè zhī xiǎo chuán",
    "这只是开始": "zhè zhǐ shì kāi shǐ",
    # 长 重 数 教 种 中 为 都 少 干
    "长大": "zhǎng dà",
    "脖子很长": "bó zi hěn cháng",
    "长长的海带": "cháng cháng de hǎi dài",
    "重新来": "chóng xīn lái",
    "多重": "duō zhòng",
    "数一数": "shǔ yi shǔ",
    "再数数": "zài shǔ shu",
    "一个个数": "yí gè gè shǔ",
    "这个数": "zhè ge shù",
    "数出来": "shǔ chū lái",
    "数字": "shù zì",
    "教机器认鱼": "jiāo jī qì rèn yú",
    "教室": "jiào shì",
    "种海带": "zhòng hǎi dài",
    "一种鱼": "yì zhǒng yú",
    "猜中了": "cāi zhòng le",
    "为什么": "wèi shén me",
    "都是": "dōu shì",
    "音乐": "yīn yuè",
    "快乐": "kuài lè",
    "干净": "gān jìng",
    "海参": "hǎi shēn",
    # light syllables
    "朋友": "péng you",
    "东西": "dōng xi",
    "妈妈": "mā ma",
    "我们": "wǒ men",
    "这儿": "zhè r",
    # here
    "威海": "wēi hǎi",
    "荣成": "róng chéng",
    "成山头": "chéng shān tóu",
    "刘公岛": "liú gōng dǎo",
    "扇贝": "shàn bèi",
    "女儿": "nǚ ér",
}


@pytest.mark.parametrize(("text", "expected"), READ.items(), ids=READ.keys())
def test_reading(text, expected):
    assert " ".join(filter(None, readings(text))) == expected


def test_ruby_of_one_character():
    assert ruby("日") == "<ruby>日<rt>rì</rt></ruby>"
    assert ruby("小船，3 只 OK！") == (
        "<ruby>小<rt>xiǎo</rt></ruby><ruby>船<rt>chuán</rt></ruby>，3 <ruby>只<rt>zhī</rt></ruby> OK！"
    )


@pytest.mark.parametrize(
    "kept",
    [
        "`数一数`",
        "``有 ` 的码``",
        "```\n一段代码\n```",
        "~~~python\n# 注释\n~~~",
        "<span title='提示'>",
        "<ruby>日<rt>rì</rt></ruby>",
        "<code>名字</code>",
        "<!-- 老师看的 -->",
        "![一只天鹅](图/天鹅.svg)",
        "$x_大$",
        "https://example.org/海",
        "[海]: 海.html '海'",
        "42, 3.5 ~ ok (a_b)",
        "",
    ],
)
def test_left_alone(kept):
    assert ruby(kept) == kept
    assert missing(kept) == []


def test_link_keeps_its_address():
    assert ruby('[海](海/页.html "标题")') == '[<ruby>海<rt>hǎi</rt></ruby>](海/页.html "标题")'
    assert ruby("[海][海]") == "[<ruby>海<rt>hǎi</rt></ruby>][海]"


def test_ruby_twice_is_ruby_once():
    once = ruby("小灰说：**三只**天鹅，看 `只` 字。")
    assert ruby(once) == once


def test_a_word_is_read_across_emphasis():
    assert "<rt>zhǎng</rt></ruby>**<ruby>大" in ruby("它**长**大了")
    assert "<rt>zhī</rt>" in ruby("三**只**")


MARKDOWN = [
    "这是**重点**吗？",
    "有3**只**天鹅",
    "**只**3",
    "**重点**abc",
    "长_宽_高",
    "*轻轻*地",
    "- 一\n- 二",
    "1. 先看\n2. 再点",
    "## 引入：谁来了",
    "| 图 | 名 |\n|---|---|\n| 鱼 | **鲅鱼** |",
    "> 小灰问：**为什么**？",
    "一行\n又一行\n\n新的一段",
    "日",
    "[去看海](sea.html)，再回来",
]


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_means_the_same(text):
    """Rendered and with its ruby taken off again, the text is what it was without."""
    render = MarkdownIt("commonmark").enable("table").render
    with_ruby = render(ruby(text))
    assert "<rt>" in with_ruby
    assert re.sub(r"<rt>[^<]*</rt>|</?ruby>|<wbr>", "", with_ruby) == render(text)


def test_missing_names_each_character_once():
    assert missing("日㙍㐂𠮷目𠮷") == [char for char in "㙍㐂𠮷" if not readings(char)[0]]
    assert missing("𠮷 `𠮷`") == ["𠮷"]
    assert "<ruby>𠮷" not in ruby("𠮷") and missing("小灰和小船。") == []


def test_corrections_are_well_formed():
    lines = [line.split() for line in pinyin.CORRECTIONS.read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if len(line) != len(line[0]) + 1] == []
    words = [line[0] for line in lines]
    assert sorted({word for word in words if words.count(word) > 1}) == []
