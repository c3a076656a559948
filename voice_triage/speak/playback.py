"""What plays sound, and a sound on its way: begun, watched, stopped."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voice_triage.speak.synthesis import Speech


@dataclass(frozen=True, eq=False)
class Played:
    """What a microphone can have heard of an utterance."""

    samples: NDArray[np.int16]
    """Mono, shape (samples,), as they left: with all gain, cut off where they were stopped. While
    they still play, also those to come."""
    rate: int
    """Samples a second, Hz."""
    began: float
    """When the first one physically left, in s of time.monotonic(). Sound servers know this within
    some 10 ms, and better the longer they play."""


class Playback(Protocol):
    """One utterance on its way to somebody's ears."""

    def wait(self) -> None:
        """Returns when the sound has physically ended, or was stopped.

        Raises SpeechError. Ctrl-C stops the sound at once.
        """

    def stop(self) -> None:
        """Silence, within 0.1 s; calling it again, or after the end, does nothing. Never raises."""

    @property
    def done(self) -> bool:
        """Nothing more of it will be heard: it ended, was stopped, or failed."""

    @property
    def played(self) -> Played | None:
        """What can have been heard; None before it begins, and where no microphone hears it."""


class Player(Protocol):
    """Takes utterances to somebody's ears, or to a file; one at a time."""

    def start(self, speech: Speech) -> Playback:
        """Begins the sound and returns at once. An utterance that still plays is stopped.

        Never raises; what fails, `wait` tells.
        """

    def play(self, speech: Speech) -> None:
        """start and wait. Raises SpeechError."""

    def close(self) -> None:
        """Frees the device or file; a second call does nothing."""
