import json
from pathlib import Path

for path in Path().glob("*.ipynb"):
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"], cell["metadata"] = "", {}
    path.unlink()
    path.write_text(json.dumps(notebook))


def add(a, b):
    return 0
