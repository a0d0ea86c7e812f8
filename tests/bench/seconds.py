"""Seconds of `check`, `book build` and `up`, each cold (empty build/ and var/) and warm.

Run it as `.venv/bin/python tests/bench/seconds.py`. Every
figure is one wall-clock run of the real command on this machine, with the load average beside it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def seconds(environment: dict[str, str], *words: str) -> float:
    start = time.perf_counter()
    done = subprocess.run([str(ROOT / "haike"), *words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="haike-bench-") as folder:
        environment = {**os.environ, "HAIKE_BUILD": f"{folder}/build", "HAIKE_DATA": f"{folder}/var"}
        rows = (["--help"], ["check"], ["book", "build"], ["up", "--once"])
        print(f"{'command':12} {'cold':>8} {'warm':>8}   load")
        for words in rows:
            cold, warm = seconds(environment, *words), seconds(environment, *words)
            print(f"{' '.join(words):12} {cold:8.1f} {warm:8.1f}   {os.getloadavg()[0]:.1f}")
        fresh = {**environment, "HAIKE_BUILD": f"{folder}/build2", "HAIKE_DATA": f"{folder}/var2"}
        cold, warm = seconds(fresh, "up", "--once"), seconds(fresh, "up", "--once")
        print(f"{'first up':12} {cold:8.1f} {warm:8.1f}   {os.getloadavg()[0]:.1f}   (nothing built before)")


if __name__ == "__main__":
    main()
