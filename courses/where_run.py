"""Where a lesson's code is run: ours as it is, that of other roots behind the walls that hand-ins are run behind."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from pathlib import Path

from courses.lesson import Lesson
from courses.roots import is_ours
from fault import Fault
from running.jobs import Job
from running.places import Place, Walled
from running.runner import WARM, modules_of

_walled: dict[Path, Walled] = {}


def by_place(lessons: Sequence[Lesson], jobs: Sequence[Job]) -> Iterator[tuple[Place | None, list[Job]]]:
    """The jobs, and the place for them; None is no walls. Raises Fault where walls are needed and none can be had."""
    foreign = {lesson.id: lesson for lesson in lessons if not is_ours(lesson.folder)}
    ours = [job for job in jobs if job.name not in foreign]
    if ours:
        yield None, ours
    for root in sorted({lesson.folder.parents[1] for lesson in foreign.values()}):
        own = [job for job in jobs if job.name in foreign and foreign[job.name].folder.parents[1] == root]
        if own:
            yield behind_walls(root, own), own


def behind_walls(root: Path, jobs: Sequence[Job]) -> Walled:
    """The walls of a root stand until the program ends: `watch` runs the same lesson again and again."""
    from running.box import NoWalls

    if root not in _walled or not _walled[root].is_alive():
        modules = [*WARM, *modules_of(cell for job in jobs for cell in job.cells)]
        try:
            _walled[root] = Walled(modules, hidden=root)
        except NoWalls as error:
            raise Fault(
                f"{root} 里的课不是海课自带的，试做它们要隔离运行，可是{error.why}。换一台机器，"
                "或者请管理员打开用户命名空间（unprivileged_userns_clone）。"
            ) from error
        atexit.register(_walled[root].stop)
    return _walled[root]
