"""What an answer can mean."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What somebody meant. The names are those of `--json`."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    REPEAT = "repeat"
    HELP = "help"
    BACK = "back"
    STOP = "stop"
    PAUSE = "pause"
    SYMPTOM = "symptom"
    """A symptom was reported and nothing that answers the question; `Answer.symptoms` has it."""
    NONE = "none"
    """Nothing that is known, or a contradiction: never a guess."""


@dataclass(frozen=True)
class Answer:
    """One utterance, understood."""

    meaning: Meaning
    symptoms: tuple[str, ...] = ()
    """Ids of the questions whose symptom the words themselves report, in the order said."""
    doubtful: bool = False
    """Hedged, taken back once, or said among words that were not understood."""
