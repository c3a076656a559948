"""One turn: what the program waits for, and what came of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.answers import Answer, Meaning
from voice_triage.flow import Timers
from voice_triage.listen.heard import Heard


@dataclass(frozen=True)
class Listen:
    """How to listen for the next answer."""

    question: str
    """Id of the question that is being asked, which decides what is listened for."""
    begin_ms: int | None = None
    """How long to wait for the first word; None: as the timers say."""
    timers: Timers = Timers()
    """The question's own times, where it has some."""
    patient: bool = False
    """The speaker pauses for long inside an answer."""
    critical: bool = False
    """A "no" would close an emergency question: better wait too long than cut it off."""
    last: frozenset[Meaning] = frozenset()
    """Answers that may end the questions. Over the advice that then comes nobody can go on."""


@dataclass(frozen=True)
class Turn:
    """What was heard, and how it was understood: all that a conversation goes on from."""

    heard: Heard
    answer: Answer
