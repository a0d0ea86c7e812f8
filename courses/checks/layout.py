"""jupytext's own layout of a notebook as text.

A file in this layout does not change when it is opened and saved in JupyterLab, so a diff shows only what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from courses.checks.rule import Seen, lesson_rule
from courses.lesson import Lesson

#: jupytext drops `haike` on saving unless told to keep it, and writes its own version number unless told not to.
FILTER = "haike,-jupytext.text_representation.jupytext_version"
#: What JupyterLab writes into every notebook it opens: our kernel's name (kits/startup.py), and what the kernel says
#: of its language. jupytext drops the latter, but for the word behind each ```{code-cell}.
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
NOTEBOOKS = ("lesson.md", "mistakes.md")


@cache
def jupytext_layout(text: str) -> str:
    """The text as jupytext itself would write it. Raises ValueError where jupytext cannot read it."""
    import jupytext  # takes a second: only where a lesson has changed

    try:
        notebook = jupytext.reads(text, fmt="md:myst")
        settings = notebook.metadata.setdefault("jupytext", {})
        settings["notebook_metadata_filter"] = FILTER
        notebook.metadata["kernelspec"] = dict(KERNEL)
        notebook.metadata["language_info"] = dict(LANGUAGE)
        return jupytext.writes(notebook, fmt="md:myst")
    except Exception as error:
        raise ValueError(str(error)) from error


@lesson_rule(
    "layout",
    what="lesson.md 和 mistakes.md 用 jupytext 自己的排版",
    why="这样在 JupyterLab 里打开再保存，文件一个字也不变",
    advice="运行 ./haike check --fix",
)
def layout(lesson: Lesson) -> Iterator[Seen]:
    for name in NOTEBOOKS:
        try:
            text = (lesson.folder / name).read_bytes().decode("utf-8")
            wanted = jupytext_layout(text)
        except (OSError, UnicodeDecodeError):
            continue  # reading has said it already
        except ValueError:
            if any(one.path == lesson.folder / name for one in lesson.findings):
                continue
            yield Seen(1, "jupytext 读不了这个文件", "先改正别的错误，再运行一次", file=name)
            continue
        if text != wanted:
            yield Seen(_first_difference(text, wanted), "这里和 JupyterLab 保存出来的不一样", file=name)


def _first_difference(text: str, wanted: str) -> int:
    for number, (ours, theirs) in enumerate(zip(text.split("\n"), wanted.split("\n"), strict=False), 1):
        if ours != theirs:
            return number
    return text.count("\n") + 1
