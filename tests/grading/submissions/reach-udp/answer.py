import json
import socket
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(where["marker"].encode(), ("127.0.0.1", where["udp_port"]))
except Exception as error:
    print(type(error).__name__)
