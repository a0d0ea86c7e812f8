from pathlib import Path

from tests.grading.corpus import World, edited, new_code_cell

END = """\
import threading
import time

for _ in range(2000):
    threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
"""


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.cells.append(new_code_cell(END))
