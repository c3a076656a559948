"""Hears every recording under every condition, with one process a core."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import active_children, get_context, parent_process

from voice_triage.errors import ModelError, RecordingError
from voice_triage.evaluate.engine import Ears, MakesEars
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.mix import Setting, mixed, samples
from voice_triage.evaluate.room import Condition
from voice_triage.listen.frames import RATE


@dataclass(frozen=True)
class Measurement:
    """One recording, heard under one condition."""

    recording: Recording
    condition: Condition
    text: str
    """As in Heard."""
    confidence: float
    """As in Heard."""
    seconds: float
    """Length of the sound that was listened to, with the silence around it."""
    took_s: float
    """How long hearing it took one process, mixing left out."""


@dataclass(frozen=True)
class Results:
    """All of it."""

    measurements: tuple[Measurement, ...]
    """In the order of the recordings, and of the conditions for each."""
    failures: tuple[tuple[Recording, RecordingError], ...]
    """Recordings that can't be read."""
    took_s: float
    """From the start of the first process to the last measurement, by the clock on the wall."""
    jobs: int
    """How many processes listened."""

    @property
    def per_second(self) -> float:
        """Recordings a second; one under three conditions counts three times."""
        return len(self.measurements) / self.took_s

    @property
    def real_time_factor(self) -> float:
        """How long hearing takes one process, as a part of the sound's own length."""
        seconds = sum(m.seconds for m in self.measurements)
        return sum(m.took_s for m in self.measurements) / seconds if seconds else 0.0


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def evaluate(
    recordings: Sequence[Recording],
    conditions: Sequence[Condition],
    ears_factory: MakesEars,
    jobs: int | None = None,
    on_progress: Callable[[int], None] = lambda _done: None,
    setting: Setting = Setting(),  # noqa: B008 - frozen
) -> Results:
    """Hear all of them in `jobs` processes (None: one a core).

    `on_progress` gets the number of recordings done so far. What comes out depends on neither the
    number of processes nor the order of the recordings. A script that calls this needs the usual
    `if __name__ == "__main__":`, since the processes are spawned.
    Raises ModelError, and RecordingError for a noise that can't be used.
    """
    jobs = min(jobs or cores(), max(1, len(recordings)))
    began = time.perf_counter()
    plan = _Plan(ears_factory, tuple(conditions), setting)
    heard: dict[int, list[Measurement] | RecordingError] = {}
    with _processes(jobs, plan) as pool:
        with _ctrl_c_for_us_alone():
            waiting = {pool.submit(_hear, r): index for index, r in enumerate(recordings)}
        for done in as_completed(waiting):
            heard[waiting[done]] = _result(done)
            on_progress(len(heard))
    took_s = time.perf_counter() - began
    ordered = [(recordings[index], heard[index]) for index in sorted(heard)]
    return Results(
        tuple(m for _, found in ordered if isinstance(found, list) for m in found),
        tuple((r, found) for r, found in ordered if isinstance(found, RecordingError)),
        took_s,
        jobs,
    )


@contextmanager
def _processes(jobs: int, plan: _Plan) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes end at once when we're interrupted, and when we're killed."""
    others = set(active_children())
    # Spawned: a fork would share Vosk's and the progress bar's threads, half of them.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (plan,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - others:
                child.terminate()
            raise


@contextmanager
def _ctrl_c_for_us_alone() -> Iterator[None]:
    """Processes begun in here never see a terminal's Ctrl-C: we end them, without tracebacks."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _result(done: Future[list[Measurement] | RecordingError]) -> list[Measurement] | RecordingError:
    try:
        return done.result()
    except BrokenProcessPool as error:
        raise ModelError(
            "A process that listened has died, perhaps for want of memory. Try fewer with: -j 1"
        ) from error


# What follows runs in the processes.


@dataclass
class _Plan:
    """What a process must know."""

    ears_factory: MakesEars
    conditions: tuple[Condition, ...]
    setting: Setting
    loaded: list[Ears] = field(default_factory=list)

    def ears(self) -> Ears:
        """Loaded with the first recording: an error there reaches the caller in its own words."""
        if not self.loaded:
            self.loaded.append(self.ears_factory())
        return self.loaded[0]


_plan: _Plan


def _begin(plan: _Plan) -> None:
    global _plan
    _plan = plan
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _hear(recording: Recording) -> list[Measurement] | RecordingError:
    ears = _plan.ears()
    try:
        clip = samples(recording.path)
    except RecordingError as error:
        return error
    measurements = []
    for condition in _plan.conditions:
        sound = mixed(recording, clip, condition, _plan.setting)
        began = time.perf_counter()
        text, confidence = ears.hear(sound)
        took_s = time.perf_counter() - began
        seconds = len(sound) / RATE
        measurements.append(Measurement(recording, condition, text, confidence, seconds, took_s))
    return measurements
