"""Tells a short tone from the speech that follows it."""

import numpy as np
from room import RATE, Samples
from tape import AUDIBLE

_FRAME = RATE * 24 // 1000
_HOP = RATE * 6 // 1000
_LONGEST_S = 0.6
_PURE = 0.9
"""The part of a frame's power that lies in one line of its spectrum and its neighbours; a vowel's
strongest harmonic holds less, but for moments."""
_RUN = 4


def split_tone(sound: Samples) -> tuple[float | None, float | None]:
    """Where a tone begins, if one comes first, and where speech begins; in s, None: not at all."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > AUDIBLE)
    if not len(loud):
        return None, None
    first = int(loud[0])
    if not _is_tone(sound[first:]):
        return None, first / RATE
    run = 0
    for at in range(first, len(sound) - _FRAME, _HOP):
        frame = sound[at : at + _FRAME]
        run = run + 1 if np.abs(frame.astype(int)).max() > AUDIBLE and purity(frame) < _PURE else 0
        if run == _RUN:
            begins = at - (_RUN - 1) * _HOP
            audible = np.flatnonzero(np.abs(sound[begins:].astype(int)) > AUDIBLE)
            return first / RATE, (begins + int(audible[0])) / RATE
    return first / RATE, None


def purity(frame: Samples) -> float:
    """0 for noise, near 1 for a single sine, however its pitch glides within the frame."""
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)))) ** 2
    peak = int(power.argmax())
    return float(power[max(0, peak - 3) : peak + 4].sum() / max(power.sum(), 1e-9))


def _is_tone(sound: Samples) -> bool:
    frames = [sound[at : at + _FRAME] for at in range(0, _FRAME * 3, _HOP)]
    return len(sound) >= 4 * _FRAME and float(np.median([purity(f) for f in frames])) >= _PURE
