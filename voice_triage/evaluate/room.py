"""A recording as it would sound in a room with noise and echo. Pure: samples in, samples out.

All sound here is mono at 16 kHz, float32, shape (n,), full scale at ±1. Chance comes from the
caller's generator, so the same recording always meets the same noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from voice_triage.listen.frames import RATE, Frame, Samples

_BLOCK = RATE * 20 // 1000
_P56_MARGIN = 10 ** (-15.9 / 10)
"""ITU-T P.56 counts as active what is no more than 15.9 dB below the active level."""
NOMINAL_POWER = 10 ** (-26 / 10)
"""-26 dBFS, the level of speech that ITU-T recommendations test with."""


@dataclass(frozen=True)
class Condition:
    """How a recording is heard: as it is, in noise, or with echo."""

    snr_db: float | None = None
    """Signal to noise ratio, of the speech while somebody speaks to all of the noise."""
    rt60_s: float | None = None
    """Reverberation time: how long an echo takes to fall by 60 dB."""

    @property
    def name(self) -> str:
        """For tables."""
        if self.snr_db is not None:
            return f"noise {self.snr_db:g} dB"
        return "clean" if self.rt60_s is None else f"echo {self.rt60_s:g} s"


CLEAN = Condition()


def conditions(snrs_db: Sequence[float], rt60s_s: Sequence[float]) -> tuple[Condition, ...]:
    """Clean, then each echo, then each noise; each once."""
    echoes = [Condition(rt60_s=rt60) for rt60 in rt60s_s]
    noises = [Condition(snr_db=snr) for snr in snrs_db]
    return tuple(dict.fromkeys([CLEAN, *echoes, *noises]))


def padded(sound: Samples, before_ms: float, after_ms: float, chance: Generator) -> Samples:
    """The sound with the room's own silence around it: hiss as loud as its quietest tenth.

    Digital zeros would make the recording's own noise begin and end like a word.
    """
    hiss = np.sqrt(np.percentile(_powers(sound), 10))
    around = [
        (hiss * chance.standard_normal(round(ms * RATE / 1000))).astype(np.float32)
        for ms in (before_ms, after_ms)
    ]
    whole: Samples = np.concatenate((around[0], sound, around[1]))
    return whole


def echoing(sound: Samples, rt60_s: float, chance: Generator) -> Samples:
    """The sound in a room with that reverberation time; as long and about as loud as before."""
    from scipy.signal import fftconvolve

    echoed: Samples = fftconvolve(sound, response(rt60_s, chance))[: len(sound)]
    return echoed.astype(np.float32)


def response(rt60_s: float, chance: Generator) -> Samples:
    """A made-up room's answer to a clap, of energy 1: the clap, then noise that decays by 60 dB in
    `rt60_s` (Polack's model). Clap and echo carry the same energy, as they do at the critical
    distance, 0.6 m from the speaker in a room of 40 m³ with 0.4 s.
    """
    time = np.arange(1, max(2, round(rt60_s * RATE))) / RATE
    tail = chance.standard_normal(len(time)) * 10 ** (-3 * time / rt60_s)
    tail /= np.sqrt(np.sum(tail**2))
    both: Samples = (np.concatenate(([1.0], tail)) / np.sqrt(2)).astype(np.float32)
    return both


def noisy(sound: Samples, noise: Samples, speech_power: float, snr_db: float) -> Samples:
    """Sound and noise (of the same length) together, the noise `snr_db` below the speech."""
    noise_power = float(np.mean(noise.astype(np.float64) ** 2))
    gain = np.sqrt(speech_power / noise_power) * 10 ** (-snr_db / 20)
    together: Samples = sound + (gain * noise).astype(np.float32)
    return together


def active_power(sound: Samples) -> float:
    """Mean power while somebody speaks, after ITU-T P.56: pauses don't count. 0 for silence."""
    powers = _powers(sound)
    level = float(powers.mean())
    while True:
        active = powers[powers > level * _P56_MARGIN]
        louder = float(active.mean()) if len(active) else 0.0
        if louder <= level * (1 + 1e-6):
            return louder
        level = louder


def excerpt(noise: Samples, samples: int, chance: Generator) -> Samples:
    """That many samples of the noise from a random moment on; a short one is repeated."""
    start = int(chance.integers(max(1, len(noise) - samples + 1)))
    part: Samples = noise[(start + np.arange(samples)) % len(noise)]
    return part


def without_gaps(noise: Samples) -> Samples:
    """The noise without blocks of digital zeros, which no amplification makes any louder."""
    whole = noise[: len(noise) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    loud: Samples = whole[np.any(whole != 0, axis=1)].ravel()
    return loud


def pink(samples: int, chance: Generator) -> Samples:
    """Noise with the same power in every octave from 20 Hz on, like a fan or far traffic."""
    spectrum = np.fft.rfft(chance.standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency, 20)), samples)
    return shaped.astype(np.float32)


def to_frame(sound: Samples) -> Frame:
    """As 16-bit samples. Too loud for them, all of it is turned down: speech and noise alike."""
    loudest = float(np.max(np.abs(sound), initial=0.0))
    fitting = sound / loudest if loudest > 1 else sound
    frame: Frame = np.clip(np.rint(fitting * 32768.0), -32768, 32767).astype(np.int16)
    return frame


def _powers(sound: Samples) -> NDArray[np.float64]:
    """Power in each block of 20 ms, without its DC offset; at least one block."""
    exact = sound.astype(np.float64)
    whole = len(exact) // _BLOCK * _BLOCK
    if not whole:
        return np.array([float(np.var(exact)) if len(exact) else 0.0])
    powers: NDArray[np.float64] = np.var(exact[:whole].reshape(-1, _BLOCK), axis=1)
    return powers
