"""The one shape of sound in this room, 16 kHz mono int16, and the way into it."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Hz. What Vosk's models were trained on."""
FRAME_MS = 100
"""Each partial result costs Vosk a look-up; 100 ms keeps that cheap and the reaction quick."""
LIVE_FRAME_MS = 20
"""From a microphone, sound comes in smaller pieces: it must be noticed at once when somebody
begins to speak, or has finished."""
FRAME_SAMPLES = RATE * FRAME_MS // 1000

Frame = NDArray[np.int16]
"""Mono samples at 16 kHz, shape (1600,), or (320,) live; the last of a recording may be shorter."""
Samples = NDArray[np.float32]
"""Mono samples at any rate, shape (n,), full scale at ±1."""


class AudioSource(Protocol):
    """Where answers come from. One thread uses it."""

    live: bool
    """Real time: what is said while the program talks is lost. Recordings keep every sample."""

    @property
    def lost(self) -> int:
        """Blocks that the device lost so far, within listening turns."""

    @property
    def exhausted(self) -> bool:
        """No more sound will ever come."""

    def utterance(self) -> Iterator[Frame]:
        """Frames of one listening turn, from now until the caller stops or the sound ends.

        Starting a turn ends the one before. Raises AudioError when the sound can't be read.
        """

    def close(self) -> None:
        """Let go of the device or file. Calling it again does nothing."""


def to_frames(blocks: Iterator[Samples], rate: int, length: int = FRAME_SAMPLES) -> Iterator[Frame]:
    """Resample blocks of any length from `rate` Hz and cut them into frames of `length` samples.

    Louder than full scale is clipped: wrapped around, it would be a crack across the word.
    """
    waiting = np.empty(0, np.int16)
    for samples in _at_our_rate(blocks, rate):
        scaled = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
        waiting = np.concatenate((waiting, scaled))
        while len(waiting) >= length:
            yield waiting[:length]
            waiting = waiting[length:]
    if len(waiting):
        yield waiting


def regrouped(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The same sound in frames of the usual length, however it comes; the last may be shorter."""
    waiting: list[Frame] = []
    for frame in frames:
        waiting.append(frame)
        if sum(map(len, waiting)) >= FRAME_SAMPLES:
            yield np.concatenate(waiting)
            waiting.clear()
    if waiting:
        yield np.concatenate(waiting)


def _at_our_rate(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    if rate == RATE:
        yield from blocks
        return
    import soxr

    resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield resampler.resample_chunk(block)
    yield resampler.resample_chunk(np.empty(0, np.float32), last=True)
