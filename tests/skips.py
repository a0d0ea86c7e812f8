"""Prints every skipped or xfailed test with its reason, and fails if one is not listed. Standard library only.

Called as `python3 tests/skips.py REPORTS ALLOWED`: a folder of JUnit files, and a list of `test id  reason` lines.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def skipped(reports: Path) -> list[tuple[str, str]]:
    found = []
    for report in sorted(reports.glob("*.xml")):
        for case in ElementTree.parse(report).iter("testcase"):
            for skip in case.iter("skipped"):
                found.append((f"{case.get('classname')}::{case.get('name')}", skip.get("message", "")))
    return found


def allowed(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def main(reports: Path, listed: Path) -> int:
    known, bad = allowed(listed), 0
    for name, reason in skipped(reports):
        is_known = name in known
        bad += not is_known
        print(f"{'skipped' if is_known else 'SKIPPED, NOT LISTED'}: {name}: {reason}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
