"""The two short tones around an answer: now it listens, now it has heard."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_triage.speak.synthesis import Speech


class Earcon(Enum):
    """A tone that says something; its value is the frequencies that it glides between, in Hz.

    Rising asks for something, falling ends it, as voices do. A fifth apart, so that the direction
    is heard at once, and at the middle of what ageing ears and small loudspeakers do well.
    """

    LISTENING = (660.0, 990.0)
    HEARD = (990.0, 660.0)


_SECONDS = 0.1
_EDGE_S = 0.015
"""Raised cosine at both ends: shorter edges click."""
_PEAK = 0.1
"""Of full scale, -20 dBFS: about 6 dB below the level of speech, which peaks near 0 dBFS."""


def earcon(which: Earcon, rate: int) -> Speech:
    """The tone, 0.1 s long, at `rate` Hz."""
    import numpy as np

    from voice_triage.speak.synthesis import Speech

    first, last = which.value
    times = np.arange(round(_SECONDS * rate)) / rate
    # The phase is the integral of a frequency that moves in a straight line.
    phase = 2 * np.pi * (first * times + (last - first) / (2 * _SECONDS) * times**2)
    to_edge = np.minimum(times, times[-1] - times) / _EDGE_S
    envelope = 0.5 - 0.5 * np.cos(np.pi * np.minimum(to_edge, 1))
    wave = _PEAK * 32767 * envelope * np.sin(phase)
    return Speech(np.rint(wave).astype(np.int16), rate)
