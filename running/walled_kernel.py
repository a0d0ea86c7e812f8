"""A kernel of its own behind walls, for notebooks that a warm parent cannot run: other languages, other environments.

nbgrader's own Execute talks to it over sockets in a folder; slow as ever, shut in all the same.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager


def walled_manager(scratch: Path, wall: Callable[[Path], list[str]], environment: dict[str, str]) -> type:
    """A kernel manager class that starts its kernel behind `wall(program)`, its sockets in `scratch`."""

    class WalledKernelManager(AsyncKernelManager):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.transport = "ipc"
            self.ip = str(scratch / "k")
            self.connection_file = str(scratch / "kernel.json")

        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            command = super().format_kernel_cmd(extra_arguments)
            return [*wall(Path(command[0])), *command]

        async def _async_start_kernel(self, **kwargs: Any) -> None:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # its English is for nobody here
            await super()._async_start_kernel(**kwargs | quiet | {"env": dict(environment), "cwd": "/"})

        def write_connection_file(self, **kwargs: Any) -> None:
            super().write_connection_file(**kwargs)
            if os.getuid() == 0:
                from running.sandbox import NOBODY

                os.chown(self.connection_file, NOBODY, NOBODY)

        start_kernel = _async_start_kernel

    return WalledKernelManager
