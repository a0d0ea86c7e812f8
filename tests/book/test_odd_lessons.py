"""What an author writes or a cell puts out in an odd way: the page is set, and nothing comes along that should not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import html
from nbformat import NotebookNode

from book.build import build_site
from book.outputs import page_data
from build_paths import ROOT
from courses import products
from courses.lesson import Lesson
from courses.reading import read_all
from tests.book.tiny_book import building_in
from tests.unpack import every_byte

STARTER = ROOT / "courses" / "starter"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="zqrun()"><path d="M0 0h9v9z"/></svg>'

TEXT = r"""
一块芯片 $5，两块芯片 $9。可是 $，$ 排不出来，$\sqrt{2}$ 排得出来。

$$
\nosuchcommand{2}
$$

看一段代码：

~~~python
# XX 数一数
line = 5
```
~~~

````
```{code-cell} ipython3
print("zqcell")
```
````

<!--
## 注释里的标题

```{code-cell} ipython3
print("zqcomment")
```
-->

![船](图%20一.svg "题目") ![浮标][浮标] ![秘密](../secret.txt) ![秘密](%2e%2e/secret.png) ![粘贴](attachment:1b2c.png)

[秘密](../../../../secret.txt) {download}`秘密 <../../../../secret.txt>`

```{include} ../../../../secret.txt
```

```{literalinclude} ../../../../secret.txt
```

<script>zqscript()</script>

[浮标]: 浮标.png
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("课")
    for number, text in (("97", ""), ("98", TEXT)):
        folder = root / "grade-07" / f"j7-{number}-odd"
        shutil.copytree(STARTER, folder)
        source = (folder / "lesson.md").read_text(encoding="utf-8").replace("id: j7-99", f"id: j7-{number}")
        source = source.replace("## 动手\n", f"{text}\n## 动手\n")
        source = source.replace("### BEGIN MARK SCHEME\n", "### BEGIN MARK SCHEME\n![满分的图](答案图.png)\n")
        (folder / "lesson.md").write_text(source, encoding="utf-8")
        (folder / "图 一.svg").write_text(DRAWING, encoding="utf-8")
        for name in ("浮标.png", "答案图.png"):
            (folder / name).write_bytes(name.encode())
    for place in (root, root / "grade-07"):
        (place / "secret.txt").write_text("zqsecret", encoding="utf-8")
        (place / "secret.png").write_bytes(b"zqsecret")
    return root


def page_with_outputs(lesson: Lesson) -> NotebookNode:
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": data, "metadata": {}}
        for data in (
            {"text/markdown": "**粗字**\n\n## 冒充的标题", "text/plain": "<IPython.core.display.Markdown object>"},
            {"text/html": "<table class='dataframe'><tr><td>宽表</td></tr></table><script>zqhtml()</script>"},
            {"image/png": PIXEL, "text/plain": "<Figure size 640x480 with 1 Axes>"},
        )
    ]
    outputs.append({"output_type": "stream", "name": "stderr", "text": "zqstderr"})
    outputs.append({"output_type": "error", "ename": "E", "evalue": "zqerror", "traceback": ["zqerror"]})
    first = next(number for number, cell in enumerate(lesson.cells) if cell.kind == "code")
    return products.page(lesson, {first: outputs})


@pytest.fixture(scope="module")
def built(root: Path) -> Path:
    """Built below the lessons' root, where paths that lead out of the book would find the secret."""
    folder = root / "build"
    with building_in(folder):
        build_site(read_all([root]), page=page_with_outputs)
    return folder


@pytest.fixture(scope="module")
def page(built: Path) -> html.HtmlElement:
    return html.fromstring((built / "site" / "lessons" / "j7-98.html").read_text(encoding="utf-8"))


def test_money_is_money_and_what_cannot_be_set_is_shown_as_written(page: html.HtmlElement) -> None:
    text = page.text_content()
    assert "一块芯片 $5，两块芯片 $9。" in text and "可是 $，$ 排不出来" in text
    assert len(page.xpath("//p//math")) == 1
    assert page.xpath('string(//div[@class="formula"]/pre)') == r"\nosuchcommand{2}"


def test_what_stands_in_a_fence_or_a_comment_is_neither_cell_nor_heading(page: html.HtmlElement, root: Path) -> None:
    lesson = next(one for one in read_all([root]) if one.id == "j7-98")
    assert not any("zq" in cell.source for cell in lesson.cells if cell.kind == "code")
    assert "注释里的标题" not in page.text_content() and not page.xpath("//h1[contains(., 'XX')]")
    blocks = [block.text_content() for block in page.xpath("//pre")]
    assert "# XX 数一数\nline = 5\n```\n" in blocks
    assert '```{code-cell} ipython3\nprint("zqcell")\n```\n' in blocks


def test_pictures_titled_and_named_are_there_and_others_are_their_words(page: html.HtmlElement, built: Path) -> None:
    assert page.xpath('//figure[@class="b-drawing"]/svg | //svg[@aria-label="船"]')
    (buoy,) = page.xpath('//img[@alt="浮标"]')
    assert (built / "site" / "lessons" / unquote(buoy.get("src"))).resolve().read_bytes() == "浮标.png".encode()
    assert {"秘密", "粘贴"} <= {one.text for one in page.xpath("//em")}


def test_nothing_of_another_place_no_script_and_no_answer_is_in_the_site(built: Path) -> None:
    words = ("zqsecret", "zqrun", "<script>zq", "zqhtml", "zqstderr", "zqerror", "答案图")
    for name, data in every_byte(built / "site"):
        assert not [word for word in words if word.encode() in data], name
        assert "答案图" not in name and "secret" not in name


def test_outputs_are_shown_and_their_headings_are_no_part_of_the_page(page: html.HtmlElement) -> None:
    assert "粗字" in page.xpath('string(//div[@class="b-out"]//strong)')
    assert page.xpath('//table[@class="dataframe"]') and not page.xpath("//h2[contains(., '冒充')]")
    assert "object at" not in page.text_content() and "IPython.core" not in page.text_content()


SHOWN: list[tuple[dict[str, Any], str]] = [
    ({"text/markdown": ["| a |\n", "|---|\n", "| 1 |"]}, "<td>1</td>"),
    (
        {"text/markdown": "<script>x</script> ![图](http://a/b.png) [去](http://a)"},
        "<p>&lt;script&gt;x&lt;/script&gt; <em>图</em> 去</p>",
    ),
    ({"text/markdown": "价 $5 到 $9"}, "<p>价 $5 到 $9</p>"),
    ({"text/latex": r"$\displaystyle \frac{1}{2}$"}, "<mfrac>"),
    ({"text/latex": r"$$\nosuch$$"}, r"<code>\nosuch</code>"),
    ({"text/html": "<h1>大</h1>"}, "<p><strong>大</strong></p>"),
    (
        {
            "text/html": "<img src='http://a/b.png' onerror='x()'><p onclick='x()' style='background:url(http://a)'>好</p>"
        },
        "<p>好</p>",
    ),
    ({"text/html": "<iframe src='http://a'></iframe><style>p{}</style><p>好</p>"}, "<p>好</p>"),
    (
        {"text/html": "<style>#sk{}</style><div>K</div>", "text/plain": "KNeighborsClassifier()"},
        "KNeighborsClassifier()",
    ),
    (
        {"text/html": "<svg viewBox='0 0 9 9'><script>x</script><path d='M0 0'/></svg>"},
        'src="data:image/svg+xml;base64,',
    ),
    ({"text/html": "<audio controls src='data:audio/wav;base64,AAAA'></audio>"}, "data:audio/wav;base64,AAAA"),
    ({"application/json": {"鱼": [1]}, "text/plain": "<IPython.core.display.JSON object>"}, '"鱼": ['),
    ({"text/plain": "array([1, 2])"}, "array([1, 2])"),
]
SILENT = [
    {"application/javascript": "x()", "text/plain": "<IPython.core.display.Javascript object>"},
    {"text/plain": "<Figure size 640x480 with 1 Axes>"},
    {"text/plain": "[<matplotlib.lines.Line2D at 0x7f00aa>]"},
    {"text/html": "<iframe src='http://a'></iframe>", "text/plain": "<IPython.lib.display.IFrame at 0x7f00aa>"},
    {"text/plain": "  "},
    {},
]


@pytest.mark.parametrize(("data", "said"), SHOWN)
def test_each_kind_of_output_has_its_form(data: dict[str, Any], said: str) -> None:
    (shown,) = page_data(data).values()
    assert said in shown
    assert "<script" not in shown and "http:" not in shown.replace("http://www.w3.org/", "") and "onclick" not in shown


@pytest.mark.parametrize("data", SILENT)
def test_what_only_a_program_can_read_is_left_out(data: dict[str, Any]) -> None:
    assert page_data(data) == {}


def test_a_widget_of_others_leaves_no_english_behind() -> None:
    output = {"output_type": "display_data", "data": {products.WIDGET_VIEW: {}, "text/plain": "IntSlider(value=0)"}}
    assert products.public_output(output)["data"] == {}


@pytest.mark.parametrize("stage", ["read", "derive", "set", "write"])
def test_one_bad_lesson_does_not_keep_the_others_from_the_site(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Whatever stops at j7-98: reading it, deriving its page, Sphinx reading its source, Sphinx writing its page."""
    lessons = read_all([root])
    if stage == "read":
        lessons = [replace(one, front=None) if one.id == "j7-98" else one for one in lessons]
    elif stage == "write":
        broken = {"j7-98": {"needs": None}}
        monkeypatch.setattr("book.derive.column.point_map", lambda lesson, knowledge: broken.get(lesson.id, {}))

    def page(lesson: Lesson) -> NotebookNode:
        if stage == "derive" and lesson.id == "j7-98":
            raise ValueError("zqwrong")
        notebook = page_with_outputs(lesson)
        if stage == "set" and lesson.id == "j7-98":
            next(cell for cell in notebook.cells if cell.get("outputs")).outputs[2]["data"]["image/png"] = "A"
        return notebook

    said: list[str] = []
    with building_in(tmp_path / "build"):
        site = build_site(lessons, page=page, left_out=lambda lesson, line: said.append(line))
    assert (site / "lessons" / "j7-97.html").is_file() and not (site / "lessons" / "j7-98.html").exists()
    assert len(said) == 1 and "j7-98-odd/lesson.md:1  " in said[0] and "\n" not in said[0]
