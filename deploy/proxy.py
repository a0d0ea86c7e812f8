"""The pure Python proxy with its websockets mended.

It forgets which sub-protocol a kernel's server granted and passes binary messages on as text. Without the first every
notebook's first connection fails in the browser; with it, kernels speak a binary protocol that needs the second.
"""

from collections.abc import Sequence

from configurable_http_proxy import configproxy
from configurable_http_proxy.cli import main
from configurable_http_proxy.handlers import ProxyHandler


class MendedProxyHandler(ProxyHandler):
    def select_subprotocol(self, subprotocols: Sequence[str]) -> str | None:
        granted = self.ws_client.selected_subprotocol if self.ws_client else None
        return granted if granted in subprotocols else None

    def on_message(self, message: str | bytes) -> None:
        if self.ws_client:
            if self.target and self.target["prefix"]:
                self.proxy.update_last_activity(self.target["prefix"])
            self.ws_client.write_message(message, binary=isinstance(message, bytes))


configproxy.ProxyHandler = MendedProxyHandler

if __name__ == "__main__":
    main()
