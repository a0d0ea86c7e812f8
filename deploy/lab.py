"""haike lab: JupyterLab on the lessons' sources, in Chinese, without a hub; lesson.md opens as a notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

HERE = Path(__file__).parent


def lab(
    folder: Annotated[
        Path | None, typer.Argument(help="打开哪个文件夹；不写就是全部的课。", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(help="用哪个端口；被占用时换一个空的。")] = 8888,
    browser: Annotated[bool, typer.Option(help="自动打开浏览器。")] = True,
) -> None:
    """在 JupyterLab 里写课：双击 lesson.md 就是一本笔记。按 Ctrl-C 结束。

    例：./haike lab courses/lessons/grade-07
    """
    from build_paths import build_dir
    from courses.roots import LESSONS

    root = (folder or LESSONS).resolve()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}"]
    command += ["--ServerApp.ip=127.0.0.1", f"--LabApp.app_settings_dir={HERE / 'jupyter' / 'author' / 'settings'}"]
    command += [] if browser else ["--no-browser"]
    command += ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    raise typer.Exit(subprocess.call(command, env=author_environment(build_dir() / "lab")))


def author_environment(base: Path) -> dict[str, str]:
    """The pupil's kernel (so that Lab saves the kernel's name as the lesson has it), and programs found by name."""
    from kits import startup

    return {
        **os.environ,
        "JUPYTER_PATH": str(startup.jupyter_path(base)),
        "JUPYTER_CONFIG_PATH": str(HERE / "jupyter" / "author"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
