import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    Path("photo.png").symlink_to(Path(where["outside"], "canary.txt"))
except Exception as error:
    print(type(error).__name__)
