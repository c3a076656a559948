"""The names of the short tones."""

from enum import StrEnum


class Earcon(StrEnum):
    """A short tone that says what words would take too long for."""

    LISTENING = "listening"
    """Rising: now it listens."""
    HEARD = "heard"
    """Falling: it has heard something."""
