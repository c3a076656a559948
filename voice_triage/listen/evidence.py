"""How sure is it that the words heard were said? Second opinions on the sound of one utterance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from voice_triage.listen.activity import FLOOR_PERCENT, LOWEST_FLOOR_DBFS, levels_dbfs, mean_dbfs
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.heard import Evidence
from voice_triage.listen.recognizer import UNKNOWN, Fit

_AROUND_S = 0.3
"""Sound kept before and after the words: the model sees 0.22 s ahead, and must see silence."""

_NO_FIT = -1000.0
"""The margin where Vosk finds no way at all through the sound: far below any other, and finite,
because JSON has no infinity."""


class Fits(Protocol):
    """The part of Vosk that a second opinion needs."""

    def fit(self, phrases: Sequence[str] | None, sound: Frame) -> Fit:
        """How well the likeliest of the phrases fits; None: any words."""


def gather(
    frames: Sequence[Frame],
    text: str,
    span: tuple[float, float] | None,
    vosk: Fits,
    means: Callable[[str], object],
) -> Evidence | None:
    """Evidence for `text`, which a recogniser made of `frames`; None when it has no words.

    `frames` are exactly what the recogniser was fed, and `span` is its `span` afterwards.
    `means` gives the meaning of a text; equal meanings agree. Raises nothing.

    Only the words and a little sound around them are decoded again, so a long silence costs
    nothing: about 25 ms a second of speech for each of three decodes on one core.
    """
    if span is None or not text.strip():
        return None
    sound = np.concatenate(frames)
    begin, end = (round(at * RATE) for at in span)
    around = round(_AROUND_S * RATE)
    words = sound[max(0, begin - around) : end + around]
    return Evidence(
        margin=_margin(vosk, text, words),
        agrees=means(vosk.fit(None, words).text) == means(text),
        speech_ms=(end - begin) * 1000 / RATE,
        snr_db=_snr_db(sound, sound[begin:end]),
    )


def _margin(vosk: Fits, text: str, words: Frame) -> float:
    fit = vosk.fit((text,), words)
    margin = fit.nats - vosk.fit((UNKNOWN,), words).nats
    if fit.text == text and math.isfinite(margin):
        return margin
    # Silence, or a part of the words, fits better than all of them: they don't fit.
    return min(margin, 0.0) if math.isfinite(margin) else _NO_FIT


def _snr_db(turn: Frame, words: Frame) -> float:
    """Mean level of the words over the quietest tenth of the turn."""
    floor = float(np.percentile(levels_dbfs(turn), FLOOR_PERCENT))
    return mean_dbfs(words) - max(floor, LOWEST_FLOOR_DBFS)
