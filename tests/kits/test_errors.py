"""The commonest Python errors in a child's language, in a bare shell and (test_startup.py) in a real kernel."""

import ast
import re

import pytest
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from kits import errors
from kits.error_sentences import FULL_WIDTH, RULES


class Shown:
    """What a shell without a kernel shows, cell by cell."""

    def __init__(self):
        shown = self

        class Publisher(DisplayPublisher):
            def publish(self, data, metadata=None, **_):
                shown.rich.append(data)

        class Shell(InteractiveShell):
            display_pub_class = Publisher

            def _showtraceback(self, etype, evalue, stb):
                shown.error = (etype.__name__, str(evalue), "\n".join(stb))

        config = Config()
        config.HistoryManager.enabled = False
        self.shell = Shell(config=config)
        errors.load_ipython_extension(self.shell)

    def run(self, cell):
        self.error, self.rich = None, []
        self.shell.run_cell(cell, store_history=True)
        return self.error[2] if self.error else ""

    @property
    def page(self):
        return "".join(data.get("text/html", "") for data in self.rich)


@pytest.fixture(scope="module")
def shown():
    return Shown()


#: The fifteen commonest kinds: what a child writes, and the sentence.
COMMON = {
    "full-width bracket": ('x = 1\nprint（"你好"）', "第 2 行：你用了中文括号（，换成英文的 ("),
    "full-width comma": ("x = [1，2]", "第 1 行：你用了中文逗号，，换成英文的 ,"),
    "full-width colon": ("for i in [1]：\n    pass", "第 1 行：你用了中文冒号：，换成英文的 :"),
    "full-width quote": ("print(“你好”)", '第 1 行：你用了中文引号“，换成英文的 " 。这一行别的标点也看一看'),
    "half-width and full-width quote": ('print("你好”)', "第 1 行：这里的引号，一边是英文的，一边是中文的 ”"),
    "full-width space": ("x\u3000= 1", "第 1 行：这里有一个全角空格"),
    "colon forgotten": ("for i in [1]\n    print(i)", "第 1 行：这一行的末尾少了一个英文冒号"),
    "colon forgotten, `while`": ("while True print(1)", "第 1 行：这一行的末尾少了一个英文冒号"),
    "not indented": ("def f():\nreturn 1", "第 2 行：上一行有冒号，这一行要往里缩进四个空格"),
    "indented too much": ("x = 1\n  y = 2", "第 2 行：这一行前面多了空格"),
    "indented askew": ("if 1:\n    x = 1\n  y = 2", "第 3 行：这一行的缩进和上面哪一行都不齐"),
    "bracket not closed": ("print((1)", "第 1 行：这里的括号 ( 没有另一半"),
    "bracket too much": ("print(1))", "第 1 行：多了一个 )"),
    "nothing under the colon": ("def f():\n    # 在这里写", "第 2 行：冒号下面还没有写内容"),
    "text of many lines not closed": ('x = """abc', "第 1 行：三个引号开头的文字没有结束"),
    "quote not closed": ('print("a)', "第 1 行：这里的引号只有一边"),
    "one equals sign": ("x = 1\nif x = 1:\n    pass", "第 2 行：比较两个数要用两个等号 =="),
    "keyword misspelt": ("whlie True:\n    pass", "第 1 行：这里写的是 whlie，你是不是想写 while"),
    "name misspelt": ("distance = 1\nprint(distanse)", "第 2 行：还没有叫 distanse 的东西，你是不是想写 distance"),
    "built-in misspelt": ("pritn(1)", "第 1 行：还没有叫 pritn 的东西，你是不是想写 print"),
    "wrong case": ("x = true", "第 1 行：还没有叫 true 的东西，你是不是想写 True"),
    "import cell not run": ("np.zeros(3)", "第 1 行：还不认识 np：先运行前面写着 import 的那一格"),
    "text without quotes": ("print(扇贝)", "第 1 行：还没有叫 扇贝 的东西：如果它是一段文字，两头要加英文引号"),
    "return forgotten": (
        "def f():\n    1\nf() + 1",
        "第 3 行：+ 的一边是 None（什么也没有）：看看那个函数是不是忘了写 return",
    ),
    "text plus number": ('"共" + 3', "第 1 行：文字只能和文字相加：数要先用 str( ) 变成文字"),
    "argument missing": ("def far(a, b):\n    pass\nfar(1)", "第 3 行：用 far 时少给了 b"),
    "argument too much": ("def near(a):\n    pass\nnear(1, 2)", "第 3 行：near 要 1 样东西，你给了 2 样"),
    "number called": ("n = 3\nn(2)", "第 2 行：整数后面不能加括号"),
    "loop over a number": ("for i in 5:\n    pass", "第 1 行：整数不能一个一个地数：要数次数，用 range( )"),
    "index too large": ("[1, 2][2]", "第 1 行：序号超出去了：序号从 0 数起"),
    "key missing": ('{"苹果": 3}["梨"]', "第 1 行：字典里没有 '梨' 这一项"),
    "no number": ('int("三")', "第 1 行：int( ) 不能把 '三' 变成整数"),
    "unpacked askew": ("a, b = 1, 2, 3", "第 1 行：等号右边的东西比左边的名字多"),
    "divided by zero": ("total = 0\n1 / total", "第 2 行：这里除以了 0"),
    "method misspelt": ("[].apend(1)", "第 1 行：列表里没有 apend，你是不是想写 append"),
    "method of None": ("[].sort().pop()", "第 1 行：点 pop 的前面是 None"),
    "module misspelt": ("import numpi", "第 1 行：这里没有叫 numpi 的工具箱，你是不是想写 numpy"),
    "import misspelt": ("from math import sine", "第 1 行：math 里没有 sine"),
    "stub": (
        'def nearest(a):\n    # 在这里写你的代码\n    raise NotImplementedError("还没有写")\nnearest(1)',
        "第 3 行（nearest 里）：这里还没有写：写好你的代码，再删掉 raise 这一行",
    ),
    "check failed": ('assert 1 == 2, "你数出了 1 只，再看看右上角？"', "你数出了 1 只，再看看右上角？"),
    "endless recursion": ("def f():\n    return f()\nf()", "第 2 行（f 里）：函数一直在叫自己"),
    "stopped": ("raise KeyboardInterrupt", "第 1 行：程序被停下来了，这不是错误"),
    "too long": ("raise TimeoutError", "第 1 行：程序跑得太久，被停下了"),
    "shapes": (
        "import numpy as np\nnp.ones(3) + np.ones(4)",
        "第 2 行：两个数组的形状对不上：一个是 (3,)，一个是 (4,)",
    ),
    "product": ("import numpy as np\nnp.ones((3, 4)) @ np.ones(3)", "第 2 行：两个数组不能这样相乘"),
    "array as truth": ("import numpy as np\nif np.ones(3): pass", "第 2 行：一整个数组不能直接当对或错"),
    "nothing typed": ("input()", "第 1 行：这里等不到有人打字"),
    "unknown": ("raise OSError(28, 'boom')", "第 1 行：程序在这里停下了"),
}


@pytest.mark.parametrize(("cell", "sentence"), COMMON.values(), ids=COMMON.keys())
def test_one_sentence_with_the_line(shown, cell, sentence, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    text = shown.run(cell)
    assert text.startswith(sentence)
    spoken, _, code = text.partition("\n\n→ ")
    assert "\n" not in spoken and "Traceback" not in text
    line = re.match(r"第 (\d+) 行", spoken)
    if line:
        assert code == f"{line[1]} │ {cell.splitlines()[int(line[1]) - 1].rstrip()}"
    else:
        assert code == ""


@pytest.mark.parametrize("mark", FULL_WIDTH)
def test_every_mark_of_the_input_method(mark):
    with pytest.raises(SyntaxError) as caught:
        ast.parse(f"x = 1 {mark} 2")
    assert f"{mark}，换成英文的 {FULL_WIDTH[mark][0]}" in errors.explain(SyntaxError, caught.value).sentence


def test_python_keeps_its_own_words(shown):
    shown.run("x = 0\n1 / x")
    assert shown.error[:2] == ("ZeroDivisionError", "division by zero")
    assert "<summary>看原来的英文提示</summary>" in shown.page
    assert "ZeroDivisionError: division by zero" in shown.page and "1 / x" in shown.page
    assert "Traceback" not in shown.error[2]


def test_original_has_no_path_of_the_machine_and_no_frame_of_ipython(shown):
    shown.run("import json\njson.loads('{')")
    assert "json/decoder.py" in shown.page
    assert not re.search(r"File &quot;/|interactiveshell", shown.page)


def test_original_is_escaped(shown):
    shown.run('raise OSError("<script>alert(1)</script>")')
    assert "<script>" not in shown.page and "&lt;script&gt;" in shown.page


def test_line_of_the_pupils_function_called_from_another_cell(shown):
    shown.run("def rate(right, all):\n    return right / all")
    text = shown.run("\n\nrate(1, 0)")
    assert text.startswith("第 2 行（rate 里）：这里除以了 0") and text.endswith("│     return right / all")


def test_line_of_the_pupil_where_a_library_complains(shown):
    text = shown.run("from sklearn.neighbors import KNeighborsClassifier\nKNeighborsClassifier().predict([[1]])")
    assert text.startswith("第 2 行：模型还没有学习：先运行 fit( ) 那一行")


def test_line_in_a_file_beside_the_notebook(shown, own_folder, monkeypatch):
    (own_folder / "fish_beside.py").write_text("def weigh(fish):\n    return 1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(own_folder))
    assert shown.run("import fish_beside\nfish_beside.weigh(3)").startswith("第 2 行（weigh 里）：这里除以了 0")


def test_line_of_the_cell_when_the_program_around_it_stops_it(shown, tmp_path):
    """A time limit raises in the frame of the runner, which is nobody's homework."""
    outside = tmp_path / "around.py"
    outside.write_text("def stop():\n    raise TimeoutError('这一格运行太久，被停下了')\n", encoding="utf-8")
    code = compile(outside.read_text(), str(outside), "exec")
    exec(code, shown.shell.user_ns)
    text = shown.run("n = 1\nstop()")
    assert text.startswith("第 2 行：这一格运行太久，被停下了") and text.endswith("→ 2 │ stop()")


def test_message_of_ours_is_shown_as_it_is(shown):
    text = shown.run("from kits import datasets\ndatasets.load('sklearn-digit')")
    assert text.startswith("第 2 行：没有叫 'sklearn-digit' 的数据。你是不是想写：sklearn-digits")


def test_check_without_message_shows_no_source(shown):
    text = shown.run("secret_key = 42\nassert 1 == secret_key")
    assert text.startswith("这一处检查没有通过") and shown.page == ""
    text = shown.run("assert 1 == 42, 'expected 42'")
    assert "42" not in text


HIDDEN = "# 检查 far\n### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


@pytest.mark.parametrize(
    "test",
    [
        "assert far(0) == 31337, '你算出的远近不对，再看看减号？'",
        "canary31337 = far(0)",
        "len(far(31337), 31337)",
        "try:\n    far(0)\nexcept Exception as e:\n    raise ValueError('canary31337')",
        "undefined_thing(31337)",
        "nearest = lambda x: x / 0\nnearest(31337)",
    ],
)
def test_hidden_test_shows_neither_source_nor_traceback(shown, test):
    shown.run("def far(a):\n    return 1 / a")
    text = shown.run(HIDDEN.format(test))
    assert text and "31337" not in text and "BEGIN HIDDEN" not in text
    assert shown.page == ""


def test_hidden_test_tells_the_line_in_the_pupils_own_cell(shown):
    shown.run("def far(a):\n    return 1 / a")
    assert shown.run(HIDDEN.format("far(0)")).startswith("第 2 行（far 里）：这里除以了 0")


def test_hidden_test_names_a_missing_function(shown):
    assert shown.run(HIDDEN.format("farr_away(0)")).startswith("检查时没有找到 farr_away")


def test_hidden_cause_is_not_shown_later(shown):
    shown.run("def far(a):\n    return 1 / a")
    shown.run(HIDDEN.format("try:\n    far(0)\nexcept Exception as e:\n    kept = e"))
    shown.run("raise OSError('later') from kept")
    assert shown.page == ""


def test_a_fault_of_ours_costs_nothing_and_shows_nothing(shown, monkeypatch):
    monkeypatch.setattr(errors, "explain", lambda *_, **__: 1 / 0)
    assert "程序在这里停下了" in shown.run("raise OSError('x')")
    assert shown.page == ""


def test_extension_loads_once_and_unloads():
    one = Shown()
    errors.load_ipython_extension(one.shell)
    one.run("1 / 0")
    assert len(one.rich) == 1
    errors.unload_ipython_extension(one.shell)
    assert "Traceback" in one.run("1 / 0") and one.page == ""


def test_explain_without_a_shell():
    source = "x = 1\nprint（x）"
    with pytest.raises(SyntaxError) as caught:
        ast.parse(source, filename="<lesson>")
    found = errors.explain(SyntaxError, caught.value, source=source)
    assert (found.line, found.snippet) == (2, "print（x）")


def test_sentences_are_short_chinese_and_fill_their_groups():
    for kind, pattern, sentence in RULES:
        if isinstance(sentence, str):
            assert sentence.endswith("。") and len(sentence) <= 60, (kind, pattern)
            wanted = {int(number) for number in re.findall(r"\{(\d)\}", sentence)}
            assert max(wanted, default=-1) < re.compile(pattern).groups, (kind, pattern)


LEFT_STANDING = "程序停在 raise 这一行了，它下面的不会运行：代码写好以后，要删掉这一行。"
NOT_WRITTEN = "这里还没有写：写好你的代码，再删掉 raise 这一行。"
RAISE = 'raise NotImplementedError("还没有写")'


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (f"# 在这里写你的代码，写好后删掉下一行\n{RAISE}", f"第 2 行：{NOT_WRITTEN}"),
        (f'def f(x):\n    """返回 x"""\n    # 写在这里\n    {RAISE}\nf(1)', f"第 4 行（f 里）：{NOT_WRITTEN}"),
        (f'def f(x):\n    """返回\n\n    x"""\n    {RAISE}\nf(1)', f"第 5 行（f 里）：{NOT_WRITTEN}"),
        (f"def f(x):\n    {RAISE}\n    return x\nf(1)", f"第 2 行（f 里）：{LEFT_STANDING}"),
        (f"def f(x):\n    y = x\n    {RAISE}\nf(1)", f"第 3 行（f 里）：{LEFT_STANDING}"),
        (f"def f(x):\n    for y in x:\n        {RAISE}\n        print(y)\nf([1])", f"第 3 行（f 里）：{LEFT_STANDING}"),
        (f"def f(x):\n    return x\n{RAISE}", f"第 3 行：{LEFT_STANDING}"),
        (f"def f(x):\n    {RAISE}\n\ndef g(x):\n    return x\nf(1)", f"第 2 行（f 里）：{NOT_WRITTEN}"),
    ],
)
def test_a_raise_left_above_finished_code_is_not_called_unwritten(shown, cell, sentence):
    assert shown.run(cell).startswith(sentence)
