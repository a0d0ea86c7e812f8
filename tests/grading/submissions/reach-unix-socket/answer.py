import json
import socket
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect("\0" + where["socket"])
        line.sendall(where["marker"].encode())
except Exception as error:
    print(type(error).__name__)
