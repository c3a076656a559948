"""A microphone that goes away and comes back: the person is told, and nothing is skipped."""

from __future__ import annotations

import time
from collections.abc import Callable

from voice_triage.conversation.ears import Ears
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.voice import Speaking
from voice_triage.errors import MicrophoneError
from voice_triage.listen.heard import Heard

_RETRY_S = 0.5


class RevivingEars:
    """Hears with a microphone; when that is lost, opens it again and again for a while."""

    def __init__(
        self, open_ears: Callable[[], Ears], on_lost: Callable[[MicrophoneError], None],
        patience_s: float, pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`open_ears` opens the microphone and closes what was open before; it raises
        MicrophoneError, the first time at once. `on_lost` is told each time that it was lost.
        `pause` lets so many seconds pass between two tries; what it raises ends the turn, and the
        next turn goes on trying. `clock`: in s."""
        self._open, self._on_lost, self._patience_s = open_ears, on_lost, patience_s
        self._pause, self._clock = pause, clock
        self._ears: Ears | None = open_ears()
        self._lost: MicrophoneError | None = None
        self._until_s = 0.0

    def attend(self, speaking: Speaking) -> None:
        """As the microphone's ears do; that it was lost is noticed when it is needed."""
        try:
            if self._ears is not None:
                self._ears.attend(speaking)
        except MicrophoneError:
            pass
        speaking.wait()

    def hear(
        self, listen: Listen, speaking: Speaking | None, on_listening: Callable[[bool], None]
    ) -> Heard:
        """As the microphone's ears do; a turn in which it was lost is `interrupted`. Raises
        AudioError when it doesn't come back in time, and ModelError."""
        if self._ears is not None:
            try:
                return self._ears.hear(listen, speaking, on_listening)
            except MicrophoneError as error:
                self._ears, self._lost = None, error
                self._until_s = self._clock() + self._patience_s
                if speaking is not None:
                    speaking.wait()
                self._on_lost(error)
        elif speaking is not None:
            speaking.wait()
        self._ears = self._revived()
        return Heard("", 0.0, 0.0, interrupted=True)

    def _revived(self) -> Ears:
        error = self._lost
        while self._clock() < self._until_s:
            try:
                return self._open()
            except MicrophoneError as again:
                error = again
            self._pause(_RETRY_S)
        raise error or MicrophoneError("The microphone doesn't come back. Plug it in again.")
