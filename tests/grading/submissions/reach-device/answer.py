import json
import os
import stat
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(7, 250))
except Exception as error:
    print(type(error).__name__)
