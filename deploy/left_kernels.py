"""Kernels of children's pages that were closed.

Voila would end a page's kernel the moment the page closes, and with it a tap that is still on its way. So the kernel
stays for some seconds and is ended here. Notebook's kernels belong to a session and are none of our business.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

GRACE = timedelta(seconds=20)


async def end_left_kernels(settings: dict[str, Any], now: datetime | None = None) -> int:
    kernels, sessions = settings["kernel_manager"], settings["session_manager"]
    in_session = {session["kernel"]["id"] for session in await sessions.list_sessions()}
    ended = 0
    for model in kernels.list_kernels():
        quiet = (now or datetime.now(UTC)) - _moment(model["last_activity"])
        if model["id"] not in in_session and model["connections"] == 0 and quiet > GRACE:
            await kernels.shutdown_kernel(model["id"])
            ended += 1
    return ended


def _moment(written: Any) -> datetime:
    found = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
