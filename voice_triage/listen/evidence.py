"""How sure is it that the words heard were said? Second opinions on the sound of one utterance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from voice_triage.listen.activity import FLOOR_PERCENT, LOWEST_FLOOR_DBFS, levels_dbfs, mean_dbfs
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.heard import Evidence
from voice_triage.listen.recognizer import UNKNOWN, Fit

_AROUND_S = 0.3
"""Sound kept before and after the words: the model sees 0.22 s ahead, and must see silence."""


class Fits(Protocol):
    """The part of Vosk that a second opinion needs."""

    def fit(self, phrases: Sequence[str] | None, sound: Frame) -> Fit:
        """How well the likeliest of the phrases fits; None: any words."""


def gather(
    frames: Sequence[Frame],
    text: str,
    span: tuple[float, float] | None,
    vosk: Fits,
    others: Iterable[str],
    means: Callable[[str], object],
) -> Evidence | None:
    """Evidence for `text`, which a recogniser made of `frames`; None when it has no words.

    `frames` are exactly what the recogniser was fed, and `span` is its `span` afterwards.
    `others` are phrases that might have been said instead, above all such as sound alike;
    "[unk]" is always one of them. `means` gives the meaning of a text; equal meanings agree.

    The sound is decoded twice more, with the text among the others and without it, each phrase as
    likely as the next: the weights of the first decode, which make "no" likelier than its sound,
    play no part. Only the words and a little sound around them are decoded again, so a long
    silence costs nothing.
    """
    if span is None or not text.strip():
        return None
    sound = np.concatenate(frames)
    begin, end = (round(at * RATE) for at in span)
    around = round(_AROUND_S * RATE)
    words = sound[max(0, begin - around) : end + around]
    said = set(text.split())
    # Vosk mixes the words of different phrases, so a shared word would let the text in again.
    instead = [UNKNOWN, *(other for other in others if said.isdisjoint(other.split()))]
    best, without = vosk.fit((text, *instead), words), vosk.fit(instead, words)
    margin = best.nats - without.nats
    return Evidence(
        margin=max(0.0, margin) if math.isfinite(margin) else 0.0,
        agrees=means(best.text) == means(text),
        speech_ms=(end - begin) * 1000 / RATE,
        snr_db=_snr_db(sound, sound[begin:end]),
    )


def _snr_db(turn: Frame, words: Frame) -> float:
    """Mean level of the words over the quietest tenth of the turn."""
    floor = float(np.percentile(levels_dbfs(turn), FLOOR_PERCENT))
    return mean_dbfs(words) - max(floor, LOWEST_FLOOR_DBFS)
