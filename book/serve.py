"""The built site on this machine only, for reading and for the door's `up`."""

from __future__ import annotations

import errno
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
#: Whatever a page may come to say: a browser asks no other machine for it.
POLICY = "default-src 'self' 'unsafe-inline' data: blob:; frame-ancestors 'self'"


class Pages(SimpleHTTPRequestHandler):
    """Quiet; always the newest page after a build; nothing from elsewhere."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".otf": "font/otf", ".js": "text/javascript"}

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """A reader's terminal is not a log."""


def open_server(site: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server of `site`, not yet running; a port in use is replaced by a free one. Raises OSError otherwise."""
    handler = partial(Pages, directory=str(site))
    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return ThreadingHTTPServer((HOST, 0), handler)


def address(server: ThreadingHTTPServer) -> str:
    return f"http://{HOST}:{server.server_port}/"
