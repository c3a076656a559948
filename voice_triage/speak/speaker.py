"""What the conversation talks to: says a text aloud, and never stops the conversation."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from voice_triage.errors import SpeechError
from voice_triage.speak.ahead import Ahead
from voice_triage.speak.earcons import Earcon, earcon
from voice_triage.speak.manner import USUAL, Manner
from voice_triage.speak.speaking import Speaking

if TYPE_CHECKING:  # they load numpy, which who wants no voice need not wait for
    from voice_triage.speak.player import Player
    from voice_triage.speak.synthesis import Speech, Synthesizer

_WHOLE = 300
"""Characters. Longer texts are rendered sentence by sentence: heard sooner, far from deadlines."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_GAP_S = 0.03
"""Between a tone and the text after it; with the silence that a text keeps, 0.04 s."""
_RATE = 22050
"""Hz, for a tone by itself."""


class Speaker:
    """Says a text aloud; never stops the conversation.

    It goes on trying after a failure: `Pyttsx3` and `Loudspeaker` see to it that a try costs little
    once they have hung.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        player: Player,
        on_failure: Callable[[str], None],
        on_recovery: Callable[[], None] | None = None,
        *,
        earcons: bool = True,
    ) -> None:
        """`synthesizer`: a `CachedSynthesizer`, if `prepare` is to be of any use.

        `on_failure` gets each distinct message once, for somebody to read, until speech has worked
        again; `on_recovery` is called when it does. Both are called in the thread that speaks,
        before `say` or `Speaking.wait` returns. Without `earcons` no tone is played.
        """
        self._synthesizer = synthesizer
        self._player = player
        self._on_failure = on_failure
        self._on_recovery = on_recovery
        self._earcons = earcons
        self._ahead = Ahead(synthesizer)
        self._told: set[str] = set()
        self._telling = threading.Lock()
        self._current: Speaking | Unspoken = Unspoken()

    def say(self, text: str, manner: Manner = USUAL, after: Earcon | None = None) -> bool:
        """Returns when the sound has ended: True if all of it was spoken, else False.

        A failure ends the utterance and goes to `on_failure`; it is never raised. Ctrl-C stops the
        sound at once.
        """
        return self.begin(text, manner, after).wait()

    def begin(self, text: str, manner: Manner = USUAL, after: Earcon | None = None) -> Speaking:
        """Begins to say a text, and returns at once. What still plays is stopped.

        `after`: the tone that leads into it without a break. A failure goes to `on_failure`.
        """
        return self._begin(self._sounds(text, manner, after), self._tell)

    def tone(self, which: Earcon, manner: Manner = USUAL) -> bool:
        """Returns when the tone has physically ended; True if there was one."""
        if not self._earcons:
            return False
        return self._begin(_tone_alone(which, manner), self._tell_failure).wait()

    def prepare(self, texts: Iterable[str], manner: Manner = USUAL) -> None:
        """Renders what may come next, in the background and in this order; returns at once.

        What an earlier call asked for and isn't begun is dropped. Never raises; a failure shows
        when the text is said.
        """
        parts = [part for text in texts for part in _parts(text)]
        self._ahead.prepare(parts, manner.words_per_minute)

    def close(self) -> None:
        """Stops rendering ahead, and closes the player. A second call does nothing."""
        self._current.stop()
        self._ahead.close()
        self._player.close()

    def _begin(
        self, sounds: Iterator[Speech], tell: Callable[[SpeechError | None], None]
    ) -> Speaking:
        # Its player would stop the sound, but not a text that has parts to come.
        self._current.stop()
        self._current = speaking = Speaking(sounds, self._player, tell)
        return speaking

    def _sounds(self, text: str, manner: Manner, after: Earcon | None) -> Iterator[Speech]:
        from voice_triage.speak.shape import amplified, joined, trimmed

        parts = list(_parts(text))
        for index, part in enumerate(parts):
            with self._ahead.giving_way():
                speech = self._synthesizer.render(part, manner.words_per_minute)
            # The silence that espeak-ng ends a text with is the pause between two sentences.
            speech = trimmed(speech, tail=index == len(parts) - 1)
            if after is not None and self._earcons and not index:
                speech = joined([earcon(after, speech.rate), speech], _GAP_S)
            yield amplified(speech, manner.gain_db)

    def _tell(self, failure: SpeechError | None) -> None:
        with self._telling:
            if failure is None:
                recovered = bool(self._told)
                self._told.clear()
                if recovered and self._on_recovery:
                    self._on_recovery()
            elif (message := str(failure)) not in self._told:
                self._told.add(message)
                self._on_failure(message)

    def _tell_failure(self, failure: SpeechError | None) -> None:
        """For a tone: that it was heard doesn't mean that speech works."""
        if failure is not None:
            self._tell(failure)


class Silent:
    """Stands in for a Speaker where nobody wants a voice (`--no-voice`)."""

    def say(
        self,
        text: str,  # noqa: ARG002 - as a Speaker
        manner: Manner = USUAL,  # noqa: ARG002
        after: Earcon | None = None,  # noqa: ARG002
    ) -> bool:
        """Does nothing; nothing was spoken."""
        return False

    def begin(
        self,
        text: str,  # noqa: ARG002 - as a Speaker
        manner: Manner = USUAL,  # noqa: ARG002
        after: Earcon | None = None,  # noqa: ARG002
    ) -> Unspoken:
        """Over at once."""
        return Unspoken()

    def tone(self, which: Earcon, manner: Manner = USUAL) -> bool:  # noqa: ARG002
        """Does nothing; there was no tone."""
        return False

    def prepare(self, texts: Iterable[str], manner: Manner = USUAL) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


class Unspoken:
    """As a `Speaking`, of which nothing is heard."""

    done = True
    played = None

    def wait(self) -> bool:
        """Nothing was spoken."""
        return False

    def stop(self) -> None:
        """Does nothing."""


def _parts(text: str) -> Iterator[str]:
    if len(text) <= _WHOLE:
        yield text
    else:
        yield from _SENTENCE_END.split(text)


def _tone_alone(which: Earcon, manner: Manner) -> Iterator[Speech]:
    from voice_triage.speak.shape import amplified

    yield amplified(earcon(which, _RATE), manner.gain_db)
