"""Who does many tasks at a time: processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from voice_triage.errors import UsageError
from voice_triage.evaluate.processes import Processes, cores

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers(Protocol):
    """Those who do tasks."""

    @property
    def jobs(self) -> int:
        """How many tasks they do at a time, at most."""

    @property
    def hint(self) -> str:
        """What to think of when they can't read a file; "": nothing but the file itself."""

    def path(self, path: Path) -> Path:
        """How they must be told of a file."""

    def each(
        self, begin: Callable[[], Callable[[Task], Result]], tasks: Sequence[Task]
    ) -> Generator[tuple[int, Result]]:
        """Index and result of every task, as they are done.

        Every worker calls `begin` once, and what that returns for each of its tasks. `begin`, tasks
        and results must be picklable. Raises the VoiceTriageError that a task raises. Nothing is
        left running when the generator is closed.
        """


@contextmanager
def hired(jobs: int | None, scheduler: str | None) -> Iterator[Workers]:
    """`jobs` processes (None: one a core), or the workers of the Dask scheduler at that address.
    Raises ClusterError and UsageError."""
    if scheduler is None:
        yield Processes(jobs or cores())
        return
    if jobs is not None:
        raise UsageError("--jobs is for this machine, --scheduler for others; leave one out.")
    from voice_triage.evaluate.cluster import connected

    with connected(scheduler) as cluster:
        yield cluster
