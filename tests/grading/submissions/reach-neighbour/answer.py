import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    print(Path(where["course"], "submitted", where["neighbour"], "ps1/ps1.ipynb").read_text())
except Exception as error:
    print(type(error).__name__)
