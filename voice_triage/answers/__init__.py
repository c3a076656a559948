"""What somebody meant by what they said: words in, a meaning out. Pure."""

from voice_triage.answers.interpret import interpret
from voice_triage.answers.lexicon import Lexicon, load
from voice_triage.answers.model import COMMANDS, Answer, Meaning

__all__ = ["COMMANDS", "Answer", "Lexicon", "Meaning", "interpret", "load"]
