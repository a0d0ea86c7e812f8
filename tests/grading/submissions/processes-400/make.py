from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
import json
import os
import time
from pathlib import Path

marker = json.loads(Path("where.json").read_text())["marker"]
for _ in range(400):
    if os.fork() == 0:
        try:
            Path("/proc/self/comm").write_text(marker)
            time.sleep(20)
        finally:
            os._exit(0)
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
