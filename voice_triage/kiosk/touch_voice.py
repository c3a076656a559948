"""A voice that a tap silences."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voice_triage.conversation.voice import Speaking, Voice
from voice_triage.kiosk.touch import Touch
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import USUAL, Manner
from voice_triage.speak.speaker import Unspoken

_LOOK_S = 0.05
"""The end of a sentence is noticed that late; the pause between two is longer."""


class TouchVoice:
    """Speaks as `voice` does; from a tap until that is taken, nothing is said."""

    def __init__(self, voice: Voice, touch: Touch, alive: Callable[[], None]) -> None:
        """`alive` is called again and again while `say` speaks."""
        self._voice, self._touch, self._alive = voice, touch, alive

    def say(self, text: str, manner: Manner = USUAL) -> bool:
        """As the voice says it; a tap ends it. Raises KeyboardInterrupt at the program's end."""
        speaking = self.begin(text, manner)
        while not speaking.done:
            self._alive()
            self._touch.wait(_LOOK_S)
        return speaking.wait()

    def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Speaking:
        """As the voice begins it."""
        if self._touch.touched:
            return Unspoken()
        speaking = self._voice.begin(text, manner, after)
        self._touch.stops(speaking)
        return speaking

    def prepare(self, texts: Iterable[str], manner: Manner) -> None:
        """As the voice prepares them."""
        self._voice.prepare(texts, manner)

    def tone(self, which: Earcon) -> bool:
        """As the voice plays it."""
        return self._voice.tone(which)
