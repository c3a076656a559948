"""Hears every recording under every condition, on all cores or all of a cluster's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from voice_triage.errors import RecordingError
from voice_triage.evaluate.engine import Ears, MakesEars
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.mix import Setting, mixed, samples
from voice_triage.evaluate.processes import Processes, cores
from voice_triage.evaluate.room import Condition
from voice_triage.evaluate.workers import Workers
from voice_triage.listen.frames import RATE, Samples


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
    """How long hearing it took one worker, mixing left out."""


@dataclass(frozen=True)
class Results:
    """All of it."""

    measurements: tuple[Measurement, ...]
    """In the order of the recordings, and of the conditions for each."""
    failures: tuple[tuple[Recording, RecordingError], ...]
    """Recordings that can't be read."""
    took_s: float
    """From the start of the first worker to the last measurement, by the clock on the wall."""
    jobs: int
    """How many recordings were listened to at a time."""

    @property
    def per_second(self) -> float:
        """Recordings a second; one under three conditions counts three times."""
        return len(self.measurements) / self.took_s

    @property
    def real_time_factor(self) -> float:
        """How long hearing takes one worker, as a part of the sound's own length."""
        seconds = sum(m.seconds for m in self.measurements)
        return sum(m.took_s for m in self.measurements) / seconds if seconds else 0.0


def evaluate(
    recordings: Sequence[Recording],
    conditions: Sequence[Condition],
    ears_factory: MakesEars,
    workers: Workers | None = None,
    on_progress: Callable[[int], None] = lambda _done: None,
    setting: Setting = Setting(),  # noqa: B008 - frozen
) -> Results:
    """Let `workers` hear all of them (None: a process a core).

    `on_progress` gets the number of recordings done so far. What comes out depends on neither the
    number of workers nor the order of the recordings. A script that calls this needs the usual
    `if __name__ == "__main__":`, since processes are spawned.
    Raises ModelError, RecordingError for a noise that can't be used, and ClusterError.
    """
    workers = workers or Processes(cores())
    began = time.perf_counter()
    heard: dict[int, list[Measurement] | RecordingError] = {}
    work = _Work(ears_factory, tuple(conditions), setting)
    with closing(workers.each(work, recordings)) as all_:
        for index, found in all_:
            heard[index] = found
            on_progress(len(heard))
    took_s = time.perf_counter() - began
    ordered = [(recordings[index], heard[index]) for index in sorted(heard)]
    return Results(
        tuple(m for _, found in ordered if isinstance(found, list) for m in found),
        tuple((r, found) for r, found in ordered if isinstance(found, RecordingError)),
        took_s,
        min(workers.jobs, max(1, len(recordings))),
    )


@dataclass(frozen=True)
class _Work:
    """What every worker is to do."""

    ears_factory: MakesEars
    conditions: tuple[Condition, ...]
    setting: Setting

    def __call__(self) -> Callable[[Recording], list[Measurement] | RecordingError]:
        """Load the engine; what this returns hears one recording under all conditions."""
        ears = self.ears_factory()
        return lambda recording: self._hear(ears, recording)

    def _hear(self, ears: Ears, recording: Recording) -> list[Measurement] | RecordingError:
        try:
            clip = samples(recording.path)
        except RecordingError as error:
            return error
        return [self._measured(ears, recording, clip, condition) for condition in self.conditions]

    def _measured(
        self, ears: Ears, recording: Recording, clip: Samples, condition: Condition
    ) -> Measurement:
        sound = mixed(recording, clip, condition, self.setting)
        began = time.perf_counter()
        text, confidence = ears.hear(sound)
        took_s = time.perf_counter() - began
        return Measurement(recording, condition, text, confidence, len(sound) / RATE, took_s)
