import functools

import pytest

from kits import is_written


def stub(x):
    """还没有写"""
    # 在这里写你的代码，写好后删掉下一行
    raise NotImplementedError("还没有写")


def half(x):
    total = x + 1
    raise NotImplementedError("还没有写")
    return total


def left_behind(x):
    return x + 1
    raise NotImplementedError("还没有写")


def finished(x):
    """A docstring that says 还没有写 is no stub."""
    return x + 1


class Half:
    def one(self):
        return 1

    def two(self):
        raise NotImplementedError("还没有写")


@functools.wraps(stub)
def timed(x):
    return stub(x)


answer = None
length = 5


@pytest.mark.parametrize("what", [stub, half, "stub", Half, timed, "answer", "never_defined"])
def test_unwritten_says_one_sentence(what, capsys):
    assert is_written(what) is False
    said = capsys.readouterr()
    assert said.out.count("\n") == 1 and said.err == ""
    assert (what if isinstance(what, str) else what.__name__) in said.out


@pytest.mark.parametrize("what", [finished, left_behind, "finished", "length", len, functools.partial(finished, 1)])
def test_written_says_nothing(what, capsys):
    assert is_written(what) is True
    assert capsys.readouterr() == ("", "")
