"""A microphone that somebody stands before: what it hears passes them first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from voice_triage.conversation.overlap import LiveSource
from voice_triage.listen.frames import Frame


class Passing(ABC):
    """A LiveSource like `source`, but for what its frames pass."""

    live = True

    def __init__(self, source: LiveSource) -> None:
        self._source = source

    @property
    def lost(self) -> int:
        """As the microphone has lost."""
        return self._source.lost

    @property
    def exhausted(self) -> bool:
        """As the microphone is."""
        return self._source.exhausted

    def utterance(self) -> Iterator[Frame]:
        """The microphone's frames. Raises AudioError, and what they meet on their way."""
        return self._pass(self._source.utterance())

    def overhear(self) -> Iterator[Frame]:
        """The microphone's frames. Raises AudioError, and what they meet on their way."""
        return self._pass(self._source.overhear())

    def close(self) -> None:
        """Let go of the microphone."""
        self._source.close()

    @abstractmethod
    def _pass(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """What comes of the frames of one turn."""
