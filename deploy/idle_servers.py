"""Servers nobody uses are ended, by jupyterhub-idle-culler: a service of the hub whose role may do nothing else.

How long is `idle_minutes` of hub.yml. What was saved stays; the next click on the classroom starts the server anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

SERVICE = "_idle-culler"  # no class can have this code
SCOPES = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
OFTEN_ENOUGH = 300  # seconds, JupyterHub's own pace


def end_idle_servers(c: Any, seconds: int, recorded: Callable[[str, list[str]], list[str]]) -> dict[str, str]:
    """Configure the hub; returns what its servers are told. 0 seconds is never."""
    told = {"HAIKE_IDLE_SECONDS": str(seconds)}  # for a server's kernels, which may end before it does
    if not seconds:
        return told
    # What the hub has heard of a server at work is never older than a part of the time after which it would be ended.
    pace = max(1, min(OFTEN_ENOUGH, seconds // 4))
    c.JupyterHub.last_activity_interval = pace
    program = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={seconds}", f"--cull-every={pace}"]
    service = {"name": SERVICE, "display": False, "command": recorded("service", program)}
    c.JupyterHub.services.append(service)
    c.JupyterHub.load_roles.append({"name": "idle-culler", "services": [SERVICE], "scopes": SCOPES})
    return {**told, "JUPYTERHUB_ACTIVITY_INTERVAL": str(pace)}
