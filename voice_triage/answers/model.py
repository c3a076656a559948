"""What an answer can mean."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What somebody meant. `told` is its name in JSON."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    REPEAT = "repeat"
    HELP = "help"
    BACK = "back"
    STOP = "stop"
    PAUSE = "pause"
    CONTINUE = "continue"
    RESTART = "restart"
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    QUIETER = "quieter"
    SYMPTOM = "symptom"
    """A symptom was reported and nothing that answers the question; `Answer.symptoms` has it."""
    NONE = "none"
    """Nothing that is known, or a contradiction: never a guess."""

    @property
    def told(self) -> str:
        """The name that programs are given: one of a fixed set (DESIGN's JSON). The commands about
        how the program speaks say the question again, and are told as that."""
        return _TOLD.get(self, self).value


COMMANDS = (
    Meaning.REPEAT, Meaning.HELP, Meaning.BACK, Meaning.STOP, Meaning.PAUSE, Meaning.CONTINUE,
    Meaning.RESTART, Meaning.SLOWER, Meaning.FASTER, Meaning.LOUDER, Meaning.QUIETER,
)  # fmt: skip
"""What isn't an answer but asks the program for something."""

_TOLD = {
    Meaning.CONTINUE: Meaning.NONE,
    Meaning.RESTART: Meaning.BACK,
    Meaning.SLOWER: Meaning.REPEAT,
    Meaning.FASTER: Meaning.REPEAT,
    Meaning.LOUDER: Meaning.REPEAT,
    Meaning.QUIETER: Meaning.REPEAT,
}


@dataclass(frozen=True)
class Answer:
    """One utterance, understood."""

    meaning: Meaning
    symptoms: tuple[str, ...] = ()
    """Ids of the questions whose symptom the words themselves report, in the order said."""
    doubtful: bool = False
    """Hedged, taken back once, or said among words that were not understood."""
    contradictory: bool = False
    """A yes and a no, and neither takes back the other."""
