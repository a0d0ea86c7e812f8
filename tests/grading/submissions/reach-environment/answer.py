import json
import os
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    print(dict(os.environ))
except Exception as error:
    print(type(error).__name__)
