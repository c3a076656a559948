"""What is kept of a conversation: a journal that survives a kill and, if wanted, the sound."""

from voice_triage.record.entries import ENDED, STARTED, TURN, Entry, Header, entries
from voice_triage.record.journal import Journal, NoJournal
from voice_triage.record.kept_audio import KeptAudio
from voice_triage.record.sessions import Sessions

__all__ = [
    "ENDED",
    "STARTED",
    "TURN",
    "Entry",
    "Header",
    "Journal",
    "KeptAudio",
    "NoJournal",
    "Sessions",
    "entries",
]
