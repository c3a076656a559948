"""A voice that isn't heard: saying something only lets the simulated time pass."""

from __future__ import annotations

from collections.abc import Iterable

from voice_triage.conversation.voice import Speaking
from voice_triage.speak.earcons import Earcon
from voice_triage.speak.manner import USUAL, Manner
from voice_triage.testing import Spoken


class SimulatedVoice:
    """Says everything in no time, and knows how long it would have taken."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """How long a loudspeaker would have been busy: by the number of words and the pace."""

    def say(self, text: str, manner: Manner = USUAL) -> bool:
        """Over at once."""
        self.seconds += len(text.split()) * 60 / manner.words_per_minute
        return True

    def begin(self, text: str, manner: Manner, after: Earcon | None = None) -> Speaking:  # noqa: ARG002
        """Over at once."""
        self.say(text, manner)
        return Spoken()

    def prepare(self, texts: Iterable[str], manner: Manner) -> None:
        """Nothing needs rendering."""

    def tone(self, which: Earcon) -> bool:  # noqa: ARG002
        """No tone is heard."""
        return True
