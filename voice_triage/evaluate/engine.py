"""The recognition engine under test, as a seam: another one can stand in for Vosk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from voice_triage.listen.frames import FRAME_SAMPLES, Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Vosk


class Ears(Protocol):
    """An engine with its model loaded."""

    def hear(self, sound: Frame) -> tuple[str, float]:
        """Words and confidence (as in Heard) of one whole utterance, any number of samples."""


class MakesEars(Protocol):
    """Loads an engine; called once by every worker, so it must be picklable."""

    def __call__(self) -> Ears:
        """Raises ModelError."""


@dataclass(frozen=True)
class VoskEars:
    """Makes ears of Vosk."""

    model: Path
    """A model that is ready (see `models.ready`)."""
    grammar: Grammar | None
    """None: listens for any of the model's words."""

    def __call__(self) -> Ears:
        return _VoskEars(Vosk(self.model), self.grammar)


class _VoskEars:
    def __init__(self, vosk: Vosk, grammar: Grammar | None) -> None:
        self._vosk, self._grammar = vosk, grammar

    def hear(self, sound: Frame) -> tuple[str, float]:
        recognizer = self._vosk.recognizer(self._grammar)
        # In pieces, as a microphone would bring them: Vosk is tuned for that.
        for start in range(0, len(sound), FRAME_SAMPLES):
            recognizer.feed(sound[start : start + FRAME_SAMPLES])
        return recognizer.finish()
