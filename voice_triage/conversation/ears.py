"""Where answers come from: a microphone or recording, or the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from voice_triage.answers import Meaning
from voice_triage.conversation.understanding import Grammars, Understanding
from voice_triage.errors import AudioError
from voice_triage.listen.heard import Heard

if TYPE_CHECKING:  # it loads numpy, which who types answers need not wait for
    from voice_triage.listen.listener import Listener


class Ears(Protocol):
    """Hears one answer at a time."""

    def hear(self, question: str, begin_ms: int | None = None) -> Heard:
        """What is said to `question`. `begin_ms`: how long to wait for the first word, if not as
        usual. Raises AudioError when nothing can be heard any more."""


class SpokenEars:
    """Hears with a microphone or a recording."""

    def __init__(
        self, listener: Listener, grammars: Grammars, understanding: Understanding
    ) -> None:
        self._listener = listener
        self._grammars = grammars
        self._understanding = understanding

    def hear(self, question: str, begin_ms: int | None = None) -> Heard:
        """Listen until the answer has ended. Raises AudioError and ModelError."""

        def accepts(text: str) -> bool:
            return self._understanding.interpret(question, text).meaning is not Meaning.NONE

        return self._listener.hear(self._grammars.grammar(question), accepts, begin_ms)


class TypedEars:
    """Reads answers from a keyboard, a line each; the end of input is the end of the answers."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    def hear(self, question: str, begin_ms: int | None = None) -> Heard:  # noqa: ARG002 - the protocol has it
        """The next line; somebody who types isn't hurried, so `begin_ms` doesn't apply."""
        line = self._lines.readline()
        return Heard(line.strip(), 1.0, 0.0, ended=not line)


class FallbackEars:
    """Hears with `first` until that fails, then with `second` for good."""

    def __init__(self, first: Ears, second: Ears, on_failure: Callable[[AudioError], None]) -> None:
        self._ears, self._second = first, second
        self._on_failure = on_failure

    def hear(self, question: str, begin_ms: int | None = None) -> Heard:
        """As the ears in use do. Raises AudioError when `second` fails too."""
        try:
            return self._ears.hear(question, begin_ms)
        except AudioError as error:
            if self._ears is self._second:
                raise
            self._ears = self._second
            self._on_failure(error)
            return self._ears.hear(question, begin_ms)
