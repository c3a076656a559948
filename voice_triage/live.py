"""A microphone and the ears that hear with it, put together as a command's words ask for."""

from __future__ import annotations

import time
from collections.abc import Callable

from voice_triage import assemble
from voice_triage.config import ENDPOINTS, OVERLAP
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import LiveSource, Overlap
from voice_triage.listen.listener import Listener
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import Microphone

OpenMicrophone = Callable[[int | str | None], LiveSource]
"""Opens the microphone that sounddevice calls so; None: the default. Raises MicrophoneError."""


def _as_it_is(source: LiveSource) -> LiveSource:
    return source


class LiveEars:
    """One microphone, opened anew as often as it takes; what was learned of its echo stays."""

    def __init__(
        self, device: str | None, vosk: Vosk, hearing: Hearing, barge_in: bool = False,
        watched: Callable[[LiveSource], LiveSource] = _as_it_is,
        microphone: OpenMicrophone = Microphone, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`device`: as `voice-triage devices` lists it. `watched` is put around the microphone.
        `microphone` opens it, and `clock`, in s, is that of what is played. Opens nothing yet."""
        self._device, self._vosk, self._hearing = device, vosk, hearing
        self._watched, self._microphone = watched, microphone
        self._overlap = Overlap(OVERLAP, barge_in, clock)
        self._source: LiveSource | None = None
        self.listener: Listener | None = None
        """What listens to the microphone that is open."""

    def open(self) -> LiveSource:
        """The microphone, closed before if it was open. Raises MicrophoneError."""
        self.close()
        self._source = self._watched(self._microphone(assemble.device(self._device)))
        return self._source

    @property
    def source(self) -> LiveSource:
        """The microphone, opened if it isn't open. Raises MicrophoneError."""
        return self._source or self.open()

    def ears(self) -> MicrophoneEars:
        """Ears for one conversation with the microphone. Raises MicrophoneError."""
        source = self.source
        self.listener = assemble.listener(source, self._vosk)
        return MicrophoneEars(source, self.listener, self._hearing, ENDPOINTS, self._overlap)

    def forget(self) -> None:
        """Drop the sound of what was heard last."""
        self.listener = None

    def close(self) -> None:
        """Let go of the microphone. Calling it again does nothing."""
        source, self._source = self._source, None
        if source is not None:
            source.close()
