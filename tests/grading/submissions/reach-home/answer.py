import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    Path.home().joinpath(f".{where['marker']}").write_text("")
except Exception as error:
    print(type(error).__name__)
