"""`import kits` is light, lazy, and needs nothing of the other rooms."""

import json
import subprocess
import sys

import pytest

PROBE = """
import json, sys, time
start = time.process_time()
import kits
seconds = time.process_time() - start
heavy = sorted({"sklearn", "matplotlib", "numpy", "pypinyin", "anywidget", "IPython", "yaml"} & set(sys.modules))
print(json.dumps({"seconds": seconds, "heavy": heavy, "names": dir(kits)}))
"""


def probe() -> dict:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_is_light():
    found = min((probe() for _ in range(3)), key=lambda one: one["seconds"])
    assert found["heavy"] == []
    # seconds of the processor, so that a busy machine does not fail it
    assert found["seconds"] < 0.05
    assert {"plots", "datasets", "answers", "widgets", "is_written"} <= set(found["names"])


def test_modules_come_by_name():
    script = "import kits, sys; kits.datasets.load; from kits import is_written, plots; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_unknown_name_is_answered_in_chinese():
    import kits

    with pytest.raises(AttributeError, match="kits 里没有 plotz，可以用的有：.*plots"):
        _ = kits.plotz
