"""One process a core, over bare pipes.

The standard library's pools leave semaphores behind when they are interrupted, and their tracker
complains of that on the screen. Pipes need none, and a process whose parent is gone reads the end
of its pipe and ends, too.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

from voice_triage.errors import ModelError, VoiceTriageError

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Raised:
    """What went wrong in a process, on its way to the caller."""

    error: VoiceTriageError


@dataclass(frozen=True)
class Processes:
    """Workers (see `workers.Workers`) that are processes of this machine."""

    jobs: int
    """How many, at most."""
    hint = ""

    def path(self, path: Path) -> Path:
        """As it is: they start where we are."""
        return path

    def each(
        self, begin: Callable[[], Callable[[Task], Result]], tasks: Sequence[Task]
    ) -> Generator[tuple[int, Result]]:
        """See `workers.Workers`. Raises ModelError, too, for a process that dies."""
        return each(begin, tasks, self.jobs)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def each(
    begin: Callable[[], Callable[[Task], Result]], tasks: Sequence[Task], jobs: int
) -> Generator[tuple[int, Result]]:
    """What `Processes.each` does."""
    waiting = iter(enumerate(tasks))
    at_work: dict[Any, int] = {}

    def hand_out(pipe: Connection) -> None:
        for index, task in waiting:
            at_work[pipe] = index
            with suppress(OSError):  # it has died; reading from it will tell
                pipe.send(task)
            return

    with _started(begin, min(jobs, len(tasks))) as pipes:
        for pipe in pipes:
            hand_out(pipe)
        while at_work:
            readable: list[Any] = wait(list(at_work))
            for ready in readable:
                index = at_work.pop(ready)
                yield index, _received(ready)
                hand_out(ready)


def _received(pipe: Any) -> Any:
    try:
        result = pipe.recv()
    except (EOFError, OSError) as error:
        raise ModelError(
            "A process has died in the middle of its work, perhaps for want of memory. Try fewer"
            " with: -j 1"
        ) from error
    if isinstance(result, _Raised):
        raise result.error
    return result


@contextmanager
def _started(begin: Callable[[], Callable[[Any], Any]], jobs: int) -> Iterator[list[Connection]]:
    # Spawned: a fork would share the threads of Vosk and of the progress bar, half of them.
    context = get_context("spawn")
    pipes: list[Connection] = []
    processes: list[SpawnProcess] = []
    try:
        with _ctrl_c_for_us_alone():
            for _ in range(jobs):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, begin), daemon=True)
                processes.append(process)
                process.start()
                theirs.close()
                pipes.append(ours)
        yield pipes
    finally:
        started = [process for process in processes if process.pid is not None]
        for process in started:
            process.terminate()
        for process in started:
            process.join()


@contextmanager
def _ctrl_c_for_us_alone() -> Iterator[None]:
    """Processes begun in here never see a terminal's Ctrl-C: we end them, without tracebacks. So
    it waits until they are all begun, for one that is left half begun complains."""
    resource_tracker.ensure_running()  # starting it unblocks the signal again (Python 3.11)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _put_off():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _put_off() -> Iterator[None]:
    """Handles signals at the end: one that we block reaches us through our other threads."""
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield  # where Python handles none
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {n: signal.signal(n, lambda number, _: asked.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if asked:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, asked)
            signal.raise_signal(asked[0])


def _serve(pipe: Connection, begin: Callable[[], Callable[[Any], Any]]) -> None:
    """What a process does: answer the pipe until it is closed."""
    work: Callable[[Any], Any] | None = None
    with suppress(EOFError, OSError):  # our parent is gone
        while True:
            task = pipe.recv()
            try:
                work = work or begin()
                result = work(task)
            except VoiceTriageError as error:
                result = _Raised(error)
            pipe.send(result)
