"""haike hub start | stop | status: the classroom alone, for whoever looks after the school's server."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="课堂服务器：单独打开、关掉、看看开着没有。")
console = Console()


@app.command()
def start(port: Annotated[int, typer.Option(help="用哪个端口；不写就用 hub.yml 里的。")] = 0) -> None:
    """只打开课堂，不做网站也不建演示班。按 Ctrl-C 结束。

    例：./haike hub start --port 9000
    """
    from build_paths import data_dir
    from deploy import hub

    classroom = hub.start(data_dir(), port=port or None, progress=console.print)
    try:
        for sentence in classroom.faults:
            console.print(sentence, style="yellow", markup=False, soft_wrap=True)
        console.print(f"课堂开着：{'　'.join(classroom.addresses)}")
        while classroom.running():
            time.sleep(0.5)
        console.print(f"课堂自己停了，原因在 {classroom.log}。")
        raise typer.Exit(1)
    except KeyboardInterrupt:
        console.print("正在关……")
    finally:
        classroom.stop()


@app.command()
def stop() -> None:
    """关掉课堂，遗留的程序一起结束。学生做好的都存着。

    例：./haike hub stop
    """
    from build_paths import data_dir
    from deploy import processes

    ended = processes.end_all(data_dir() / "hub" / "processes")
    console.print(f"关好了，结束了 {ended} 个程序。" if ended else "课堂没有开着。")


@app.command()
def status() -> None:
    """看看课堂开着没有，每个程序用了多少内存。

    例：./haike hub status
    """
    from build_paths import data_dir
    from deploy import processes

    running = processes.alive(data_dir() / "hub" / "processes")
    if not running:
        console.print("课堂没有开着。")
        raise typer.Exit(1)
    for process in running:
        console.print(f"{process.pid}　{process.memory_info().rss // 2**20} MB　{process.name()}")


def register(door: typer.Typer) -> None:
    from deploy.lab import lab

    door.add_typer(app, name="hub")
    door.command("lab")(lab)
