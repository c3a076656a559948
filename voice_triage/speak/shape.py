"""Sound made fit to be played: silence trimmed, loudness set, another rate, pieces joined."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voice_triage.speak.synthesis import Speech

_SILENT = 30
"""Of 32767, -61 dBFS. espeak-ng's silence is digital; this is for voices that hiss."""
_LEAD_S = 0.010
_TAIL_S = 0.030
"""Kept beyond the last audible sample: espeak-ng lets 0.39 s of silence follow each text, which
people would wait out before they may answer."""
_CEILING = 32_000.0
"""-0.2 dBFS: what resampling adds between the samples still fits."""
_BLOCK_S = 0.010
"""A period of a deep voice: shorter blocks would follow the wave itself, and distort it."""


def trimmed(speech: Speech, *, tail: bool = True) -> Speech:
    """Without the silence before the first sound, and after the last one if `tail`.

    10 ms and 30 ms stay, so that nothing begins or ends abruptly.
    """
    audible = np.flatnonzero(np.abs(speech.samples.astype(np.int32)) > _SILENT)
    if not len(audible):
        return Speech(speech.samples[:0], speech.rate) if tail else speech
    begin = max(int(audible[0]) - round(_LEAD_S * speech.rate), 0)
    end = int(audible[-1]) + 1 + round(_TAIL_S * speech.rate) if tail else len(speech.samples)
    return Speech(speech.samples[begin:end], speech.rate)


def amplified(speech: Speech, gain_db: float) -> Speech:
    """Louder or quieter. Where that would clip, the gain itself falls, gently, for that syllable:
    espeak-ng renders up to full scale, so louder mostly means that its quiet sounds come up."""
    if not gain_db or not len(speech.samples):
        return speech
    wanted = speech.samples.astype(np.float32) * np.float32(10 ** (gain_db / 20))
    if np.abs(wanted).max() > _CEILING:
        wanted *= _limit(wanted, max(round(_BLOCK_S * speech.rate), 1))
    return Speech(np.rint(wanted).astype(np.int16), speech.rate)


def _limit(wave: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Factors, shape of `wave`, at most 1, that keep it under the ceiling without any jump.

    Each block has the gain that its peak allows. The points between blocks take the lowest gain of
    two blocks on either side, smoothed over three points; each of the three has looked at both
    blocks that the middle one touches, so straight lines between points never exceed what a block
    allows.
    """
    blocks = -(-len(wave) // block)
    padded = np.zeros(blocks * block, np.float32)
    padded[: len(wave)] = np.abs(wave)
    allowed = np.minimum(_CEILING / np.maximum(padded.reshape(blocks, block).max(1), 1), 1)
    around = np.pad(allowed, 3, constant_values=1)
    lowest = np.min([around[shift : shift + blocks + 3] for shift in range(4)], axis=0)
    points = (lowest[:-2] + lowest[1:-1] + lowest[2:]) / 3
    factors = np.interp(np.arange(len(wave)), np.arange(blocks + 1) * block, points)
    return np.asarray(factors, np.float32)


def joined(pieces: Sequence[Speech], gap_s: float = 0.0) -> Speech:
    """One after the other, at the rate of the last, with silence of `gap_s` in s between them."""
    rate = pieces[-1].rate
    gap = np.zeros(round(gap_s * rate), np.int16)
    parts = [part for piece in pieces for part in (gap, resampled(piece, rate).samples)]
    return Speech(np.concatenate(parts[1:]), rate)


def resampled(speech: Speech, rate: int) -> Speech:
    """At another rate, in Hz."""
    if rate == speech.rate:
        return speech
    import soxr

    return Speech(soxr.resample(speech.samples, speech.rate, rate), rate)
