import json
import os
import sys
from pathlib import Path

where = json.loads(Path("where.json").read_text())


def add(a, b):
    return a + b


try:
    late = "import sys, time; time.sleep(4); open(sys.argv[1], 'a').write(sys.argv[2])"
    notebook = Path(where["course"], "autograded", where["pupil"], "ps1/ps1.ipynb")
    if os.fork() == 0:
        try:
            os.setsid()
            os.execv(sys.executable, [sys.executable, "-c", late, str(notebook), where["marker"]])
        finally:
            os._exit(0)
except Exception as error:
    print(type(error).__name__)
