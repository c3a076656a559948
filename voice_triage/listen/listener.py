"""One listening turn: from the end of a question to the end of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from voice_triage.listen.activity import level_dbfs
from voice_triage.listen.endpoint import Endpointer
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.frames import FRAME_SAMPLES, RATE, AudioSource, Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.heard import Evidence, Heard
from voice_triage.listen.recognizer import Recognizer

_LEAD = np.zeros(RATE * 250 // 1000, np.int16)
"""The recogniser needs some silence before a word; a recorded answer may begin with it."""
_TAIL = np.zeros(RATE * 500 // 1000, np.int16)
"""And some after it, or it holds back the last word."""
_PROBE_MS = 100
"""So much silence is a reason to ask what has been said so far."""
_PROBE_SPEECH_MS = 4000
"""Longer talk isn't asked about: it is no short answer, and hearing it again takes time."""
_FADING_MS = 200
"""A word's end fades by so much; who speaks for longer has said something else."""
_PREROLL_MS = 300
"""A word begins more softly than the loudness that tells it from the room."""

Examine = Callable[[Sequence[Frame], str, tuple[float, float] | None], Evidence | None]
"""Evidence for a text: the frames that the recogniser was fed, the text, and where in seconds of
that sound its words begin and end."""
Accepts = Callable[[Heard], Patience | None]
"""When what was heard so far is a whole answer; None: it isn't one. Its confidence is 0, and there
is no evidence, where only the text is known yet."""


class MakesRecognizers(Protocol):
    """The part of Vosk that listening needs."""

    def recognizer(self, grammar: Grammar) -> Recognizer:
        """A fresh recogniser for one utterance."""


class Listener:
    """Hears one answer at a time from one source."""

    def __init__(self, source: AudioSource, vosk: MakesRecognizers, times: EndpointTimes) -> None:
        self.source = source
        self._vosk = vosk
        self._times = times
        self._turn: _Turn | None = None

    @property
    def frames(self) -> list[Frame]:
        """The sound of this turn so far, or of the last one, from before somebody spoke."""
        return [] if self._turn is None else self._turn.frames

    def hear(
        self,
        grammar: Grammar,
        accepts: Accepts,
        times: EndpointTimes | None = None,
        on_level: Callable[[float], None] | None = None,
        sound: Iterator[Frame] | None = None,
        before: Sequence[Frame] = (),
        examine: Examine | None = None,
        hurry: bool = False,
    ) -> Heard:
        """Listen until the speaker has finished, or hasn't begun in time.

        `times` stand in for the usual ones, for this turn. `on_level` gets each frame's level in
        dBFS. `sound`: frames to listen to instead of a new turn of the source's; `before`: what was
        heard of this answer already; `examine` gathers evidence for what is heard, and only with it
        is the sound kept. `hurry`: somebody waits for a reply, so ask in each silence whether it
        was all. A recording that ends in the middle still gives what was said; only the next turn
        is `ended`.
        Raises AudioError and ModelError.
        """
        self._turn = None
        if self.source.exhausted:
            return Heard("", 0.0, 0.0, ended=True)
        lost_before = self.source.lost
        # The microphone listens from here on, while the recogniser is being made.
        sound = self.source.utterance() if sound is None else sound
        turn = self._turn = _Turn(
            self._vosk, grammar, accepts, times or self._times, examine, hurry
        )
        turn.take_all(before)
        for frame in sound:
            if on_level is not None:
                on_level(level_dbfs(frame))
            if turn.take(frame):
                break
        if not turn.samples:
            return Heard("", 0.0, 0.0, ended=self.source.exhausted)
        heard = turn.finish().heard(turn.samples / RATE)
        return replace(heard, lost=self.source.lost - lost_before, babble=turn.babble)


@dataclass(frozen=True)
class _Found:
    text: str
    confidence: float
    evidence: Evidence | None

    def heard(self, seconds: float) -> Heard:
        return Heard(self.text, self.confidence, seconds, evidence=self.evidence)


class _Turn:
    """One utterance on its way in."""

    def __init__(
        self, vosk: MakesRecognizers, grammar: Grammar, accepts: Accepts, times: EndpointTimes,
        examine: Examine | None, hurry: bool,
    ) -> None:  # fmt: skip
        self._vosk, self._grammar = vosk, grammar
        self._accepts, self._examine, self._hurry = accepts, examine, hurry
        self._recognizer = vosk.recognizer(grammar)
        self._recognizer.feed(_LEAD)
        self._endpointer = Endpointer(times)
        self._probed_ms = -1.0
        self._probe: _Found | None = None
        self._examined_last: _Found | None = None
        self._examined_ms = 0.0
        self._found: _Found | None = None
        self._ended = False
        self.samples = 0
        self.frames: list[Frame] = []
        self._dropped_ms = 0.0
        self._unfed: list[Frame] = []
        self._text = ""

    @property
    def babble(self) -> bool:
        """Ended because nobody needs so long."""
        return self._endpointer.babble and self._found is None

    def take_all(self, frames: Iterable[Frame]) -> None:
        """Take what was heard earlier, whatever it means by itself."""
        for frame in frames:
            self._feed(frame)
            self._endpointer.update(frame, "", None)

    def take(self, frame: Frame) -> bool:
        """Take the next frame. True: the answer has ended."""
        text = self._feed(frame)
        patience = self._accepts(Heard(text, 0.0, 0.0)) if text else None
        self._ended = self._endpointer.update(frame, text, patience) or (
            self._hurry and self._asked()
        )
        return self._ended

    def finish(self) -> _Found:
        """What was said, and how sure that is."""
        if self._found is not None:
            return self._found
        self._flush()
        if not self._ended:
            self._recognizer.feed(_TAIL)
        return self._examined(self._recognizer, self._dropped_ms / 1000)

    def _feed(self, frame: Frame) -> str:
        self.samples += len(frame)
        self.frames.append(frame)
        if self._examine is None:
            self._forget(self._endpointer.elapsed_ms)  # an hour's recording needs no memory
        elif self._endpointer.speech_ms is None:
            self._forget(self._endpointer.elapsed_ms - 3000)
        self._unfed.append(frame)
        if sum(map(len, self._unfed)) >= FRAME_SAMPLES:
            self._flush()
        return self._text

    def _flush(self) -> None:
        """Give the recogniser what it hasn't had: it works in larger pieces than microphones."""
        if self._unfed:
            self._text = self._recognizer.feed(np.concatenate(self._unfed))
            self._unfed.clear()

    def _forget(self, before_ms: float) -> None:
        """Drop frames that ended before that moment: a wait of minutes needs no memory."""
        while self.frames and self._dropped_ms + len(self.frames[0]) * 1000 / RATE < before_ms:
            self._dropped_ms += len(self.frames.pop(0)) * 1000 / RATE

    def _asked(self) -> bool:
        """In a silence, ask what was said so far: the recogniser itself tells words only when it
        has heard half a second more. True: it was a whole answer."""
        speech = self._endpointer.speech_ms
        if speech is None:
            return False
        began_ms, ended_ms = speech
        silence_ms = self._endpointer.elapsed_ms - ended_ms
        if silence_ms < _PROBE_MS or ended_ms - began_ms > _PROBE_SPEECH_MS:
            return False
        if self._probed_ms != ended_ms:
            self._probed_ms, self._probe = ended_ms, self._hear_again(began_ms - _PREROLL_MS)
        found = self._probe
        patience = self._accepts(found.heard(0.0)) if found is not None and found.text else None
        if patience is None or silence_ms < self._endpointer.silence_ms(patience):
            return False
        self._found = found
        return True

    def _hear_again(self, from_ms: float) -> _Found:
        self._forget(from_ms)
        recognizer = self._vosk.recognizer(self._grammar)
        recognizer.feed(np.concatenate((_LEAD, *self.frames, _TAIL)))
        return self._examined(recognizer, 0.0)

    def _examined(self, recognizer: Recognizer, dropped_s: float) -> _Found:
        """What it heard, with evidence for it. `dropped_s` of what it was fed is no longer here."""
        text, confidence = recognizer.finish()
        evidence = None
        known = self._examined_last
        ended_ms = (self._endpointer.speech_ms or (0.0, 0.0))[1]
        fading = ended_ms - self._examined_ms <= _FADING_MS
        if known is not None and fading and (text, confidence) == (known.text, known.confidence):
            return known  # the same words in the same sound, with a little more silence after it
        if text and self._examine is not None:
            span = recognizer.span
            here = span and (span[0] - dropped_s, span[1] - dropped_s)
            evidence = self._examine((_LEAD, *self.frames, _TAIL), text, here)
        self._examined_last, self._examined_ms = _Found(text, confidence, evidence), ended_ms
        return self._examined_last
