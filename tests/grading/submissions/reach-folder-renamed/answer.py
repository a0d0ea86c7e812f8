import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    here = Path.cwd()
    here.rename(here.with_name("ps1-moved"))
except Exception as error:
    print(type(error).__name__)
