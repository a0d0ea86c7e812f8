"""What a cell said, from a reply's messages to outputs in nbformat's shape."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

MESSAGE_ID = "cell"  # as in kernel_shell, which only the warm parent imports


def outputs_of(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """A cell's messages as outputs in nbformat's shape, the way nbclient turns the one into the other."""
    if not reply["messages"]:
        return []
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    cell = new_code_cell()
    client = NotebookClient(new_notebook(cells=[cell]))
    client.clear_before_next_output = False
    for message in client_messages(reply):
        client.process_message(message, cell, 0)
    return json.loads(json.dumps(cell.outputs))


def client_messages(reply: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A reply's messages as nbclient knows them."""
    for message in reply["messages"]:
        kind = message["type"]
        yield {
            "msg_type": kind,
            "header": {"msg_type": kind},
            "parent_header": {"msg_id": MESSAGE_ID},
            "metadata": {},
            "content": message["content"],
            "buffers": [b64decode(buffer) for buffer in message.get("buffers", [])],
        }
