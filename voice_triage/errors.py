"""Everything that can go wrong, as one tree. Each says what happened, where, and what to do.

VoiceTriageError
├── DocumentError        a flow, lexicon or phrase file can't be used: one problem a line
├── ModelError           a speech model is missing, broken, or lacks a word
├── AudioError           sound can't be read
│   ├── MicrophoneError  … from a microphone
│   └── RecordingError   … from a file or pipe
├── SpeechError          a text can't be spoken
├── JournalError         a conversation can't be kept, or what was kept can't be read
├── ReportError          a report can't be made
└── UsageError           the command's own words don't fit together
"""

from dataclasses import dataclass
from pathlib import Path


class VoiceTriageError(Exception):
    """Root of the tree. The command line prints its text without a traceback and exits with 2."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file, for a person to mend."""

    path: Path
    """The file, as the user named it."""
    line: int
    """Counted from 1."""
    message: str
    """What is wrong, and what to do."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class DocumentError(VoiceTriageError):
    """A file of ours can't be used; `problems` has at least one entry, in the file's order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ModelError(VoiceTriageError):
    """A speech model is missing, broken, or lacks a word."""


class AudioError(VoiceTriageError):
    """Sound can't be read."""


class MicrophoneError(AudioError):
    """Sound can't be read from a microphone."""


class RecordingError(AudioError):
    """Sound can't be read from a file or a pipe."""


class SpeechError(VoiceTriageError):
    """A text can't be rendered as speech, or the sound can't be played or written."""


class JournalError(VoiceTriageError):
    """A conversation can't be kept, or what was kept of one can't be read or resumed."""


class ReportError(VoiceTriageError):
    """What came of a conversation can't be made into what was asked for."""


class UsageError(VoiceTriageError):
    """The command's own words don't fit together."""
