import json
import os
import signal
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    os.kill(os.getppid(), 0)
    os.kill(where["victim"], signal.SIGKILL)
except Exception as error:
    print(type(error).__name__)
