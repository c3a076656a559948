"""One listening turn: from the end of a question to the end of its answer."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from voice_triage.listen.activity import level_dbfs
from voice_triage.listen.endpoint import Endpointer
from voice_triage.listen.endpoint_times import EndpointTimes
from voice_triage.listen.frames import RATE, AudioSource
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.heard import Heard
from voice_triage.listen.recognizer import Recognizer

_LEAD = np.zeros(RATE * 250 // 1000, np.int16)
"""The recogniser needs some silence before a word; a recorded answer may begin with it."""
_TAIL = np.zeros(RATE * 500 // 1000, np.int16)
"""And some after it, or it holds back the last word."""


class MakesRecognizers(Protocol):
    """The part of Vosk that listening needs."""

    def recognizer(self, grammar: Grammar) -> Recognizer:
        """A fresh recogniser for one utterance."""


class Listener:
    """Hears one answer at a time from one source."""

    def __init__(self, source: AudioSource, vosk: MakesRecognizers, times: EndpointTimes) -> None:
        self._source = source
        self._vosk = vosk
        self._times = times

    def hear(
        self,
        grammar: Grammar,
        accepts: Callable[[str], bool],
        times: EndpointTimes | None = None,
        on_level: Callable[[float], None] | None = None,
    ) -> Heard:
        """Listen until the speaker has finished, or hasn't begun in time.

        `accepts` says whether a text so far is an answer. `times` stand in for the usual ones, for
        this turn. `on_level` gets each frame's level in dBFS. A recording that ends in
        the middle still gives what was said; only the next turn is `ended`.
        Raises AudioError and ModelError.
        """
        if self._source.exhausted:
            return Heard("", 0.0, 0.0, ended=True)
        lost_before = self._source.lost
        # The microphone listens from here on, while the recogniser is being made.
        frames = self._source.utterance()
        recognizer = self._vosk.recognizer(grammar)
        endpointer = Endpointer(times or self._times)
        recognizer.feed(_LEAD)
        samples = 0
        for frame in frames:
            samples += len(frame)
            if on_level is not None:
                on_level(level_dbfs(frame))
            text = recognizer.feed(frame)
            if endpointer.update(frame, text, bool(text) and accepts(text)):
                break
        else:
            recognizer.feed(_TAIL)
        if not samples:
            return Heard("", 0.0, 0.0, ended=self._source.exhausted)
        text, confidence = recognizer.finish()
        return Heard(text, confidence, samples / RATE, self._source.lost - lost_before)
