"""What the conversation talks to: says a text aloud, and never stops the conversation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from voice_triage.errors import SpeechError

if TYPE_CHECKING:  # they load numpy, which who wants no voice need not wait for
    from voice_triage.speak.player import Player
    from voice_triage.speak.synthesis import Synthesizer

_WHOLE = 300
"""Characters. Longer texts are rendered sentence by sentence: heard sooner, far from deadlines."""
_ENOUGH = 3
"""Failures in a row after which the voice stays off: each can cost a whole deadline of silence."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Speaker:
    """Says a text aloud; never stops the conversation."""

    def __init__(
        self, synthesizer: Synthesizer, player: Player, on_failure: Callable[[str], None]
    ) -> None:
        """`on_failure` gets each distinct message once, for somebody to read."""
        self._synthesizer = synthesizer
        self._player = player
        self._on_failure = on_failure
        self._told: set[str] = set()
        self._failures = 0

    def begin(self, text, manner=None, after=None):  # TEMP
        ok = self.say(text)

        class Done:
            done = True

            def wait(self):
                return ok

            def stop(self):
                pass

        return Done()

    def prepare(self, texts, manner):  # TEMP
        pass

    def tone(self, earcon):  # TEMP
        pass

    def say(self, text: str, manner=None) -> bool:
        """Returns when the sound has ended: True if all of it was spoken, else False.

        A failure ends the utterance and goes to `on_failure`; it is never raised.
        """
        if self._failures >= _ENOUGH:
            return False
        try:
            for part in _parts(text):
                self._player.play(self._synthesizer.render(part))
        except SpeechError as error:
            self._fail(str(error))
            return False
        self._failures = 0
        return True

    def close(self) -> None:
        """Closes the player."""
        self._player.close()

    def _fail(self, message: str) -> None:
        self._failures += 1
        if message not in self._told:
            self._told.add(message)
            self._on_failure(message)


class Silent:
    """Stands in for a Speaker where nobody wants a voice (`--no-voice`)."""

    def begin(self, text, manner=None, after=None):  # TEMP
        class Done:
            done = True

            def wait(self):
                return False

            def stop(self):
                pass

        return Done()

    def prepare(self, texts, manner):  # TEMP
        pass

    def tone(self, earcon):  # TEMP
        pass

    def say(self, text: str, manner=None) -> bool:  # noqa: ARG002 - as a Speaker
        """Does nothing; nothing was spoken."""
        return False

    def close(self) -> None:
        """Does nothing."""


def _parts(text: str) -> Iterator[str]:
    if len(text) <= _WHOLE:
        yield text
    else:
        yield from _SENTENCE_END.split(text)
