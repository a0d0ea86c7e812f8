import json
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    for name in ("", "source", "release", "submitted"):
        Path(where["course"], name, f"{where['marker']}.py").write_text(f"# {where['marker']}")
except Exception as error:
    print(type(error).__name__)
