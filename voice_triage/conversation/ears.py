"""Where answers come from: a microphone or recording, or the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TextIO

from voice_triage.answers import Meaning
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.errors import AudioError
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.heard import Heard

if TYPE_CHECKING:  # it loads numpy, which who types answers need not wait for
    from voice_triage.listen.listener import Listener


class Ears(Protocol):
    """Hears one answer at a time."""

    def attend(self, speaking: Speaking) -> None:
        """Wait until something has been said that wants no answer. Never raises."""

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """What is answered. `speaking`: what the program is still saying; `on_listening` is called
        once it listens; True: with a tone, if there are any. Raises AudioError when nothing can be
        heard any more."""


class RecordedEars:
    """Hears recordings, or raw sound on a pipe: nothing is lost while the program speaks."""

    def __init__(
        self, listener: Listener, hearing: Hearing, times: EndpointTimes, one_each: bool
    ) -> None:
        """`one_each`: each recording is one answer, and ends with it."""
        self._listener, self._hearing, self._times = listener, hearing, times
        silence_ms = times.patient_ms if one_each else times.accepted_ms
        self._patience = Patience(silence_ms, silence_ms)

    def attend(self, speaking: Speaking) -> None:
        """Wait until it has been said."""
        speaking.wait()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """Listen until the answer has ended. Raises AudioError and ModelError."""

        def accepts(heard: Heard) -> Patience | None:
            meaning = self._hearing.meaning(listen.question, heard.text)
            return None if meaning is Meaning.NONE else self._patience

        if speaking is not None:
            speaking.wait()
        on_listening(True)
        return self._listener.hear(
            self._hearing.grammar(listen.question), accepts, timed(self._times, listen),
            examine=partial(self._hearing.examine, listen.question),
        )  # fmt: skip


def timed(times: EndpointTimes, listen: Listen) -> EndpointTimes:
    """The usual times, with what the question or the moment asks for instead."""
    own = listen.timers
    return times.with_times(
        begin_ms=listen.begin_ms or _ms(own.begin_s),
        pause_ms=_ms(own.pause_s),
        talk_ms=_ms(own.talk_s),
    )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


class TypedEars:
    """Reads answers from a keyboard, a line each; the end of input is the end of the answers."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    def attend(self, speaking: Speaking) -> None:
        """Wait until it has been said."""
        speaking.wait()

    def hear(
        self, _listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """The next line; somebody who types isn't hurried, so no times apply."""
        if speaking is not None:
            speaking.wait()
        on_listening(True)
        line = self._lines.readline()
        return Heard(line.strip(), 1.0, 0.0, ended=not line)


class FallbackEars:
    """Hears with `first` until that fails, then with `second` for good."""

    def __init__(self, first: Ears, second: Ears, on_failure: Callable[[AudioError], None]) -> None:
        self._ears, self._second = first, second
        self._on_failure = on_failure

    def attend(self, speaking: Speaking) -> None:
        """As the ears in use do."""
        self._ears.attend(speaking)

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """As the ears in use do. Raises AudioError when `second` fails too."""
        try:
            return self._ears.hear(listen, speaking, on_listening)
        except AudioError as error:
            if self._ears is self._second:
                raise
            self._ears = self._second
            self._on_failure(error)
            return self._ears.hear(listen, None, on_listening)
