"""Somebody a hand-in must not reach: listens on TCP, UDP and an abstract socket of this machine, and remembers."""

from __future__ import annotations

import selectors
import socket
import threading
from secrets import token_hex


class Listener:
    def __init__(self) -> None:
        self.name = f"haike-corpus-{token_hex(4)}"
        self.heard: list[str] = []
        self.tcp = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(f"\0{self.name}")
        self.unix.listen(100)
        self.tcp_port, self.udp_port = self.tcp.getsockname()[1], self.udp.getsockname()[1]
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in (self.tcp, self.udp, self.unix):
                selector.register(each, selectors.EVENT_READ)
            while not self.closing.is_set():
                for key, _ in selector.select(0.2):
                    self.heard.append(self.hear(key.fileobj))  # type: ignore[arg-type]

    def hear(self, at: socket.socket) -> str:
        if at is self.udp:
            return at.recv(1000).decode(errors="replace")
        caller, _ = at.accept()
        with caller:
            caller.settimeout(1)
            try:
                return caller.recv(1000).decode(errors="replace")
            except OSError:
                return ""

    def close(self) -> None:
        self.closing.set()
        self.thread.join()
        for each in (self.tcp, self.udp, self.unix):
            each.close()
