import json
import os
import sys
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    if os.fork() == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", where["marker"]])
        finally:
            os._exit(0)
    os.wait()
except Exception as error:
    print(type(error).__name__)
