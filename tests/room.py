"""A room with a microphone and a loudspeaker, both taped: what people and the program do in it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
import soxr
from device_chain import PulseAudio, program
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from tape import RATE, Samples, Tape

_STARTING_S = 1.5
"""How long a player may take from its start until it sounds."""
_EARLY_S = 0.05
"""A sink renders ahead, so a tape is early by up to 20 ms, at either end alike."""
_LIKE = 0.5
"""A normalised correlation: a sound under a television as loud as itself still reaches 0.7."""
_PIECE = RATE * 2 // 5
_TORN_S = 0.5
"""So far apart a torn sound's pieces may come."""


class Room:
    """A sound server with a tape at either end; start with `with`.

    A tape that runs also keeps the null sink's clock at 10 ms.
    """

    def __init__(self) -> None:
        self.chain = PulseAudio()
        self.microphone = Tape(self.chain, "virtmic.monitor")
        """All that is said to the program."""
        self.loudspeaker = Tape(self.chain, "speaker.monitor")
        """All that the program says."""
        self._playing: list[Playing] = []

    def __enter__(self) -> Self:
        self.chain.start()
        self.microphone.start()
        self.loudspeaker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for playing in self._playing:
            playing.stop()
        self.microphone.stop()
        self.loudspeaker.stop()
        self.chain.stop()

    def say(self, sound: Path, gain_db: float = 0.0) -> "Playing":
        """Begin to play a sound file into the microphone; others may sound at the same time."""
        asked_at = time.monotonic()
        volume = round(65536 * 10 ** (gain_db / 20))
        process = subprocess.Popen(
            [
                program("paplay"), "--device=virtmic", "--latency-msec=50", f"--volume={volume}",
                str(sound),
            ],
            env=self.chain.env,
        )  # fmt: skip
        self._playing.append(Playing(process, sound, self.microphone, asked_at))
        return self._playing[-1]

    @contextmanager
    def wired_back(self, gain_db: float = 0.0, latency_ms: int = 20) -> Iterator[None]:
        """As long as it lasts, the microphone hears the loudspeaker, at full volume by default."""
        volume = 10 ** (gain_db / 20)
        before = self._inputs()
        number = self.chain.load(
            f"module-loopback source=speaker.monitor sink=virtmic latency_msec={latency_ms}"
            " source_dont_move=true sink_dont_move=true"
        )
        (mine,) = self._inputs() - before
        self.chain.control("set-sink-input-volume", mine, f"{volume:.4f}")
        try:
            yield
        finally:
            self.chain.unload(number)

    def unplug_microphone(self) -> None:
        """The device is gone for the program, as when its plug is pulled."""
        self.microphone.stop()
        self.chain.unplug("mic")

    def plug_microphone(self) -> None:
        """It is back, as the default source."""
        self.chain.plug("mic")
        self.microphone.start()

    def unplug_loudspeaker(self) -> None:
        """The device is gone for the program."""
        self.loudspeaker.stop()
        self.chain.unplug("speaker")

    def plug_loudspeaker(self) -> None:
        """It is back, as the default sink."""
        self.chain.plug("speaker")
        self.loudspeaker.start()

    def _inputs(self) -> set[str]:
        lines = self.chain.control("list", "short", "sink-inputs").splitlines()
        return {line.split("\t")[0] for line in lines}


@dataclass
class Playing:
    """A sound on its way into the microphone."""

    process: subprocess.Popen[bytes]
    sound: Path
    tape: Tape
    asked_at: float
    """When its player was started, by time.monotonic()."""

    def wait(self) -> None:
        """Returns when its last sample has been played."""
        status = self.process.wait(timeout=self._length_s + 10)
        assert status == 0, f"paplay {self.sound} failed with status {status}"

    def stop(self) -> None:
        """In the middle, if it still plays."""
        self.process.terminate()
        self.process.wait()

    @cached_property
    def onset(self) -> float:
        """When its first audible sample sounded, by time.monotonic(). While it plays, this waits a while."""
        begins, _ = self._audible
        length = min(self._length_s, 1.5)
        earliest = self.asked_at - _EARLY_S
        enough = earliest + _STARTING_S + length
        heard = self.tape.between(
            earliest, enough if self.process.poll() is None else min(enough, time.monotonic())
        )
        found = find(read_sound(self.sound)[: round(length * RATE)], heard)
        assert found is not None, f"{self.sound} never sounded in the room"
        return earliest + found + begins

    @property
    def end(self) -> float:
        """When its last audible sample sounded, if nothing stopped it."""
        begins, ends = self._audible
        return self.onset + ends - begins

    @cached_property
    def _audible(self) -> tuple[float, float]:
        return audible(read_sound(self.sound))

    @cached_property
    def _length_s(self) -> float:
        return len(read_sound(self.sound)) / RATE


def read_sound(path: Path) -> Samples:
    """Any sound file, at the tapes' rate."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    resampled: NDArray[np.float32] = soxr.resample(mono, rate, RATE)
    return np.asarray(resampled.clip(-1, 1) * 32767, np.int16)


def audible(sound: Samples, below_peak_db: float = 45.0) -> tuple[float, float]:
    """The first and the last sample above a level, in s: what leads in and fades out is left off."""
    level = np.abs(sound.astype(int))
    loud = np.flatnonzero(level >= level.max() * 10 ** (-below_peak_db / 20))
    return float(loud[0]) / RATE, float(loud[-1] + 1) / RATE


def find(wanted: Samples, within: Samples) -> float | None:
    """Where `wanted` begins in `within`, in s; None if nothing there is like it.

    By normalised cross-correlation, which doesn't mind other volumes nor other sounds beside it.
    A long sound may be torn, as a busy sound server tears it: then most of its pieces are there,
    and it may seem to begin later by a gap.
    """
    whole = _begins(wanted, within)
    if whole is not None or len(wanted) < 3 * _PIECE:
        return whole
    found = []
    for at in range(0, len(wanted) - _PIECE + 1, _PIECE):
        begins = _begins(wanted[at : at + _PIECE], within)
        if begins is not None:
            found.append(begins - at / RATE)
    together = [begins for begins in found if abs(begins - np.median(found)) < _TORN_S]
    return min(together) if len(together) > len(wanted) / _PIECE / 2 else None


def _begins(wanted: Samples, within: Samples) -> float | None:
    likeness = _likeness(wanted, within)
    if likeness is None or likeness.max() < _LIKE:
        return None
    return float(likeness.argmax()) / RATE


def _likeness(wanted: Samples, within: Samples) -> NDArray[np.float64] | None:
    if len(within) < len(wanted):
        return None
    shape = wanted.astype(float)
    sound = within.astype(float)
    together = fftconvolve(sound, shape[::-1], mode="valid")
    power = np.cumsum(np.concatenate(([0.0], sound**2)))
    energy = power[len(shape) :] - power[: -len(shape)]
    result: NDArray[np.float64] = together / np.sqrt(
        np.maximum(energy, 1.0) * max(float((shape**2).sum()), 1.0)
    )
    return result
