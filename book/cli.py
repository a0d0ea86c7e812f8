"""haike book build | serve: publish the lessons, and read them on this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

app = typer.Typer(no_args_is_help=True, help="网页：把课文做成网站，在这台电脑上打开看。")
console = Console()


@app.command()
def build() -> None:
    """把写好的课做成网站，放在 build/site/。没有改动的页不再重做。

    例：./haike book build
    """
    from book.build import BookError, build_site

    missing: list[str] = []
    words = TextColumn("{task.percentage:>3.0f}% {task.description}")
    try:
        with Progress(SpinnerColumn(), BarColumn(), words, TimeElapsedColumn(), console=console, transient=True) as bar:
            task = bar.add_task("开始", total=100)

            def progress(done: int, total: int, what: str) -> None:
                bar.update(task, completed=done, total=total, description=what)

            site = build_site(progress=progress, left_out=lambda lesson, line: missing.append(line))
    except BookError as error:
        console.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("停下了。原来的网页还在，下次从这里接着做。")
        raise typer.Exit(130) from None
    console.print(f"网站做好了：{site / 'index.html'}", soft_wrap=True, highlight=False)
    console.print("整个文件夹可以拷进优盘；要在这台电脑上看：./haike book serve")
    for row in missing:
        console.print(row, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if missing:
        console.print(f"有 {len(missing)} 课没有放上去。用 ./haike check 看怎么改，改好再做一次。")
        raise typer.Exit(1)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="用哪个端口；被占用时换一个空的。", min=0, max=65535)] = 8800,
) -> None:
    """在这台电脑上打开做好的网站（只有本机能看）。按 Ctrl-C 结束。

    例：./haike book serve --port 8800
    """
    from book.build import site_dir
    from book.serve import address, open_server

    site = site_dir()
    if not (site / "index.html").is_file():
        console.print("还没有做好的网站。先运行：./haike book build")
        raise typer.Exit(1)
    server = open_server(site, port)
    try:
        if port and server.server_port != port:
            console.print(f"端口 {port} 有别的程序在用，换成了 {server.server_port}。")
        console.print(f"海课网站在这里：{address(server)}", highlight=False)
        console.print("按 Ctrl-C 结束。")
        server.serve_forever()
    except KeyboardInterrupt:
        console.print("网站关上了。")
    finally:
        server.server_close()


def register(main: typer.Typer) -> None:
    """Join this room's commands to the door."""
    main.add_typer(app, name="book")
