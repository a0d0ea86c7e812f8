"""JSON between the runner and a child over a SOCK_SEQPACKET pair.

A child runs code nobody trusts, and that code may write anything to the child's end. So there are no pickles, a message
is cut into packets that each begin with the token of the cell they answer, and packets without it are counted and
dropped.
"""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

# As they were before any pupil's code, which may put its own in their place.
SEND, RECEIVE, SET_BLOCKING = socket.SocketType.sendall, socket.SocketType.recv, socket.SocketType.setblocking
ENCODE, DECODE = json.JSONEncoder(ensure_ascii=False).encode, json.JSONDecoder().decode

PACKET = 60_000  # bytes; the kernel takes a packet whole or not at all
TOKEN = 32  # bytes


class BrokenMessage(Exception):
    """What came was longer than allowed or no JSON object."""


@dataclass
class Strays:
    """How many packets came that answered nothing."""

    count: int = 0


def send_packets(connection: socket.socket, message: dict[str, Any], token: bytes = b"-" * TOKEN) -> None:
    data = ENCODE(message).encode("utf-8", "surrogatepass")
    pieces = [data[start : start + PACKET] for start in range(0, len(data), PACKET)]
    for number, piece in enumerate(pieces, 1):
        SEND(connection, token + (b"." if number == len(pieces) else b"+") + piece)


def receive_packets(
    connection: socket.socket,
    token: bytes = b"-" * TOKEN,
    *,
    limit: int = 1 << 28,
    strays: Strays | None = None,
    deadline: float | None = None,
    begun: bytearray | None = None,
) -> dict[str, Any] | None:
    """The next message, or None where the other side has hung up. Raises BrokenMessage and what the socket raises.

    With a `deadline` of the monotonic clock it raises TimeoutError then, whatever else may come meanwhile; `begun`
    holds what has come of the message, for another call.
    """
    data = bytearray() if begun is None else begun
    while True:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        try:
            packet = RECEIVE(connection, PACKET + TOKEN + 1)
        except ConnectionError:
            return None
        if not packet:
            return None
        if packet[:TOKEN] != token:
            if strays is not None:
                strays.count += 1
            continue
        data += packet[TOKEN + 1 :]
        if len(data) > limit:
            raise BrokenMessage("too long")
        if packet[TOKEN : TOKEN + 1] == b".":
            break
    try:
        message = DECODE(data.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise BrokenMessage(str(error)) from None
    if not isinstance(message, dict):
        raise BrokenMessage("no object")
    return message
