import json
import os
import shutil
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    shutil.copy("/bin/true", "tool")
    os.chmod("tool", 0o6755)
except Exception as error:
    print(type(error).__name__)
