import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    for name in ("ps1.ipynb", "result.json", "outputs.json"):
        Path(name).unlink(missing_ok=True)
        Path(name).symlink_to(Path(where["outside"], "canary.txt"))
except Exception as error:
    print(type(error).__name__)
