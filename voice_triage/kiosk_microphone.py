"""The kiosk's microphone: between sessions it waits for the start word, within them it answers."""

from __future__ import annotations

from collections.abc import Callable

from voice_triage import assemble
from voice_triage.config import ENDPOINTS, MICROPHONE_BACK_S
from voice_triage.conversation.ears import Ears, FallbackEars
from voice_triage.conversation.events import Observer, Trouble
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.overlap import LiveSource
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.reviving_ears import RevivingEars
from voice_triage.conversation.script import Script
from voice_triage.conversation.understanding import Grammars
from voice_triage.conversation.voice import Voice
from voice_triage.errors import AudioError, MicrophoneError
from voice_triage.kiosk.labels import Says
from voice_triage.kiosk.touch import Touch
from voice_triage.kiosk.touch_ears import (
    TouchEars,
    TouchOnlyEars,
    TouchSource,
    pause,
    spoken_presses,
)
from voice_triage.listen.activity import level_dbfs
from voice_triage.listen.frames import LIVE_FRAME_MS, Frame
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import Microphone
from voice_triage.listen.start_word import wait_for
from voice_triage.live import LiveEars, OpenMicrophone

_LEVEL_FRAMES = 100 // LIVE_FRAME_MS
"""The level is told ten times a second."""


class _TimeUpError(Exception):
    """Nobody has said the start word in time."""


class KioskMicrophone:
    """One microphone for all sessions, or none: then touch alone answers."""

    def __init__(
        self, script: Script, vosk: Vosk, device: str | None, touch: Touch, says: Says,
        start_word: str, on_level: Callable[[float], None], alive: Callable[[], None],
        barge_in: bool = False, microphone: OpenMicrophone = Microphone,
    ) -> None:  # fmt: skip
        """`on_level` is told in dBFS how loud it is. `alive` is called with every frame.
        `microphone` opens it. Raises ModelError when the model can't hear yes and no, or the start
        word."""
        grammars = Grammars(script.understanding, vosk.knows)
        for question in script.flow.questions:
            grammars.grammar(question)
        vosk.recognizer(Grammar((start_word,)))
        self.unheard = sorted({w for q in script.flow.questions for w in grammars.unheard(q)})
        """Words that the model doesn't know."""
        self._script, self._vosk, self._touch, self._says = script, vosk, touch, says
        self._start_word, self._on_level, self._alive = start_word, on_level, alive
        self._texts = spoken_presses(assemble.lexicon())
        self._until_s: float | None = None
        self._frames = 0
        hearing = Hearing(grammars, script.understanding, vosk, script.limits.clarity)
        self._live = LiveEars(device, vosk, hearing, barge_in, self._watched, microphone, touch.now)

    def open(self) -> None:
        """Open it, unless it is open. Raises MicrophoneError."""
        self._live.source  # noqa: B018 - it is opened by that

    def close(self) -> None:
        """Let go of it."""
        self._live.close()
        self.forget()

    def forget(self) -> None:
        """Drop what was heard last."""
        self._live.forget()

    def starts(self, seconds: float) -> bool:
        """Wait so long for the start word. Raises TouchedError and MicrophoneError."""
        self._until_s = self._touch.now() + seconds
        try:
            return wait_for(self._start_word, self._live.source, self._vosk)
        except _TimeUpError:
            return False
        finally:
            self._until_s = None

    def ears(self, voice: Voice, tell: Observer) -> Ears:
        """Ears for one conversation, which take taps; with the microphone, while there is one."""
        touched = TouchOnlyEars(self._touch, ENDPOINTS, self._alive)

        def away(_problem: AudioError) -> None:
            text = self._script.phrases.microphone_away
            tell(Trouble(f"{text} {self._says.deaf}"))
            voice.say(spoken(text))

        def lost(_problem: AudioError) -> None:
            tell(Trouble(self._says.deaf))

        def retry(seconds: float) -> None:
            pause(self._touch, seconds, self._alive)

        try:
            live = RevivingEars(self._opener(), away, MICROPHONE_BACK_S, retry, self._touch.now)
        except MicrophoneError as error:
            lost(error)
            return TouchEars(touched, self._touch, self._texts)
        return TouchEars(FallbackEars(live, touched, lost), self._touch, self._texts)

    def _opener(self) -> Callable[[], Ears]:
        """Opens ears: the first time with the microphone as it is, then anew."""
        first = True

        def open_ears() -> Ears:
            nonlocal first
            if not first:
                self._live.close()
            first = False
            return self._live.ears()

        return open_ears

    def _watched(self, source: LiveSource) -> LiveSource:
        return TouchSource(source, self._touch, self._heard)

    def _heard(self, frame: Frame) -> None:
        self._alive()
        if self._until_s is not None and self._touch.now() > self._until_s:
            raise _TimeUpError
        self._frames += 1
        if self._frames % _LEVEL_FRAMES == 0:
            self._on_level(level_dbfs(frame))
