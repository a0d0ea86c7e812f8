import ctypes
import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    attached = ctypes.CDLL(None).ptrace(0x4206, where["victim"], 0, 0) == 0
    print(f"attached {where['marker']}" if attached else "refused")
except Exception as error:
    print(type(error).__name__)
