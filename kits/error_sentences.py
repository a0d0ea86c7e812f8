"""What each Python error says to a child: one Chinese sentence, what was seen and what to try.

A rule is (kind of error, pattern of Python's message, sentence); `{0}`, `{1}` … stand for the pattern's groups.
The first rule that fits wins. A sentence that needs more than the message (a near name, the line's text) is a
function above the table. The line number is put in front by errors.py.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile
from typing import Any

#: Marks of the Chinese input method: the mark, what to type instead, what a child calls it.
_MARKS = """
（ ( 括号 | ） ) 括号 | 【 [ 括号 | 】 ] 括号 | ［ [ 括号 | ］ ] 括号 | 〔 [ 括号 | 〕 ] 括号 | ｛ { 括号 | ｝ } 括号
“ " 引号 | ” " 引号 | ‘ ' 引号 | ’ ' 引号 | 「 " 引号 | 」 " 引号 | ＂ " 引号 | ＇ ' 引号
， , 逗号 | 、 , 顿号 | ： : 冒号 | ； ; 分号 | 。 . 句号 | ． . 点 | ！ ! 叹号 | ？ ? 问号 | · . 间隔号
＝ = 等号 | ＋ + 加号 | － - 减号 | — - 破折号 | ＊ * 星号 | × * 乘号 | ／ / 斜线 | ÷ / 除号 | ％ % 百分号
＜ < 小于号 | ＞ > 大于号 | 《 < 书名号 | 》 > 书名号 | ＃ # 井号 | ＿ _ 下划线
≤ <= 小于等于号 | ≥ >= 大于等于号 | ≠ != 不等号
"""
FULL_WIDTH: dict[str, tuple[str, str]] = {
    mark: (typed, name) for mark, typed, name in (entry.split() for entry in re.split(r"[|\n]", _MARKS.strip()))
}

#: Names a lesson imports under these words: missing means the import cell was not run.
_IMPORTED = {"np", "plt", "numpy", "math", "random", "plots", "datasets", "answers", "widgets", "is_written", "sklearn"}

_TYPES = {
    "str": "文字",
    "int": "整数",
    "float": "小数",
    "list": "列表",
    "tuple": "元组",
    "dict": "字典",
    "set": "集合",
    "bool": "对或错",
    "NoneType": "None（什么也没有）",
    "function": "函数",
    "builtin_function_or_method": "函数",
    "method": "函数",
    "ndarray": "数组",
}


@dataclass(frozen=True)
class Scene:
    """Where an error happened: the cell's lines, the number of the line (from 1), the names that were known there."""

    source: tuple[str, ...] = ()
    number: int = 0
    names: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return self.source[self.number - 1].rstrip() if 0 < self.number <= len(self.source) else ""


Sentence = str | Callable[[Any, "re.Match[str]", "Scene"], str]


def wrong_mark(found: str, line: str) -> str:
    """The sentence for a character of the Chinese input method, or for another one Python cannot read."""
    if found == "\u3000":
        return "这里有一个全角空格：删掉它，换成英文输入法的空格。"
    if found in FULL_WIDTH:
        typed, name = FULL_WIDTH[found]
        others = sum(line.count(mark) for mark in FULL_WIDTH) > 1
        return f"你用了中文{name}{found}，换成英文的 {typed} 。" + ("这一行别的标点也看一看。" if others else "")
    typed = unicodedata.normalize("NFKC", found)
    if typed != found and typed.isascii():
        return f"你用了全角的 {found}，换成半角的 {typed} 。"
    if not found.isprintable():
        return "这里藏着一个看不见的字符：把这一行删掉，自己重新打一遍。"
    return f"Python 不认识 {found} 这个符号：把它删掉，或者放进引号里。"


def _mark_rule(error: Any, match: re.Match[str], scene: Scene) -> str:
    return wrong_mark(chr(int(match[1], 16)), scene.line)


def _open_quote(error: Any, match: re.Match[str], scene: Scene) -> str:
    start = max((error.offset or 1) - 1, 0)
    found = next((mark for mark in scene.line[start:] if mark in "“”‘’＂＇"), None)
    if found:
        return f'这里的引号，一边是英文的，一边是中文的 {found}：两边都换成英文的 " 。'
    return "这里的引号只有一边：文字的两头都要有引号。"


def _plain_syntax(error: Any, match: re.Match[str], scene: Scene) -> str:
    """`invalid syntax` says nothing, so look at the line: a mistyped keyword is the commonest."""
    line = scene.line
    words = re.findall(r"[A-Za-z_]\w*", line)
    if words and not keyword.iskeyword(words[0]):
        near = get_close_matches(
            words[0].lower(), ["while", "for", "if", "elif", "else", "def", "return", "import"], 1, 0.7
        )
        if near and near[0] != words[0]:
            return f"这里写的是 {words[0]}，你是不是想写 {near[0]} ？"
    if re.match(r"\s*(\w+)\s*=[^=]", line) and words and keyword.iskeyword(words[0]):
        return f"{words[0]} 是 Python 自己的词，不能当名字用：换一个名字。"
    if words and words[0] in {"else", "elif"} and line.strip().endswith(":"):
        return f"这个 {words[0]} 前面没有和它对齐的 if：看看缩进，看看 if 还在不在。"
    if words and words[0] in {"if", "elif", "else", "for", "while", "def", "class"} and ":" not in line:
        return "这一行的末尾少了一个英文冒号 : 。"
    if re.search(r"\+\+|--", line):
        return "Python 里没有 ++ 和 --：要加一就写 x = x + 1 。"
    return "Python 读到这里读不懂了：看看有没有少了逗号、括号、引号或运算符，也看看上一行。"


def _no_block(error: Any, match: re.Match[str], scene: Scene) -> str:
    line = scene.line.strip()
    if match[1] == str(error.lineno) or not line or line.startswith("#"):
        return "冒号下面还没有写内容：在下一行往里缩进四个空格，写上要做的事。"
    return "上一行有冒号，这一行要往里缩进四个空格。"


def near_name(name: str, known: Iterable[str]) -> str:
    names = sorted({one for one in known if not one.startswith("_") and one != name})
    same = [one for one in names if one.lower() == name.lower()]
    found = same or get_close_matches(name, names, 1, 0.7)
    return found[0] if found else ""


def _unknown_name(error: Any, match: re.Match[str], scene: Scene) -> str:
    name = match[1]
    if name in _IMPORTED:
        return f"还不认识 {name}：先运行前面写着 import 的那一格。"
    near = near_name(name, [*vars(builtins), *keyword.kwlist, *scene.names])
    if near:
        return f"还没有叫 {name} 的东西，你是不是想写 {near} ？"
    if not name.isascii():
        return f"还没有叫 {name} 的东西：如果它是一段文字，两头要加英文引号。"
    return f"还没有叫 {name} 的东西：先运行给它值的那一格，或者看看名字拼对了没有。"


def _kind(name: str) -> str:
    return _TYPES.get(name.split(".")[-1], f"{name} ")


def _two_kinds(error: Any, match: re.Match[str], scene: Scene) -> str:
    sign, left, right = match[1].split(" ")[0], match[2], match[3]
    if "NoneType" in (left, right):
        return f"{sign} 的一边是 None（什么也没有）：看看那个函数是不是忘了写 return。"
    if {left, right} <= {"str", "int", "float"}:
        return f"文字和数不能用 {sign} 连在一起：数要变成文字用 str( )，文字要变成数用 int( )。"
    return f"{_kind(left)}和{_kind(right)}不能用 {sign}：先看看两边各是什么。"


def _compare(error: Any, match: re.Match[str], scene: Scene) -> str:
    left, right = match[2], match[3]
    if "NoneType" in (left, right):
        return f"{match[1]} 的一边是 None（什么也没有）：看看那个函数是不是忘了写 return。"
    return f"{_kind(left)}和{_kind(right)}不能用 {match[1]} 比大小：先把两边变成同一种。"


def _cannot(what: str) -> Callable[[Any, re.Match[str], Scene], str]:
    """A sentence about the kind of thing that stands there; None gets its own, since `return` was forgotten."""

    def say(error: Any, match: re.Match[str], scene: Scene) -> str:
        if match[1] == "NoneType":
            return "这里拿到的是 None（什么也没有）：看看前面的函数是不是忘了写 return。"
        return what.format(_kind(match[1]))

    return say


def _arguments(error: Any, match: re.Match[str], scene: Scene) -> str:
    if match[2] == "0":
        return f"{_bare(match[1])} 的括号里什么也不用写：你给了 {match[3]} 样。"
    return f"{_bare(match[1])} 要 {match[2]} 样东西，你给了 {match[3]} 样：数一数括号里的逗号。"


def _missing(error: Any, match: re.Match[str], scene: Scene) -> str:
    wanted = "、".join(re.findall(r"'(\w+)'", match[2]))
    return f"用 {_bare(match[1])} 时少给了 {wanted}：在括号里补上。"


def _bare(function: str) -> str:
    return function.split(".")[-1]


def _attribute(error: Any, match: re.Match[str], scene: Scene) -> str:
    kind, name = match[1], match[2]
    if kind == "NoneType":
        return f"点 {name} 的前面是 None（什么也没有）：看看前面的函数是不是忘了写 return。"
    near = near_name(name, dir(getattr(error, "obj", None)))
    advice = f"你是不是想写 {near} ？" if near else "看看名字拼对了没有。"
    return f"{_kind(kind)}里没有 {name}，{advice}"


def _module_attribute(error: Any, match: re.Match[str], scene: Scene) -> str:
    near = near_name(match[2], dir(getattr(error, "obj", None)))
    advice = f"你是不是想写 {near} ？" if near else "看看名字拼对了没有。"
    return f"{match[1]} 里没有 {match[2]}，{advice}"


def _no_key(error: Any, match: re.Match[str], scene: Scene) -> str:
    key = error.args[0] if error.args else ""
    return (
        f"字典里没有 {str(key)!r} 这一项：看看有哪些项，拼得是不是一样。"
        if isinstance(key, str)
        else _no_number_key(key)
    )


def _no_number_key(key: object) -> str:
    return f"字典里没有 {key} 这一项：看看有哪些项，是数还是文字。"


def _no_module(error: Any, match: re.Match[str], scene: Scene) -> str:
    name = match[1].split(".")[0]
    near = near_name(
        name, ["numpy", "matplotlib", "sklearn", "random", "math", "kits", "time", "datetime", "collections"]
    )
    advice = f"你是不是想写 {near} ？" if near else "看看拼写；这门课用不到的，就去掉这一行。"
    return f"这里没有叫 {name} 的工具箱，{advice}"


def _not_written(error: Any, match: re.Match[str], scene: Scene) -> str:
    """Whoever has written something in the same block has only left the `raise` of the empty exercise standing."""
    if not scene.line.strip().startswith("raise"):
        return "这里还没有写：写好你的代码，再删掉 raise 这一行。"
    depth = _depth(scene.line)
    before = _same_block(reversed(scene.source[: scene.number - 1]), depth)
    # A docstring says what is to be done; it is not the pupil's.
    code = re.sub(r"(\"{3}|'{3}).*?\1|^[ \t]*pass$", "", "\n".join(reversed(before)), flags=re.DOTALL | re.MULTILINE)
    if code.strip() or _same_block(scene.source[scene.number :], depth):
        return "程序停在 raise 这一行了，它下面的不会运行：代码写好以后，要删掉这一行。"
    return "这里还没有写：写好你的代码，再删掉 raise 这一行。"


def _same_block(lines: Iterable[str], depth: int) -> list[str]:
    """The lines of code that follow in the same block or deeper."""
    block = takewhile(lambda line: not line.strip() or _depth(line) >= depth, lines)
    return [line for line in block if line.strip() and not line.lstrip().startswith("#")]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


_DIVIDED = "这里除以了 0：先想一想除数什么时候会是 0，用 if 避开它。"

#: (kind of error, pattern of Python's message, sentence)
RULES: list[tuple[str, str, Sentence]] = [
    # 1 the input method
    ("SyntaxError", r"invalid (?:non-printable )?character .*?\(?U\+([0-9A-F]+)\)?", _mark_rule),
    # 2 quotes
    ("SyntaxError", r"unterminated triple-quoted", "三个引号开头的文字没有结束：在末尾补上三个引号。"),
    ("SyntaxError", r"unterminated (?:f-)?string literal|EOL while scanning", _open_quote),
    # 3 brackets
    ("SyntaxError", r"'(.)' was never closed", "这里的括号 {0} 没有另一半：在该结束的地方补上。"),
    ("SyntaxError", r"unmatched '(.)'", "多了一个 {0} ，或者前面少了它的另一半。"),
    (
        "SyntaxError",
        r"closing parenthesis '(.)' does not match opening parenthesis '(.)'",
        "括号不成对：前面是 {1} ，这里却是 {0} 。",
    ),
    # 4 the colon
    ("SyntaxError", r"expected ':'", "这一行的末尾少了一个英文冒号 : 。"),
    # 5 indentation
    ("IndentationError", r"expected an indented block(?:.* on line (\d+))?", _no_block),
    ("IndentationError", r"unexpected indent", "这一行前面多了空格：让它和上一行对齐。"),
    ("IndentationError", r"unindent does not match", "这一行的缩进和上面哪一行都不齐：每一层都用四个空格。"),
    ("TabError", r"", "缩进里混着 Tab 和空格：都换成空格，一层四个。"),
    # other ways to write what Python cannot read
    ("SyntaxError", r"cannot assign to (?:True|False|None)", "True、False、None 是 Python 自己的词，不能给它们值。"),
    ("SyntaxError", r"cannot assign to", "等号左边要是一个名字；如果想比较，用两个等号 == 。"),
    ("SyntaxError", r"Maybe you meant '=='", "比较两个数要用两个等号 == ，一个 = 是给名字一个值。"),
    ("SyntaxError", r"Perhaps you forgot a comma", "两样东西中间少了一个英文逗号 , 。"),
    ("SyntaxError", r"Missing parentheses in call to 'print'", "print 后面要有括号：print( ) 。"),
    ("SyntaxError", r"'return' outside function", "return 要写在 def 的里面：看看它有没有往里缩进。"),
    ("SyntaxError", r"'(break|continue)' (?:outside|not)", "{0} 要写在循环里面：看看它有没有往里缩进。"),
    (
        "SyntaxError",
        r"invalid decimal literal",
        "名字不能用数字开头，数字后面也不能直接跟字母：改一个名字，或者补上运算符。",
    ),
    ("SyntaxError", r"leading zeros", "整数前面不要写 0：08 写成 8。"),
    ("SyntaxError", r"f-string", "f 文字里的花括号 { } 没写对：两边成对，里面写名字。"),
    ("SyntaxError", r"invalid syntax", _plain_syntax),
    # 6 names
    (
        "UnboundLocalError",
        r"variable '(\w+)'",
        "函数里的 {0} 还没有值就用了：在函数里先给它一个值，或者把它写进括号里传进来。",
    ),
    ("NameError", r"name '(\w+)' is not defined", _unknown_name),
    ("NameError", r"variable '(\w+)'", "{0} 还没有值就用了：先给它一个值。"),
    # 7 kinds that do not go together
    ("TypeError", r"unsupported operand type\(s\) for (.+?): '([\w.]+)' and '([\w.]+)'", _two_kinds),
    (
        "TypeError",
        r"can only concatenate (\w+) \(not \"NoneType\"\)",
        "加号的一边是 None：看看那个函数是不是忘了写 return。",
    ),
    ("TypeError", r"can only concatenate str", "文字只能和文字相加：数要先用 str( ) 变成文字。"),
    ("TypeError", r"can only concatenate list", "列表只能和列表相加：要添一样东西，用 append( )。"),
    ("TypeError", r"'(.+?)' not supported between instances of '([\w.]+)' and '([\w.]+)'", _compare),
    # 8 calls
    ("TypeError", r"([\w.<>]+)\(\) missing \d+ required .*?arguments?: (.+)", _missing),
    ("TypeError", r"([\w.<>]+)\(\) takes (?:from )?(\d+)(?: to \d+)? positional arguments? but (\d+)", _arguments),
    ("TypeError", r"(\w+) expected (?:exactly|at least|at most) (\d+) arguments?, got (\d+)", _arguments),
    ("TypeError", r"unexpected keyword argument '(\w+)'", "这个函数不认识 {0}=：看看名字拼对了没有。"),
    (
        "TypeError",
        r"'([\w.]+)' object is not callable",
        _cannot("{0}后面不能加括号：它不是函数。是不是少了 * ，或者把函数的名字给了别的东西？"),
    ),
    (
        "TypeError",
        r"([\w.<>]+)\(\) takes (?:no|exactly one) arguments? \((\d+) given\)",
        "{0} 的括号里，东西的个数不对：你给了 {1} 样。",
    ),
    # 9 things without parts
    ("TypeError", r"can't multiply sequence by non-int", "文字乘以一个整数才能重复：看看乘号两边是什么。"),
    ("TypeError", r"bad operand type for \S+ ?\S*: '([\w.]+)'", _cannot("{0}不能这样算：要先变成数。")),
    ("TypeError", r"argument must be .*not '([\w.]+)'", _cannot("{0}不能变成数：括号里要放数或者写着数的文字。")),
    ("TypeError", r"expected str instance, (\w+) found", _cannot("这里要的是文字，拿到的是{0}：用 str( ) 变成文字。")),
    ("TypeError", r"argument of type '([\w.]+)' is not", _cannot("{0}里不能用 in 找东西：in 的后面要是列表或文字。")),
    (
        "TypeError",
        r"'([\w.]+)' object is not subscriptable",
        _cannot("{0}后面不能用方括号 [ ] 取一项：看看它是不是你想的那个列表。"),
    ),
    ("TypeError", r"'([\w.]+)' object is not iterable", _cannot("{0}不能一个一个地数：要数次数，用 range( )。")),
    ("TypeError", r"cannot unpack non-iterable ([\w.]+) object", _cannot("{0}不能拆成几个：看看等号右边有几样东西。")),
    ("TypeError", r"object of type '([\w.]+)' has no len", _cannot("{0}没有长度：len( ) 里要放列表或文字。")),
    ("TypeError", r"'([\w.]+)' object does not support item assignment", _cannot("{0}里的一项不能改：要改就用列表。")),
    ("TypeError", r"indices must be integers", "方括号里的序号要是整数：看看它是不是小数或文字。"),
    (
        "TypeError",
        r"only integer scalar arrays|cannot be interpreted as an integer",
        "这里要一个整数：小数可以用 int( ) 变成整数。",
    ),
    ("TypeError", r"unhashable type", "列表会变，不能当字典的名字：换成文字、数或元组。"),
    # 10 positions and keys
    ("IndexError", r"out of range|out of bounds", "序号超出去了：序号从 0 数起，最后一个是长度减 1。"),
    ("IndexError", r"only integers, slices", "方括号里的序号要是整数：看看它是不是小数。"),
    ("IndexError", r"too many indices", "方括号里的序号太多了：这个数组没有那么多层。"),
    ("IndexError", r"pop from empty", "列表已经空了，拿不出东西来：先用 len( ) 看看还有没有。"),
    ("KeyError", r"", _no_key),
    # 11 values
    (
        "ValueError",
        r"invalid literal for int\(\) with base 10: (.*)",
        "int( ) 不能把 {0} 变成整数：里面只能是数字，没有小数点和别的字。",
    ),
    (
        "ValueError",
        r"could not convert string to float: (.*)",
        "float( ) 不能把 {0} 变成数：里面只能是数字和一个小数点。",
    ),
    ("ValueError", r"too many values to unpack", "等号右边的东西比左边的名字多：数一数两边。"),
    ("ValueError", r"not enough values to unpack", "等号左边的名字比右边的东西多：数一数两边。"),
    ("ValueError", r"not in list", "列表里没有你要找的东西：先用 in 看看在不在。"),
    ("ValueError", r"(?:max|min)\(\).*empty", "空的列表里没有最大和最小：看看它为什么是空的。"),
    ("ValueError", r"math domain error", "这个数不能这样算：比如负数没有平方根。"),
    # 12 arrays and models
    (
        "ValueError",
        r"could not be broadcast together with shapes (\([\d, ]*\)) (\([\d, ]*\))",
        "两个数组的形状对不上：一个是 {0}，一个是 {1}。打印 .shape 看看是哪一个不对。",
    ),
    (
        "ValueError",
        r"shapes (\([\d, ]*\)) and (\([\d, ]*\)) not aligned",
        "两个数组不能这样相乘：形状是 {0} 和 {1}，前一个的列数要等于后一个的行数。",
    ),
    ("ValueError", r"matmul: .*mismatch", "两个数组不能这样相乘：前一个的列数要等于后一个的行数。打印 .shape 看看。"),
    (
        "ValueError",
        r"cannot reshape array of size (\d+) into shape (\([\d, ]*\))",
        "{0} 个数排不成 {1} 的样子：行数乘列数要正好是 {0}。",
    ),
    (
        "ValueError",
        r"inhomogeneous|setting an array element with a sequence",
        "每一行的个数不一样，排不成数组：看看哪一行少了或多了。",
    ),
    (
        "ValueError",
        r"truth value of an array",
        "一整个数组不能直接当对或错：想说“都对”用 .all()，想说“有一个对”用 .any()。",
    ),
    ("ValueError", r"Expected 2D array", "模型要的是一张表（一行一个例子）：只有一个例子时，外面再加一层方括号。"),
    (
        "ValueError",
        r"inconsistent numbers of samples: \[(\d+), (\d+)\]",
        "例子和答案不一样多：一边 {0} 个，一边 {1} 个。",
    ),
    ("NotFittedError", r"", "模型还没有学习：先运行 fit( ) 那一行。"),
    ("LinAlgError", r"", "这个矩阵没法这样解：看看有没有两行一模一样。"),
    # 13 division, attributes, imports
    ("ZeroDivisionError", r"", _DIVIDED),
    ("AttributeError", r"module '([\w.]+)' has no attribute '(\w+)'", _module_attribute),
    ("AttributeError", r"'([\w.]+)' object has no attribute '(\w+)'", _attribute),
    ("ModuleNotFoundError", r"No module named '([\w.]+)'", _no_module),
    ("ImportError", r"cannot import name '(\w+)' from '([\w.]+)'", "{1} 里没有 {0}：看看名字拼对了没有。"),
    ("FileNotFoundError", r"", "没有找到这个文件：看看文件名，看看它在不在这一课的文件夹里。"),
    # 14 too deep, too long, stopped by hand
    ("RecursionError", r"", "函数一直在叫自己，停不下来：给它一个不再叫自己的出口。"),
    ("KeyboardInterrupt", r"", "程序被停下来了，这不是错误：想再试，就重新运行这一格。"),
    ("CellTimeout", r"", "程序跑得太久，被停下了：看看循环有没有停下来的时候。"),
    ("TimeoutError", r"", "程序跑得太久，被停下了：看看循环有没有停下来的时候。"),
    ("MemoryError", r"", "东西太多，电脑记不下了：把数目改小一点再试。"),
    ("EOFError", r"", "这里等不到有人打字：不用 input( )，直接把值写进程序里。"),
    ("StdinNotImplementedError", r"", "这里等不到有人打字：不用 input( )，直接把值写进程序里。"),
    # 15 not written yet
    ("NotImplementedError", r"", _not_written),
]


def sentence_for(error: BaseException, scene: Scene = Scene()) -> str:
    """The sentence of the first rule that fits, "" if none does."""
    kinds = {one.__name__ for one in type(error).__mro__}
    message = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    for kind, pattern, sentence in RULES:
        if kind not in kinds:
            continue
        match = re.search(pattern, message)
        if match:
            return sentence(error, match, scene) if callable(sentence) else _filled(sentence, match)
    return ""


def _filled(sentence: str, match: re.Match[str]) -> str:
    """Put the groups in; a sentence may hold braces of its own, so only {0}, {1}, … are replaced."""
    return re.sub(r"\{(\d)\}", lambda place: match[int(place[1]) + 1] or "", sentence)
