"""The same ears as at a microphone, and what they heard kept for a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voice_triage.conversation.ears import Ears
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.listen.activity import SpeechActivity
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.heard import Heard
from voice_triage.replay.microphone import SimulatedMicrophone


@dataclass(frozen=True, eq=False)
class Turn:
    """One listening turn: its sound and what was made of it."""

    question: str
    heard: Heard
    sound: Frame
    """All of it, any number of samples at 16 kHz."""
    speech_s: tuple[float, float] | None
    """From when to when somebody spoke, by its loudness; None: nobody did."""


class ScenarioEars:
    """Hears a simulated microphone with `ears` that were made for a real one."""

    def __init__(self, source: SimulatedMicrophone, ears: Ears) -> None:
        self._source, self._ears = source, ears
        self.turns: list[Turn] = []

    def attend(self, speaking: Speaking) -> None:
        """As those ears."""
        self._ears.attend(speaking)

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """As those ears. Raises AudioError, SpeechError and ModelError."""
        heard = self._ears.hear(listen, speaking, on_listening)
        self._source.stop()
        sound = np.concatenate(self._source.frames or [np.zeros(0, np.int16)])
        self.turns.append(Turn(listen.question, heard, sound, _speech(sound)))
        return heard


def _speech(sound: Frame) -> tuple[float, float] | None:
    activity = SpeechActivity()
    for start in range(0, len(sound), RATE // 2):
        activity.update(sound[start : start + RATE // 2])
    if not activity.began:
        return None
    return activity.first_speech_ms / 1000, activity.last_speech_ms / 1000
