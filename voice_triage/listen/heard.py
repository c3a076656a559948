"""What came out of listening once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """What else than Vosk's confidence speaks for the words that were heard."""

    margin: float
    """How much worse the sound fits anything else that might have been said, sounds of any kind
    ("[unk]") among it, in nats over the whole utterance; 0: something else fits as well."""
    agrees: bool
    """Decoded a second time, without expecting any answer more than another, it means the same."""
    speech_ms: float
    """From the beginning of the first recognised word to the end of the last."""
    snr_db: float
    """Level of those words over the floor of the room in the same turn."""


@dataclass(frozen=True)
class Heard:
    """One listening turn, from the end of the question to the end of the answer."""

    text: str
    """The recognised words, lower case; "[unk]" for a word not in the grammar; "" is nothing."""
    confidence: float
    """0..1: the least sure of the words other than "[unk]"; 0 when there are none."""
    seconds: float
    """Length of the sound that was listened to."""
    lost: int = 0
    """Blocks of sound that the device lost meanwhile; above 0 the turn counts as not understood."""
    ended: bool = False
    """The source had no more sound: nobody can answer any more."""
    evidence: Evidence | None = None
    """None when no words were heard, and where there is no sound: answers that were typed."""
    babble: bool = False
    """The speaker was still talking when the time for talking was up."""
    continues: bool = False
    """They had only paused: this is the turn before with what they said after it, and stands
    instead of it."""
    interrupted: bool = False
    """The microphone went and came back; what was said meanwhile is lost."""
