"""Waits for a phrase, said by itself: the start word of a kiosk that nobody can touch.

`benchmarks/start_word.py` measures it. "start" by itself is heard from 40 of 40 synthetic voices
in a quiet room, but from only 23 of 40 in noise at 10 dB: the model takes the rest for "[unk]".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from voice_triage.listen.activity import SpeechActivity, mean_dbfs
from voice_triage.listen.evidence import Fits, gather
from voice_triage.listen.frames import FRAME_MS, RATE, AudioSource, Frame, regrouped
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.heard import Evidence
from voice_triage.listen.recognizer import Recognizer

_PRE_ROLL = 800 // FRAME_MS
"""Frames before speech is noticed: its own beginning (100 to 200 ms) and the silence before."""
_QUIET_MS = 600
"""Neither loud sound nor a new word for so long: what was said has ended."""
_UNCHANGED_MS = 1_200
"""No new word for so long, however loud it is: what was said has ended, in a noise."""
_LONGEST_MS = 10_000
"""Talk that goes on is looked at afresh from time to time, which bounds memory and cost."""
_SPEAKING_MS = 300
"""Loud sound no longer ago than this is speech, perhaps; a frame may cut its beginning in two."""
_ALONE_S = 0.4
"""How much sound before and after the phrase must be quieter."""
_ALONE_DB = 6.0
"""How much quieter than the phrase. Inside a sentence the words around it are about as loud."""
_EDGE_S = 0.1
"""Vosk tells where words begin and end only to within some frames of 30 ms."""
_LEAST_S = 0.2
"""Less sound before it than this says nothing about whether it was quiet."""
_CONFIDENCE = 0.8
_MARGIN = 1.0
"""Nats. Each word of a phrase can win at most about 3.6 over "[unk]" with our model, where the
word itself is one of those that stand for "[unk]" at a price of 4."""
_SHORTEST_MS = 150
"""No phrase is shorter."""
_SILENCE: Frame = np.zeros(RATE // 2, np.int16)
"""Before the first sound and after the last one."""


class Listens(Fits, Protocol):
    """The part of Vosk that waiting needs."""

    def recognizer(self, grammar: Grammar) -> Recognizer:
        """A fresh recogniser for one utterance."""


def wait_for(phrase: str, source: AudioSource, vosk: Listens, others: Sequence[str] = ()) -> bool:
    """Idle until `phrase` (lower case) is said by itself, with a silence before and after it.

    `others` are phrases that might be mistaken for it; all words that it doesn't have are anyway.
    True: it was said. False: the source has no more sound. Vosk works only while something is
    louder than the room, and memory doesn't grow, however long it takes.
    Raises ModelError that names the words which the model lacks, and AudioError.
    """
    phrase = " ".join(phrase.split())
    waiting = Waiting(phrase, vosk, others)
    while not source.exhausted:
        lost = source.lost
        for frame in regrouped(source.utterance()):
            if source.lost != lost:
                lost = source.lost
                waiting.miss()
            if waiting.hears(frame):
                return True
        if waiting.ends():
            return True
        waiting.begin()
    return False


class Waiting:
    """Looks for the phrase in sound that comes frame by frame."""

    def __init__(self, phrase: str, vosk: Listens, others: Sequence[str] = ()) -> None:
        """As in `wait_for`. Raises ModelError that names the words which the model lacks."""
        self._phrase = phrase
        self._grammar = Grammar((phrase,))
        self._vosk = vosk
        self._others = others
        vosk.recognizer(self._grammar)  # a word that it lacks is told now, not at the first sound
        self.begin()

    def begin(self) -> None:
        """Begin anew, with a silence."""
        self._activity = SpeechActivity()
        self._recent: deque[Frame] = deque([_SILENCE], maxlen=_PRE_ROLL)
        self._stretch: _Stretch | None = None

    def miss(self) -> None:
        """Some sound was lost: what lies on both sides of a gap was never said together."""
        self._recent.clear()
        self._stretch = None

    def hears(self, frame: Frame) -> bool:
        """Take a frame; whether with it the phrase was said."""
        self._activity.update(frame)
        quiet_ms = self._activity.elapsed_ms - self._activity.last_speech_ms
        if self._stretch is None:
            self._recent.append(frame)
            # Before any speech `last_speech_ms` is 0, and so is the beginning.
            if self._activity.last_speech_ms and quiet_ms < _SPEAKING_MS:
                self._stretch = _Stretch(self._vosk.recognizer(self._grammar), self._recent)
            return False
        if not self._stretch.feed(frame, quiet_ms):
            return False
        return self._judged()

    def ends(self) -> bool:
        """Whether the phrase was said in the very end of the sound."""
        if self._stretch is None:
            return False
        self._stretch.feed(_SILENCE, 0)
        return self._judged()

    def _judged(self) -> bool:
        stretch, self._stretch = self._stretch, None
        self._recent.clear()
        if stretch is None:
            return False
        text, confidence = stretch.recognizer.finish()
        span = stretch.recognizer.span
        if text != self._phrase or span is None:
            return False
        if not _alone(np.concatenate(stretch.frames), *span):
            return False
        evidence = gather(stretch.frames, text, span, self._vosk, self._others, lambda said: said)
        return evidence is not None and _sure(confidence, evidence)


class _Stretch:
    """Sound from shortly before something was said until it has ended."""

    def __init__(self, recognizer: Recognizer, before: Iterable[Frame]) -> None:
        self.recognizer = recognizer
        self.frames = list(before)
        self._text = ""
        self._ms = 0.0
        self._changed_ms = 0.0
        for frame in self.frames:
            self._text = recognizer.feed(frame)

    def feed(self, frame: Frame, quiet_ms: float) -> bool:
        """Take a frame; whether what was said has ended."""
        self.frames.append(frame)
        self._ms += len(frame) * 1000 / RATE
        text = self.recognizer.feed(frame)
        if text != self._text:
            self._text, self._changed_ms = text, self._ms
        unchanged_ms = self._ms - self._changed_ms
        return (
            min(quiet_ms, unchanged_ms) >= _QUIET_MS
            or unchanged_ms >= _UNCHANGED_MS
            or self._ms >= _LONGEST_MS
        )


def _sure(confidence: float, evidence: Evidence) -> bool:
    return (
        confidence >= _CONFIDENCE
        and evidence.agrees
        and evidence.margin >= _MARGIN
        and evidence.speech_ms >= _SHORTEST_MS
    )


def _alone(sound: Frame, begin_s: float, end_s: float) -> bool:
    """Whether it is quieter before and after that part of the sound."""
    edge, around = round(_EDGE_S * RATE), round(_ALONE_S * RATE)
    begin, end = round(begin_s * RATE), round(end_s * RATE)
    before = sound[max(0, begin - edge - around) : max(0, begin - edge)]
    after = sound[end + edge : end + edge + around]
    limit = mean_dbfs(sound[begin:end]) - _ALONE_DB
    if min(len(before), len(after)) < _LEAST_S * RATE:
        return False
    return mean_dbfs(before) <= limit and mean_dbfs(after) <= limit
