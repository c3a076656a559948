"""Work for workers, which they load from here."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from voice_triage.errors import DocumentError, ModelError, Problem

Done = tuple[int, int, int, str]
"""The task, who did it (process and thread), and the `begin` that came before."""


@dataclass(frozen=True)
class Slow:
    """Takes so long for each task; number `bad` can't be done."""

    seconds: float = 0.0
    bad: int | None = None
    problem: Problem | None = None

    def __call__(self) -> Callable[[int], Done]:
        begun = uuid4().hex
        return lambda task: self._do(task, begun)

    def _do(self, task: int, begun: str) -> Done:
        time.sleep(self.seconds)
        if task == self.bad:
            raise DocumentError([self.problem] if self.problem else [])
        return task, os.getpid(), threading.get_ident(), begun


def cannot_begin() -> Callable[[int], int]:
    """The model isn't there."""
    raise ModelError("There is no model here.")


def forgotten() -> Callable[[int], int]:
    """A programmer's mistake."""
    raise KeyError("forgotten")


def dies() -> Callable[[int], int]:
    """A worker that is killed for want of memory."""
    os._exit(9)


def tasks_known(dask_scheduler: Any) -> int:
    """To be run on the scheduler."""
    return len(dask_scheduler.tasks)


def tasks_running(dask_worker: Any) -> int:
    """To be run on a worker: those that wait there count, too."""
    return len(dask_worker.state.tasks)
