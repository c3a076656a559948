"""Ears that take taps too: at any time, with a microphone or without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from voice_triage.answers import Lexicon, Meaning
from voice_triage.conversation.ears import Ears, timed
from voice_triage.conversation.passing import Passing
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.kiosk.touch import Press, Touch, TouchedError
from voice_triage.listen.endpoint_times import EndpointTimes
from voice_triage.listen.heard import Heard

if TYPE_CHECKING:  # they load numpy
    from voice_triage.conversation.overlap import LiveSource
    from voice_triage.listen.frames import Frame

Texts = Mapping[Press, str]

_ALIVE_S = 0.5


def spoken_presses(lexicon: Lexicon) -> Texts:
    """What a person would say instead of touching each button that answers, from the language's
    own likeliest utterances. A KeyError: the lexicon lacks a meaning."""
    said = {utterance.means: utterance.say[0] for utterance in reversed(lexicon.utterances)}
    return {press: said[Meaning(press.value)] for press in Press if press is not Press.START}


class TouchEars:
    """Hears what `ears` hear, and what is touched instead: a tap ends the listening at once."""

    def __init__(self, ears: Ears, touch: Touch, texts: Texts) -> None:
        """`ears` read a `TouchSource` where they have a microphone."""
        self._ears, self._touch, self._texts = ears, touch, texts

    def attend(self, speaking: Speaking) -> None:
        """Wait until it has been said, or somebody touches a button that stops it."""
        try:
            self._touch.check()
            self._ears.attend(speaking)
        except TouchedError:
            speaking.stop()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """What is said or touched. Raises what the ears raise, and KeyboardInterrupt when the
        program is to end."""
        try:
            self._touch.check()
            heard = self._ears.hear(listen, speaking, on_listening)
        except TouchedError:
            if speaking is not None:
                speaking.stop()
            heard = Heard("", 0.0, 0.0)
        press = self._touch.take()
        return heard if press is None else self._touched(self._texts[press], heard)

    def _touched(self, text: str, heard: Heard) -> Heard:
        if not heard.text:
            return Heard(text, 1.0, 0.0)
        # Both at the same moment: neither is lost, and two that differ are read back.
        return replace(heard, text=f"{heard.text} {text}")


class TouchOnlyEars:
    """Hears nothing: waits for a tap as long as the microphone would wait for a word."""

    def __init__(self, touch: Touch, times: EndpointTimes, alive: Callable[[], None]) -> None:
        """`alive` is called again and again while it waits."""
        self._touch, self._times, self._alive = touch, times, alive

    def attend(self, speaking: Speaking) -> None:
        """Wait until it has been said; a tap stops it."""
        speaking.wait()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """Silence, after as much of it as the question waits for. Raises TouchedError."""
        if speaking is not None:
            speaking.wait()
        self._touch.check()
        on_listening(False)
        seconds = timed(self._times, listen).begin_ms / 1000
        pause(self._touch, seconds, self._alive)
        return Heard("", 0.0, seconds)


def pause(touch: Touch, seconds: float, alive: Callable[[], None]) -> None:
    """Let time pass, alive. Raises TouchedError as soon as there is a tap."""
    while seconds > 0:
        alive()
        if touch.wait(min(seconds, _ALIVE_S)):
            raise TouchedError
        seconds -= _ALIVE_S


class TouchSource(Passing):
    """A microphone that stops sending as soon as there is a tap, whoever is listening to it."""

    def __init__(self, source: LiveSource, touch: Touch, on_frame: Callable[[Frame], None]) -> None:
        """`on_frame` is shown each frame that comes. What listens gets TouchedError."""
        super().__init__(source)
        self._touch, self._on_frame = touch, on_frame

    def _pass(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self._on_frame(frame)
            self._touch.check()
            yield frame
