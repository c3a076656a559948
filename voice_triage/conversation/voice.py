"""What a conversation needs of a voice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import Manner

if TYPE_CHECKING:  # it loads numpy
    from voice_triage.speak.playback import Played


class Speaking(Protocol):
    """A text on its way out."""

    @property
    def played(self) -> Played | None:
        """What is being played, or was played last; None: no sound has come out yet."""

    @property
    def done(self) -> bool:
        """The sound has physically ended, or has failed."""

    def wait(self) -> bool:
        """Returns when the sound has ended: True if all of it was spoken."""

    def stop(self) -> None:
        """Silence, at once."""


class Voice(Protocol):
    """Says texts aloud. Never raises for want of sound."""

    def say(self, text: str, manner: Manner = Manner()) -> bool:
        """Returns when the sound has physically ended: True if all of it was spoken."""

    def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Speaking:
        """Begins to say it, after a short tone, and returns at once."""

    def prepare(self, texts: Iterable[str], manner: Manner) -> None:
        """Renders ahead what may be said next, likeliest first; returns at once."""

    def tone(self, which: Earcon) -> bool:
        """A short tone; returns when it has physically ended. True if there was one."""
