import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    path = Path(where["course"], "submitted", where["neighbour"], "ps1/ps1.ipynb")
    text = path.read_text()
    path.chmod(0o644)
    path.write_text(text.replace("return a + b", "return a - b  # " + where["marker"]))
except Exception as error:
    print(type(error).__name__)
