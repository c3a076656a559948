"""The noise and the echo that answers are heard in. Samples in, samples out; chance is seeded."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from voice_triage.errors import RecordingError
from voice_triage.evaluate import room
from voice_triage.evaluate.mix import samples
from voice_triage.listen.frames import RATE, Samples

_LOOP_S = 30
"""Made-up noise repeats after that."""
_TALKERS = 6
_QUIET_POWER = 10 ** (-72 / 10)
"""A quiet room in a good microphone: just audible, 46 dB below speech at -26 dBFS."""
_HUM_HZ = 50.0
_BLOCK = RATE * 20 // 1000


@dataclass(frozen=True)
class Surroundings:
    """What is done to everything that is said, beside what the scenario itself asks for."""

    noise: str | None = None
    """pink, hum, babble, or a file; None: as the scenario says."""
    snr_db: float | None = None
    """How much louder the speech is than the noise; None: as the scenario says."""
    rt60_s: float | None = None
    """Reverberation time."""
    speed: float = 1.0
    """Played so much faster, like a tape: the pitch rises too."""
    gain_db: float = 0.0
    """How much louder all speech is."""

    @property
    def name(self) -> str:
        """For tables; "as it is" when nothing is changed."""
        parts = []
        if self.snr_db is not None:
            parts.append(f"{Path(self.noise or 'pink').stem} {self.snr_db:g} dB")
        if self.rt60_s is not None:
            parts.append(f"echo {self.rt60_s:g} s")
        if self.speed != 1.0:
            parts.append(f"speed {self.speed:g}")
        if self.gain_db:
            parts.append(f"level {self.gain_db:+g} dB")
        return ", ".join(parts) or "as it is"


AS_IT_IS = Surroundings()


class Noises:
    """Noise by name, at power 1, as long as it takes to repeat."""

    def __init__(self, say: Callable[[str, str], Samples], texts: Sequence[str]) -> None:
        """`say` renders a text in a voice; `texts` is what the people talk about in "babble"."""
        self._say, self._texts = say, tuple(texts)
        self._made: dict[str, Samples] = {}

    def noise(self, name: str) -> Samples:
        """pink, hum, babble, or the file of that path. Raises RecordingError and SpeechError."""
        if name not in self._made:
            self._made[name] = _at_power_1(self._make(name), name)
        return self._made[name]

    def _make(self, name: str) -> Samples:
        chance = np.random.default_rng(zlib.crc32(name.encode()))
        match name:
            case "pink":
                return room.pink(_LOOP_S * RATE, chance)
            case "hum":
                return _hum(_LOOP_S * RATE)
            case "babble":
                return self._babble()
        return room.without_gaps(samples(Path(name)))

    def _babble(self) -> Samples:
        """Six people who talk at once, each in another voice, from another sentence on."""
        voices = [f"espeak-ng:en-us+{kind}{n}" for n in (1, 2, 3) for kind in "mf"][:_TALKERS]
        together = np.zeros(_LOOP_S * RATE, np.float32)
        for talker, voice in enumerate(voices):
            said: list[Samples] = []
            start = talker * len(self._texts) // len(voices)
            for text in (*self._texts[start:], *self._texts[:start]):
                if sum(map(len, said)) >= len(together):
                    break
                said.append(self._say(text, voice))
            whole = np.concatenate(said)
            together += np.resize(whole, len(together)) / np.sqrt(room.active_power(whole))
        return np.asarray(together, np.float32)


def quiet(samples: int, seed: int) -> Samples:
    """A room in which nothing is to be heard: hiss at -72 dBFS. Shape (samples,)."""
    chance = np.random.default_rng(seed)
    hiss: Samples = (np.sqrt(_QUIET_POWER) * chance.standard_normal(samples)).astype(np.float32)
    return hiss


def hiss_of(sound: Samples, seed: int) -> Samples:
    """Four seconds of the room that a sound was recorded in: hiss as loud as its quietest tenth,
    but no quieter than a quiet room."""
    whole = sound[: len(sound) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).astype(np.float64)
    power = float(np.percentile(np.var(whole, axis=1), 10)) if len(whole) else 0.0
    louder = np.sqrt(max(power, _QUIET_POWER) / _QUIET_POWER)
    return (quiet(4 * RATE, seed) * np.float32(louder)).astype(np.float32)


def sped(sound: Samples, speed: float) -> Samples:
    """Played so much faster, like a tape."""
    if speed == 1.0:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, RATE * speed, RATE), np.float32)


def at_level(sound: Samples, level_dbfs: float | None, gain_db: float) -> Samples:
    """The sound with its speech at that level (None: as it is), and then so much louder."""
    power = room.active_power(sound)
    gain = 10 ** (gain_db / 20)
    if level_dbfs is not None and power > 0:
        gain *= 10 ** (level_dbfs / 20) / np.sqrt(power)
    return (sound * np.float32(gain)).astype(np.float32)


def echoing(sound: Samples, rt60_s: float | None, seed: int) -> Samples:
    """The sound, and what the room still says when it has ended."""
    if rt60_s is None:
        return sound
    longer = np.concatenate((sound, np.zeros(round(rt60_s / 2 * RATE), np.float32)))
    return room.echoing(longer, rt60_s, np.random.default_rng(seed))


def _hum(samples: int) -> Samples:
    """Mains: 50 Hz and its overtones, weaker the higher they are."""
    time = np.arange(samples) / RATE
    tones = (np.sin(2 * np.pi * _HUM_HZ * n * time + n) / n for n in range(1, 21))
    return np.asarray(sum(tones), np.float32)


def _at_power_1(noise: Samples, name: str) -> Samples:
    power = float(np.mean(noise.astype(np.float64) ** 2)) if len(noise) else 0.0
    if not power:
        raise RecordingError(f"{name}: this noise is digital silence. Record it again.")
    return (noise / np.float32(np.sqrt(power))).astype(np.float32)


@lru_cache(256)
def recorded(path: Path) -> Samples:
    """A recording, at full scale ±1. Raises RecordingError."""
    return samples(path)
