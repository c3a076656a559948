"""Tasks on a Dask cluster, handed out a batch at a time.

The scheduler never holds more than a few batches for each worker, however many tasks there are. It
gives those of a worker that is lost to another one.
"""

from __future__ import annotations

import logging
import math
import pickle
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from voice_triage import __version__
from voice_triage.errors import ClusterError, UsageError, VoiceTriageError

if TYPE_CHECKING:
    from distributed import Client, Future

Task = TypeVar("Task")
Result = TypeVar("Result")

BATCH_S = 1.0
"""How long a batch should take. The scheduler needs a millisecond or two for each, and this much
work is done again when a worker is lost."""
_MOST_IN_BATCH = 500
_BATCHES_A_THREAD = 2
"""One in work, and one that waits, so that no thread waits for us."""
_CONNECT_S = 5.0
_TRIES = 5
_LOOK_S = 1.0
"""How often it is looked who is there."""
_RUNS_KEPT = 2
"""So many evaluations may share a worker before it begins anew for each batch of theirs."""
_NO_CONNECTION = "Is it running, and can this machine reach it? `dask scheduler` starts one."


class Cluster:
    """Workers (see `workers.Workers`) of a Dask scheduler."""

    hint = (
        "The workers must find the same files at the same paths as this machine, and have"
        " voice-triage installed at the same place; see docs/scale.md."
    )

    def __init__(self, client: Client, address: str, patience_s: float = 60.0) -> None:
        """Raises ClusterError when nobody is there. For so many seconds all may be gone later on,
        since those who start them may start them again."""
        self._client, self._address, self._patience_s = client, address, patience_s
        self.jobs = self._threads()
        if not self.jobs:
            raise ClusterError(
                f"The scheduler at {address} has no workers. Start some: `dask worker {address}`."
            )
        self._check_versions()
        self._looked = self._seen = time.monotonic()

    def path(self, path: Path) -> Path:
        """From the root: they start anywhere."""
        return path.absolute()

    def each(
        self, begin: Callable[[], Callable[[Task], Result]], tasks: Sequence[Task]
    ) -> Generator[tuple[int, Result]]:
        """See `workers.Workers`. Raises ClusterError, too."""
        run, payload = uuid4().hex, pickle.dumps(begin)
        at_work: set[Future[_Finished]] = set()
        done: SimpleQueue[Future[_Finished]] = SimpleQueue()
        handed_out, known, known_s = 0, 0, 0.0
        try:
            while True:
                while handed_out < len(tasks) and len(at_work) < _BATCHES_A_THREAD * self.jobs:
                    pace_s = known_s / known if known else None
                    size = batch_size(pace_s, len(tasks) - handed_out, self.jobs)
                    last = handed_out + size
                    batch = pickle.dumps(list(enumerate(tasks[handed_out:last], handed_out)))
                    at_work.add(self._submit(f"{run}-{handed_out}", run, payload, batch, done))
                    handed_out = last
                if not at_work:
                    return
                future = self._next(done)
                finished = self._received(future)
                at_work.remove(future)
                known, known_s = known + len(finished.results), known_s + finished.took_s
                yield from finished.results
                if finished.error is not None:
                    finished.error.add_note(f"So the worker at {finished.worker}. {self.hint}")
                    raise finished.error
        finally:
            self._client.cancel(list(at_work))

    def _submit(
        self, key: str, run: str, begin: bytes, batch: bytes, done: SimpleQueue[Future[_Finished]]
    ) -> Future[_Finished]:
        with self._plainly():
            future = self._client.submit(
                work_off, __version__, key, run, begin, batch, key=key, pure=False
            )
            future.add_done_callback(done.put)
            return future

    def _next(self, done: SimpleQueue[Future[_Finished]]) -> Future[_Finished]:
        """One that is done, whatever came of it."""
        while True:
            if time.monotonic() - self._looked > _LOOK_S:
                self._look()
            try:
                return done.get(timeout=_LOOK_S)
            except Empty:
                pass

    def _look(self) -> None:
        """Who is there, since they come and go."""
        threads, self._looked = self._threads(), time.monotonic()
        if threads:
            self.jobs, self._seen = threads, self._looked
        elif self._looked - self._seen > self._patience_s:
            raise ClusterError(
                f"The scheduler at {self._address} has lost all of its workers, and no new one came"
                f" within {self._patience_s:g} s. Their logs say why; perhaps they want more"
                " memory."
            )

    def _check_versions(self) -> None:
        """Those who come later are asked with their first batch."""
        with self._plainly():
            there = {"The scheduler": self._client.run_on_scheduler(installed)}
            for worker, found in self._client.run(installed, on_error="return").items():
                there[f"The worker at {worker}"] = found
        for who, found in there.items():
            if found != __version__:
                raise ClusterError(
                    f"{who} has voice-triage {found}, not {__version__}. Install that on all."
                )

    def _threads(self) -> int:
        with self._plainly():
            return sum(self._client.nthreads().values())

    def _received(self, future: Future[_Finished]) -> _Finished:
        with self._plainly():
            finished: _Finished = future.result()
            future.release()
            return finished

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """What goes wrong in there, as ClusterError."""
        from distributed import KilledWorker
        from distributed.client import ClosedClientError

        try:
            yield
        except KilledWorker as error:
            raise ClusterError(
                "Workers died, one after another, of the same recordings, perhaps for want of"
                " memory. Give them more, or fewer threads: `dask worker --nthreads 1`."
            ) from error
        except (CancelledError, ClosedClientError, OSError) as error:
            raise ClusterError(
                f"The connection to the scheduler at {self._address} is lost. {_NO_CONNECTION}"
            ) from error
        except Exception as error:  # whatever another version, or no voice-triage, raises there
            said = str(error.__cause__ or error).strip()
            raise ClusterError(
                f"The cluster can't do this work ({type(error).__name__}: {said}). Do the scheduler"
                f" and all workers have voice-triage {__version__}, and the same Python and"
                " distributed as this machine? Their logs say more."
            ) from error


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The workers of the scheduler at `address`, such as tcp://192.0.2.1:8786. Raises ClusterError,
    and UsageError where Dask isn't installed."""
    if find_spec("distributed") is None:
        raise UsageError(
            "--scheduler needs distributed. Install it with:"
            f" {sys.executable} -m pip install 'voice-triage[cluster]'"
        )
    with warnings.catch_warnings():
        # Of versions: _plainly tells when that matters. The rest is of no use to who evaluates.
        warnings.simplefilter("ignore")
        from distributed.comm.addressing import get_address_host_port

        _hush()
        try:
            get_address_host_port(address)  # a client that got a bad one can't even be closed
            client = client_of(address, _CONNECT_S)
        except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
            raise ClusterError(
                f"There is no Dask scheduler at {address} ({error}). {_NO_CONNECTION}"
            ) from error
        with client:
            yield Cluster(client, address)


def client_of(address: str, timeout_s: float) -> Client:
    """A client of the scheduler there. Dask's asserts that the first message comes alone; when a
    busy scheduler sends two at once, it must be tried again. Raises OSError, as Client does."""
    from distributed import Client

    for _ in range(_TRIES):
        with suppress(AssertionError):
            return Client(address, timeout=timeout_s, set_as_default=False)
    raise OSError("it answers, but not as Dask does")


def batch_size(pace_s: float | None, waiting: int, threads: int) -> int:
    """How many tasks to hand out next: a second's work, and fewer when the end is near, so that all
    threads are busy until then. `pace_s`: seconds that a task takes; None: not known yet."""
    if pace_s is None:
        return 1
    most = min(_MOST_IN_BATCH, math.ceil(waiting / (_BATCHES_A_THREAD * threads)))
    return max(1, most if pace_s * most <= BATCH_S else int(BATCH_S / pace_s))


def _hush() -> None:
    """What Dask logs is for who looks after the cluster, and stands in its own logs."""
    for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# On the workers


def installed() -> str:
    """The version that is installed there."""
    return __version__


@dataclass(frozen=True)
class _Finished:
    """What came of a batch."""

    results: list[tuple[int, Any]]
    took_s: float
    worker: str
    """Its address."""
    error: VoiceTriageError | None = None
    """Of the task after the results."""


class _Kept(threading.local):
    """What a thread has begun, by run."""

    def __init__(self) -> None:
        self.begun: dict[str, Callable[[Any], Any]] = {}


_kept = _Kept()


def work_off(version: str, key: str, run: str, begin: bytes, batch: bytes) -> _Finished:
    """Do the tasks of a batch, in a worker's thread. `key` is the batch's name at the scheduler."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    results: list[tuple[int, Any]] = []
    error: VoiceTriageError | None = None
    took_s = 0.0
    try:
        work = _begun(version, run, begin)
        for index, task in pickle.loads(batch):  # noqa: S301 - of whom we serve
            state = worker.state.tasks.get(key)
            if state is None or state.state != "executing":
                raise Reschedule  # nobody waits for it any more, or else it begins again
            began = time.perf_counter()
            results.append((index, work(task)))
            took_s += time.perf_counter() - began
    except VoiceTriageError as raised:
        error = raised
    return _Finished(results, took_s, worker.address, error)


def _begun(version: str, run: str, begin: bytes) -> Callable[[Any], Any]:
    if version != __version__:
        raise ClusterError(
            f"A worker has voice-triage {__version__}, not {version}. Install that on all."
        )
    begun = _kept.begun
    if run not in begun:
        for old in list(begun)[: 1 - _RUNS_KEPT]:
            del begun[old]
        begun[run] = pickle.loads(begin)()  # noqa: S301 - of whom we serve
    return begun[run]
