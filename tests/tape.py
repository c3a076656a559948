"""What one device of a chain carries, recorded with the time at which it sounded.

Both ends of a conversation are taped with the same clock, time.monotonic(), so that what was said
at one end and heard at the other can be compared to about 10 ms. A null sink's clock is the
machine's own and doesn't drift. What a tape gets comes late, by the scheduler's whim, but never
early: the earliest arrival within a while tells when its samples sounded.
"""

import os
import subprocess
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from operator import itemgetter

import numpy as np
from device_chain import PulseAudio, program
from numpy.typing import NDArray

RATE = 16_000
"""Hz. Mono."""
AUDIBLE = 100
"""An int16 amplitude, -50 dBFS: quieter than anything that is said, louder than dither."""
_LATENCY_MS = 10
_WINDOW_S = 2.0
_JUMP_S = 0.03

Samples = NDArray[np.int16]


class Tape:
    """Records a PulseAudio source from `start` to `stop`, over any number of starts."""

    def __init__(self, chain: PulseAudio, source: str) -> None:
        self._chain, self._source = chain, source
        self._reels: list[_Reel] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._more = threading.Condition()

    def start(self) -> None:
        """Returns when the first sound, or silence, has arrived."""
        words = ["--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        self._process = subprocess.Popen(
            [
                program("parec"), f"--device={self._source}", f"--latency-msec={_LATENCY_MS}",
                *words,
            ],
            env=self._chain.env, stdout=subprocess.PIPE,
        )  # fmt: skip
        reel = _Reel()
        self._reels.append(reel)
        self._thread = threading.Thread(target=self._record, args=(self._process, reel))
        self._thread.start()
        self._wait(lambda: reel.chunks, 10)

    def stop(self) -> None:
        """Keeps what was recorded; calling it again does nothing."""
        process, thread, self._process, self._thread = self._process, self._thread, None, None
        if process is not None and thread is not None:
            process.terminate()
            process.wait()
            thread.join()
            assert process.stdout is not None
            process.stdout.close()

    def between(self, start: float, end: float) -> Samples:
        """What sounded between two moments of time.monotonic(); silence where it didn't record.

        Waits for what is still on its way.
        """
        self._reach(end)
        found = np.zeros(max(0, round((end - start) * RATE)), np.int16)
        for began, samples in self._pieces(start, end):
            at = round((began - start) * RATE)
            first, last = max(at, 0), min(at + len(samples), len(found))
            if first < last:
                found[first:last] = samples[first - at : last - at]
        return found

    def sounds(self, start: float, end: float, gap_s: float = 0.05) -> list[tuple[float, float]]:
        """Where something was audible: beginnings and ends, apart by at least `gap_s` of silence.

        Times are of time.monotonic().
        """
        return [(start + a, start + b) for a, b in stretches(self.between(start, end), gap_s)]

    def first_sound(self, after: float, seconds: float) -> float | None:
        """When something first became audible after `after`; waits for it for up to `seconds`."""
        deadline = max(after, time.monotonic()) + seconds
        reached = after
        while reached < deadline:
            now = min(deadline, max(time.monotonic(), reached + 0.02))
            loud = np.flatnonzero(np.abs(self.between(reached, now).astype(int)) > AUDIBLE)
            if len(loud):
                return reached + float(loud[0]) / RATE
            reached = now
        return None

    def _reach(self, end: float) -> None:
        if self._process is not None:
            reel = self._reels[-1]
            self._wait(lambda: reel.chunks[-1][0] >= end, end - time.monotonic() + 5)

    def _wait(self, there: Callable[[], object], seconds: float) -> None:
        with self._more:
            if not self._more.wait_for(there, max(seconds, 0)):
                raise AssertionError(f"nothing arrives from {self._source} for {seconds:.0f} s")

    def _record(self, process: subprocess.Popen[bytes], reel: "_Reel") -> None:
        assert process.stdout is not None
        rest = b""
        while data := os.read(process.stdout.fileno(), 65536):
            data = rest + data
            whole = len(data) // 2 * 2
            rest = data[whole:]
            with self._more:
                reel.chunks.append((time.monotonic(), np.frombuffer(data[:whole], "<i2")))
                self._more.notify_all()

    def _pieces(self, start: float, end: float) -> Iterator[tuple[float, Samples]]:
        with self._more:
            reels = [reel.chunks[:] for reel in self._reels]
        for chunks in reels:
            first = bisect_left(chunks, start - _WINDOW_S, key=itemgetter(0))
            last = bisect_left(chunks, end + _WINDOW_S, key=itemgetter(0))
            yield from _placed(chunks[first : last + 1])


class _Reel:
    """What arrived from one start to one stop: times of arrival and samples."""

    def __init__(self) -> None:
        self.chunks: list[tuple[float, Samples]] = []


def _placed(chunks: list[tuple[float, Samples]]) -> Iterator[tuple[float, Samples]]:
    """Stretches of sound without a jump in time, each with the moment of its first sample."""
    if not chunks:
        return
    arrived = np.array([when for when, _ in chunks])
    ends = np.cumsum([len(samples) for _, samples in chunks])
    begins = np.concatenate(([0], ends[:-1]))
    origin = arrived - ends / RATE  # when sample 0 sounded, if this chunk was on time
    # The earliest within a window on either side; a lasting step is sound that was lost.
    width = np.searchsorted(arrived, arrived + _WINDOW_S) - np.arange(len(arrived))
    earliest = np.array([origin[i : i + w].min() for i, w in enumerate(width)])
    first = 0
    for i in range(1, len(chunks) + 1):
        if i == len(chunks) or abs(earliest[i] - earliest[first]) > _JUMP_S:
            samples = np.concatenate([part for _, part in chunks[first:i]])
            yield float(origin[first:i].min()) + float(begins[first]) / RATE, samples
            first = i


def stretches(samples: Samples, gap_s: float = 0.05, rate: int = RATE) -> list[tuple[float, float]]:
    """Where samples are audible, in s from the first; parted by at least `gap_s` of silence."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > AUDIBLE)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > gap_s * rate)
    firsts = np.concatenate(([loud[0]], loud[breaks + 1]))
    lasts = np.concatenate((loud[breaks], [loud[-1]]))
    return [(float(a) / rate, float(b + 1) / rate) for a, b in zip(firsts, lasts, strict=True)]
