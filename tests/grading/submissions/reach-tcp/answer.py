import json
import socket
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    with socket.create_connection(("127.0.0.1", where["tcp_port"]), timeout=2) as line:
        line.sendall(where["marker"].encode())
except Exception as error:
    print(type(error).__name__)
