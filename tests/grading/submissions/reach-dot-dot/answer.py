import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    for up in ("..", "../..", "../../.."):
        Path(up, f"{where['marker']}.txt").write_text(where["marker"])
except Exception as error:
    print(type(error).__name__)
