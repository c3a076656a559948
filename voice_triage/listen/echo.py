"""Is it the person, or our own sound coming back? While the program speaks, the microphone hears
both; this tells them apart by what the program knows of its own sound."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voice_triage.listen.frames import RATE, Frame

_BLOCK = RATE * 20 // 1000
_EDGES_HZ = (200, 400, 700, 1000, 1400, 2000, 2800, 4000, 6000)
_BANDS = len(_EDGES_HZ) - 1
_BEFORE_S, _AFTER_S = 0.45, 0.1
"""An echo comes up to 450 ms after its sound, counting devices' latencies and the room; what a
device says of its latency is wrong by up to 100 ms."""
_MARGIN = 10 ** (8 / 10)
"""Louder than the echo by 8 dB: its loudness varies by a few dB about what is expected."""
_LOWEST = 10 ** (-66 / 10)
"""Power of full scale in a band: what is quieter is no speech near a microphone."""
_BANDS_NEEDED = 3
_AUDIBLE = 10 ** (-60 / 10)
"""Power from which our own sound in a band says something about the way to the microphone."""
_LEARN_BLOCKS = 40
_MEMORY_BLOCKS = 500
_RELEARN_BLOCKS = 10

Powers = NDArray[np.float64]
"""Power in each band of each block of 20 ms, shape (blocks, 8); 1 is a full-scale square wave."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What the program plays, as the microphone may hear it."""

    powers: Powers
    began_s: float
    """When its first sample left the loudspeaker; time.monotonic()."""

    @classmethod
    def of(cls, samples: NDArray[np.int16], rate: int, began_s: float) -> Reference:
        """`samples`: mono int16 at `rate` Hz."""
        import soxr

        ours = samples if rate == RATE else soxr.resample(samples, rate, RATE)
        return cls(band_powers(np.asarray(ours, np.int16)), began_s)

    def loudest(self, at_s: float) -> NDArray[np.float64]:
        """The highest power in each band that may come back at that moment, shape (8,)."""
        since = at_s - self.began_s
        first = max(0, int((since - _BEFORE_S) * RATE / _BLOCK))
        last = max(0, int((since + _AFTER_S) * RATE / _BLOCK) + 1)
        part = self.powers[first:last]
        return part.max(axis=0) if len(part) else np.zeros(_BANDS)


class EchoGate:
    """Hears whether somebody speaks while the program does.

    In each of eight bands the echo is at most as loud as the loudest that was played shortly
    before, times what the way from loudspeaker to microphone lets through (after the double-talk
    detector of D. L. Duttweiler, IEEE Trans. Commun. 26(5), 1978, doi:10.1109/TCOM.1978.1094138,
    with powers in bands instead of samples). That share is learned while nobody speaks. Somebody
    speaks where three bands are 8 dB louder than that, and than the room.
    """

    def __init__(self) -> None:
        self._shares: deque[NDArray[np.float64]] = deque(maxlen=_MEMORY_BLOCKS)
        self._room: deque[NDArray[np.float64]] = deque(maxlen=150)
        self._near: deque[bool] = deque(maxlen=8)
        self._rest: Frame = np.empty(0, np.int16)
        self._known: NDArray[np.float64] | None = None
        self._learned = 0

    @property
    def learned(self) -> bool:
        """It knows how loud the program is in the microphone."""
        return len(self._shares) >= _LEARN_BLOCKS

    def begin(self) -> None:
        """The program begins to say something."""
        self._near.clear()

    def update(
        self, frame: Frame, ends_s: float, reference: Reference | None,
        at_least_db: float = -120.0,
    ) -> int:  # fmt: skip
        """Take the next frame, which ended at `ends_s` (time.monotonic()) while `reference` was
        being played. Returns for how many ms of the last 160 ms somebody has been speaking, and at
        least so loudly (power, dB of full scale)."""
        samples = np.concatenate((self._rest, frame))
        whole = len(samples) // _BLOCK
        self._rest = samples[whole * _BLOCK :]
        ends_s -= len(self._rest) / RATE
        for number, powers in enumerate(band_powers(samples[: whole * _BLOCK])):
            at_s = ends_s - (whole - number) * _BLOCK / RATE
            played = reference.loudest(at_s) if reference else np.zeros(_BANDS)
            self._judge(powers, played, 10 ** (at_least_db / 10))
        return sum(self._near) * 20

    def echo_db(self) -> float:
        """How much quieter, in dB, the loudest echo is in the microphone than what is played:
        0 is as loud, -60 hardly there. Counts the room's noise as echo. 0 before it has learned."""
        if not self.learned:
            return 0.0
        return float(10 * np.log10(max(np.median(self._share()), 1e-9)))

    def _judge(
        self, powers: NDArray[np.float64], played: NDArray[np.float64], at_least: float
    ) -> None:
        expected = played * self._share() if self.learned else np.full(_BANDS, np.inf)
        floor = np.percentile(np.array(self._room), 20, axis=0) if self._room else _LOWEST
        limit = _MARGIN * np.maximum(np.maximum(expected, floor), _LOWEST)
        near = bool(np.sum(powers > limit) >= _BANDS_NEEDED)
        self._near.append(near and bool(powers.sum() >= at_least))
        self._room.append(powers)
        loud = played > _AUDIBLE
        if np.any(loud) and not near:
            self._shares.append(np.where(loud, powers / np.maximum(played, _AUDIBLE), np.nan))
            self._learned += 1
            if self._learned % _RELEARN_BLOCKS == 0:
                self._known = None

    def _share(self) -> NDArray[np.float64]:
        """What comes through in each band: nine blocks in ten let through less."""
        if self._known is None:
            rows = np.array(self._shares)
            heard = ~np.all(np.isnan(rows), axis=0)
            known = np.ones(_BANDS)
            known[heard] = np.nanpercentile(rows[:, heard], 90, axis=0)
            self._known = known
        return self._known


def band_powers(samples: Frame) -> Powers:
    """Powers of whole blocks of 20 ms; what is left over at the end doesn't count."""
    whole = len(samples) // _BLOCK
    blocks = samples[: whole * _BLOCK].reshape(-1, _BLOCK) / 32768.0
    spectrum = np.abs(np.fft.rfft(blocks * np.hanning(_BLOCK), axis=1)) ** 2
    # Parseval, and what the window takes away.
    scale = 2 / (_BLOCK**2 * np.mean(np.hanning(_BLOCK) ** 2))
    edges = np.array(_EDGES_HZ) * _BLOCK // RATE
    return np.stack([spectrum[:, a:b].sum(axis=1) * scale for a, b in pairwise(edges)], 1)


def loudness_db(powers: Powers) -> float:
    """Power of the louder moments of a sound, in dB of full scale; -120 for silence."""
    if not len(powers):
        return -120.0
    return float(10 * np.log10(max(np.percentile(powers.sum(axis=1), 90), 1e-12)))
