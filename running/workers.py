"""Tasks done by some threads, the first in rank first; a task may add more. It waits for processes, never computes."""

from __future__ import annotations

import heapq
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Any

FIRST = float("-inf")  # the rank of what others wait for


class Workers:
    """A context; left early (by an error, by Ctrl-C), it begins nothing more and waits for what is under way."""

    def __init__(self, count: int | None = None) -> None:
        self.tasks: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = itertools.count()
        self.unfinished = 0
        self.has_ended = False
        self.changed = threading.Condition()
        self.told: SimpleQueue[Any] = SimpleQueue()
        self.threads = [threading.Thread(target=self.serve, daemon=True) for _ in range(count or os.cpu_count() or 1)]

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()
        for thread in self.threads:
            if thread.is_alive():
                thread.join()

    def end(self) -> None:
        """Begin nothing more."""
        with self.changed:
            self.has_ended = True
            self.unfinished -= len(self.tasks)
            self.tasks.clear()
            self.changed.notify_all()

    def add(self, rank: float, task: Callable[[], None]) -> None:
        """What has the lower rank is begun first."""
        with self.changed:
            if self.has_ended:
                return
            heapq.heappush(self.tasks, (rank, next(self.numbers), task))
            self.unfinished += 1
            self.changed.notify()

    def tell(self, result: Any) -> None:
        self.told.put((result, None))

    def results(self) -> Iterator[Any]:
        """What the tasks tell, until all are done. An error of a task is raised here."""
        for thread in self.threads:
            thread.start()
        ended = 0
        while ended < len(self.threads):
            result, error = self.told.get()
            if error is not None:
                raise error
            if result is None:
                ended += 1
            else:
                yield result

    def serve(self) -> None:
        while task := self.next_task():
            try:
                task()
            except BaseException as error:
                self.told.put((None, error))
            with self.changed:
                self.unfinished -= 1
                self.changed.notify_all()
        self.told.put((None, None))

    def next_task(self) -> Callable[[], None] | None:
        with self.changed:
            while not self.tasks and self.unfinished:
                self.changed.wait()
            return heapq.heappop(self.tasks)[2] if self.tasks else None
