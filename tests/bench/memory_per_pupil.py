"""How much memory a signed-in pupil takes, as PSS: shared pages are counted by halves, so sums are honest.

Run: python tests/bench/memory_per_pupil.py [PUPILS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def pss(process: psutil.Process) -> int:
    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) * 1024


def family(process: psutil.Process) -> int:
    return pss(process) + sum(pss(child) for child in process.children(recursive=True))


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import FLAGS, School, Visitor

    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as p:
        school = School(Path(folder) / "var")
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        try:
            visitors = []
            for name in ("xiaohai", "xiaocheng", "xiaobei")[:wanted]:
                visitors.append(Visitor(browser, school))
                visitors[-1].sign_in(name)
            report("signed in, at home", school)
            for visitor in visitors:
                visitor.page.locator(".lesson form button").first.click()
                visitor.page.locator(".jp-CodeCell .cm-content, .zi").first.wait_for()
            report("with a lesson open", school)
        finally:
            browser.close()
            school.classroom.stop()


def report(when: str, school: object) -> None:
    records = school.data / "hub" / "processes"  # type: ignore[attr-defined]
    print(f"--- {when}")
    for role in ("hub", "proxy", "service", "server"):
        sizes = [family(psutil.Process(int(f.stem.split("-")[1]))) for f in records.glob(f"{role}-*.json")]
        if role == "hub":  # its children are counted under their own roles
            sizes = [pss(psutil.Process(int(f.stem.split("-")[1]))) for f in records.glob("hub-*.json")]
        print(f"{role:8} {', '.join(f'{size / 2**20:.0f} MB' for size in sizes)}")


if __name__ == "__main__":
    main()
