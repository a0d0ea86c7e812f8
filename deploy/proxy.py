"""The pure Python proxy, with one thing mended: it drops the sub-protocol a kernel's websocket was granted.

Without it every notebook's first connection fails in the browser, and only the second, older one works.
"""

from collections.abc import Sequence

from configurable_http_proxy.cli import main
from configurable_http_proxy.handlers import ProxyHandler


def granted_by_the_server(self: ProxyHandler, offered: Sequence[str]) -> str | None:
    granted = self.ws_client.selected_subprotocol if self.ws_client else None
    return granted if granted in offered else None


ProxyHandler.select_subprotocol = granted_by_the_server

if __name__ == "__main__":
    main()
