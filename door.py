"""The door of Haike: joins the rooms' commands and holds `up` and `test`. The only module that may import every room."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parent
#: Rooms that bring commands. Each has a register(app) in its cli.py.
ROOMS = ("courses", "grading", "book", "deploy")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="海课：每一所学校明天就能上的人工智能课。先试 ./haike up",
)


def register_all() -> None:
    for room in ROOMS:
        import_module(f"{room}.cli").register(app)


@app.command()
def up(
    port: int = typer.Option(0, help="课堂用哪个端口；不写就找一个空的。"),
    once: bool = typer.Option(False, "--once", help="准备好以后马上停下，用来检查。"),
) -> None:
    """打开课堂：检查课文、做好网站、建好演示班，打印地址和账号。按 Ctrl-C 结束。

    例：./haike up
    """
    from deploy import classroom

    classroom.up(port=port, once=once)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    everything: bool = typer.Option(False, "--all", help="连同浏览器和慢的测试。"),
) -> None:
    """运行测试。后面可以接 pytest 的参数。

    例：./haike test --all
    """
    import pytest

    from tests.rooms import pytest_arguments

    raise typer.Exit(int(pytest.main(pytest_arguments(everything, context.args))))


def main() -> None:
    """Run a command; whatever goes wrong ends in one Chinese line, not in a traceback."""
    from grading.course import CourseFault

    register_all()
    try:
        app()
    except CourseFault as fault:
        sys.exit(str(fault))
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        name = f"（{error.filename}）" if error.filename else ""
        sys.exit(f"文件没有读写成功：{error.strerror}{name}。检查权限和磁盘空间，再运行一次。")


if __name__ == "__main__":
    main()
