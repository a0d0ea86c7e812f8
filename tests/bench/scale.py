"""What a house with many lessons costs: `check`, `release`, `book build` and `up` with 20, 100 and 400 lessons.

    python tests/bench/scale.py [--sizes 20,100,400] [--stages check,release,book,up,stock] [--folder DIR]
    python tests/bench/scale.py --second-root        the copies are a school's own: they run behind walls

The lessons are the five written ones and copies of them (see scale_lessons), in a fresh clone of this house: so they
are ours, and first runs are first runs. Every figure is one run of the real command: wall-clock seconds until it ends
(`up`: until both addresses answer), processor seconds of all its processes, and the most memory they held at once
(PSS). On a busy machine the processor seconds are the ones to compare.

With --folder what has been measured stays there: a later call goes on with the stages that are missing.

`stock` is `jupyter-book build` with execution on the same pages. The floor of both is the references' own cells, run in
one process that has everything imported.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from tests.bench.grading import machine, pss_of_family  # noqa: E402
from tests.bench.scale_lessons import house  # noqa: E402

SIZES = (20, 100, 400)
STOCK_SIZE = 20  # stock takes too long for more
LONGEST = 3600.0
FLOOR_RUNS = 3
Row = dict[str, float]
console = Console(width=120)


# ---- one command ----


def run(command: list[str], cwd: Path, environment: dict[str, str], until: Callable[[Path], bool] | None = None) -> Row:
    """Seconds, processor seconds and most memory (MB) of a command and all that came from it, to its end or `until`.

    With `until` the command is asked to end afterwards, as Ctrl-C does, and waited for.
    """
    log = cwd.parent / "log"
    peak, over = [0.0], Event()
    with log.open("w") as said:
        before, started = os.times(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL
        )
        watching = Thread(target=watch_memory, args=(process.pid, peak, over))
        watching.start()
        try:
            while process.poll() is None and not (until and until(log)):
                time.sleep(0.02)
                assert time.perf_counter() - started < LONGEST, log.read_text()[-4000:]
            wall, processor = time.perf_counter() - started, family_seconds(process.pid)
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            else:
                after = os.times()
                processor = sum(after[2:4]) - sum(before[2:4])
            process.wait()
        finally:
            over.set()
            watching.join()
            process.kill()
    # Of a few lessons only, a check says rightly that a grade has too few hours; then it has run to its end.
    is_done = process.returncode == 0 or process.returncode == 1 and "查了" in log.read_text()
    assert is_done, f"{command}\n{log.read_text()[-4000:]}"
    return {"wall": wall, "processor": processor, "memory": peak[0]}


def watch_memory(pid: int, peak: list[float], over: Event) -> None:
    while not over.wait(0.3):
        peak[0] = max(peak[0], sum(pss_of_family(pid).values()) / 2**20)


def family_seconds(pid: int) -> float:
    """Processor seconds of a process and all that came from it, those included that have ended."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(sum(one.cpu_times()[:4]) for one in family)
    except psutil.Error:
        return 0.0


# ---- one size ----


@dataclass
class Bench:
    """A house with so many lessons, what is measured on it, and what has been measured."""

    folder: Path
    size: int
    second_root: bool

    @property
    def house(self) -> Path:
        return self.folder / "house"

    def environment(self, name: str) -> dict[str, str]:
        """As for any user; products and classes of each stage in folders of its own."""
        usual = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        own = {"HAIKE_BUILD": f"{self.folder}/{name}/build", "HAIKE_DATA": f"{self.folder}/{name}/var"}
        roots = {"HAIKE_ROOTS": str(self.folder / "school")} if self.second_root else {}
        return {**usual, **own, **roots, "HAIKE_ENV": sys.prefix, "PYTHONPATH": str(self.house)}

    def haike(self, name: str, *words: str, until: Callable[[Path], bool] | None = None) -> Row:
        return run([str(self.house / "haike"), *words], self.house, self.environment(name), until)

    def changed_lesson(self, name: str) -> Path:
        roots = [self.house / "courses" / "lessons", self.folder / "school"]
        return max(path for root in roots for path in root.glob(f"*/*/{name}"))

    def changed_story(self) -> None:
        path = self.changed_lesson("lesson.md")
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^(## 小结.*\n\n.*)", r"\1今天也算一次。", text, count=1, flags=re.M), encoding="utf-8")

    def added_mistake(self) -> None:
        path = self.changed_lesson("mistakes.md")
        text = path.read_text(encoding="utf-8")
        cell = re.search(r"```\{code-cell\} ipython3\n---\nmistake:.*?\n```\n", text, re.DOTALL)
        assert cell, "a lesson has a mistake"
        number = text.count("# 又一次")
        again = re.sub(r"^  id: (.*)$", rf"  id: \1-again{number}", cell[0], count=1, flags=re.MULTILINE)
        path.write_text(text + "\n" + again.replace("\n```\n", f"  # 又一次 {number}\n```\n"), encoding="utf-8")


def measure_check(bench: Bench) -> Iterator[tuple[str, Row]]:
    shutil.rmtree(bench.folder / "check", ignore_errors=True)
    yield "check: references alone", references(bench)
    yield "check, cold", bench.haike("check", "check")
    yield "check, warm", bench.haike("check", "check")
    bench.changed_story()
    yield "check, one story changed", bench.haike("check", "check")
    bench.added_mistake()
    yield "check, one mistake added", bench.haike("check", "check")
    yield "limit of check, cold", limit(bench)


#: 1.5 × the processor seconds of one run of each reference, and of each variant its own cells and 0.05 s.
VARIANTS = """
from courses.reading import read_all
from courses.reference_run import reference_runs
lessons = read_all()
runs = reference_runs(lessons)
variants = [one for run in runs.values() for one in [run.blank, *run.also_right.values(), *run.mistakes.values()]]
print(sum(one.own_seconds + 0.05 for one in variants))
"""
REFERENCES = """
from courses.reading import read_all
from courses.reference_run import reference_runs
reference_runs(read_all(), variants=False)
"""


def references(bench: Bench) -> Row:
    shutil.rmtree(bench.folder / "references", ignore_errors=True)
    return run([sys.executable, "-c", REFERENCES], bench.house, bench.environment("references"))


def limit(bench: Bench) -> Row:
    done = subprocess.run(
        [sys.executable, "-c", VARIANTS],
        cwd=bench.house,
        env=bench.environment("check"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {"processor": float(done.stdout) + 1.5 * kept(bench)["check: references alone"]["processor"]}


def measure_release(bench: Bench) -> Iterator[tuple[str, Row]]:
    shutil.rmtree(bench.folder / "release", ignore_errors=True)
    yield "release", bench.haike("release", "release", "--course-dir", str(bench.folder / "release" / "course"))


def measure_book(bench: Bench) -> Iterator[tuple[str, Row]]:
    shutil.rmtree(bench.folder / "book", ignore_errors=True)
    yield "book, cold", bench.haike("book", "book", "build")
    yield "book, nothing changed", bench.haike("book", "book", "build")
    bench.changed_story()
    yield "book, one lesson changed", bench.haike("book", "book", "build")
    site = bench.folder / "book" / "build" / "site"
    yield "site", {"megabytes": sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6}
    yield "search index", {"megabytes": (site / "searchindex.js").stat().st_size / 1e6}


def measure_up(bench: Bench) -> Iterator[tuple[str, Row]]:
    """From an empty data folder and without compiled modules, as in a fresh clone; then once more when all is there."""
    shutil.rmtree(bench.folder / "up", ignore_errors=True)
    for folder in list(bench.house.rglob("__pycache__")):
        shutil.rmtree(folder)
    yield "up, first", bench.haike("up", "up", until=answers)
    yield "up, until the site is whole", bench.haike("up", "up", until=is_whole)
    yield "up, second", bench.haike("up", "up", until=answers)


def answers(log: Path) -> bool:
    """Whether `up` has said its addresses and somebody is there."""
    found = re.findall(r"^  (?:课堂|网站)　(http://\S+)", log.read_text("utf-8", "replace"), re.MULTILINE)
    try:
        return len(found) > 1 and all(urllib.request.urlopen(one, timeout=5).status == 200 for one in found)
    except OSError:
        return False


def is_whole(log: Path) -> bool:
    return "网站齐了" in log.read_text("utf-8", "replace")


def measure_stock(bench: Bench) -> Iterator[tuple[str, Row]]:
    """jupyter-book's own way: it runs the same lessons itself, each in a kernel, and sets the same texts."""
    if bench.size > STOCK_SIZE:
        return
    project = bench.folder / "stock"
    shutil.rmtree(project, ignore_errors=True)
    environment = bench.environment("stock")
    make_stock(bench, project)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(project)]
    yield "stock jupyter-book, cold", run(command, project, environment)
    yield "floor", floor(bench)


def make_stock(bench: Bench, project: Path) -> None:
    pages = bench.house / "book" / "pages"
    shutil.copytree(pages, project)
    names = [path.stem for path in sorted(pages.glob("*.md")) if path.stem != "index"]
    roots = [bench.house / "courses" / "lessons", bench.folder / "school"]
    for lesson in sorted(path.parent for root in roots for path in root.glob("*/*/lesson.md")):
        shutil.copytree(lesson, project / lesson.name, ignore=shutil.ignore_patterns("mistakes.md"))
        names += [f"{lesson.name}/{page}" for page in ("lesson", "teacher", "sheet")]
    chapters = "".join(f"- file: {name}\n" for name in names)
    (project / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}", encoding="utf-8")
    (project / "_config.yml").write_text(
        "title: 海课\nonly_build_toc_files: true\n"
        "execute: {execute_notebooks: force, allow_errors: true, timeout: 600}\n"
        "parse: {myst_enable_extensions: [dollarmath]}\n"
        "sphinx: {config: {language: zh_CN, html_search_language: zh}}\n",
        encoding="utf-8",
    )


def floor(bench: Bench) -> Row:
    """The sum over all lessons; a copy runs what its model runs, so each model is measured once."""
    total = {"wall": 0.0, "processor": 0.0}
    models: dict[str, Row] = {}
    roots = [bench.house / "courses" / "lessons", bench.folder / "school"]
    for lesson in sorted(path.parent for root in roots for path in root.glob("*/*/lesson.md")):
        slug = lesson.name.split("-", 2)[2]
        if slug not in models:
            with tempfile.TemporaryDirectory(prefix="haike-floor-") as made:
                shutil.copytree(lesson, made, dirs_exist_ok=True)
                command = [sys.executable, str(Path(__file__).resolve()), "--floor", str(lesson)]
                done = subprocess.run(
                    command, cwd=made, env=bench.environment("stock"), capture_output=True, text=True, check=True
                )
            models[slug] = json.loads(done.stdout.splitlines()[-1])
        for key in total:
            total[key] += models[slug][key]
    return total


def run_floor(lesson: Path) -> None:
    """Print the quickest of some runs of a lesson's cells in this process; the first one imports."""
    from courses.products import source
    from courses.reading import read_lesson
    from running.kernel_shell import Recorder, make_shell
    from running.runner import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    cells = [cell.source for cell in source(read_lesson(lesson)).cells if cell.cell_type == "code"]
    recorder = Recorder(1 << 30)
    shell = make_shell(recorder, ("kits.startup",))
    found = []
    for _ in range(FLOOR_RUNS + 1):
        started = time.perf_counter(), time.process_time()
        for cell in cells:  # tests of widgets nobody has answered fail, here as with stock
            shell.run_cell(cell, store_history=True)
        found.append((time.perf_counter() - started[0], time.process_time() - started[1]))
        recorder.take()
    wall, processor = (min(one[place] for one in found[1:]) for place in (0, 1))
    print(json.dumps({"wall": wall, "processor": processor}), file=sys.__stdout__)


STAGES = {
    "check": measure_check,
    "release": measure_release,
    "book": measure_book,
    "up": measure_up,
    "stock": measure_stock,
}


# ---- all of it ----


def kept(bench: Bench) -> dict[str, Row]:
    path = bench.folder / "figures.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def measure(bench: Bench, stages: list[str]) -> dict[str, Row]:
    """Run the stages that have not been measured in this folder; what each finds is kept at once."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    if not bench.house.is_dir():
        house(bench.house, bench.size, second_root=bench.second_root)
    for stage in stages:
        done = f"{stage} done"
        if done in kept(bench):
            continue
        for name, row in STAGES[stage](bench):
            save(bench, name, row)
            console.print(
                f"{bench.size} lessons, {name}: {shown(row)}   load {os.getloadavg()[0]:.1f}", highlight=False
            )
        save(bench, done, {})
    return kept(bench)


def save(bench: Bench, name: str, row: Row) -> None:
    figures = json.dumps(kept(bench) | {name: row}, indent=1, ensure_ascii=False)
    (bench.folder / "figures.json").write_text(figures, encoding="utf-8")


def shown(row: Row) -> str:
    if "megabytes" in row:
        return f"{row['megabytes']:.1f} MB"
    parts = [f"{row[key]:.1f}" if key in row else "—" for key in ("wall", "processor")]
    return " / ".join([*parts, f"{row['memory']:.0f}"] if "memory" in row else parts)


def over_the_floor(found: dict[str, Row], kind: str) -> str:
    """(stock − floor) / (ours − floor) of a cold book."""
    stock, ours, own = (found[name][kind] for name in ("stock jupyter-book, cold", "book, cold", "floor"))
    return f"{(stock - own) / (ours - own):.1f}" if ours > own else "below the floor"


def table(outcomes: dict[int, dict[str, Row]]) -> Table:
    title = "wall seconds / processor seconds / most memory in MB"
    found = Table(title, *(f"{size} lessons" for size in outcomes), box=None, header_style="bold")
    names = dict.fromkeys(name for own in outcomes.values() for name in own if not name.endswith(" done"))
    for name in names:
        found.add_row(name, *(shown(own[name]) if name in own else "—" for own in outcomes.values()))
    for kind in ("wall", "processor"):
        has = [{"stock jupyter-book, cold", "book, cold", "floor"} <= own.keys() for own in outcomes.values()]
        cells = [over_the_floor(own, kind) if whole else "—" for own, whole in zip(outcomes.values(), has, strict=True)]
        if any(has):
            found.add_row(f"(stock − floor) / (Haike − floor), {kind}", *cells)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--folder", type=Path, help="keep houses and figures here, and go on with what is missing")
    parser.add_argument("--second-root", action="store_true", help="the copies are a school's own lessons")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.floor:
        return run_floor(asked.floor)
    whose = "copies in a second root, behind walls" if asked.second_root else "all lessons ours, without walls"
    console.print(f"{machine()}; {whose}", highlight=False)
    with tempfile.TemporaryDirectory(prefix="haike-bench-") as made:
        folder = asked.folder or Path(made)
        make = partial(Bench, second_root=asked.second_root)
        sizes = [int(size) for size in asked.sizes.split(",")]
        stages = asked.stages.split(",")
        outcomes = {size: measure(make(folder.resolve() / str(size), size), stages) for size in sizes}
    console.print(table(outcomes), highlight=False)
    return None


if __name__ == "__main__":
    main()
