"""What happens in a conversation, told to whoever shows or writes it down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.answers import Answer
from voice_triage.conversation.closing import LastWords
from voice_triage.flow import Ending, Reply, State
from voice_triage.listen.heard import Heard


class Prompt(StrEnum):
    """What the person is asked for."""

    QUESTION = "question"
    REPROMPT = "reprompt"
    CONFIRM = "confirm"
    NOTICE = "notice"


@dataclass(frozen=True)
class Asked:
    """The program has asked, and is about to listen."""

    question: str
    kind: Prompt
    text: str


@dataclass(frozen=True)
class Said:
    """The program begins to say something."""

    text: str
    asks: Asked | None = None
    """What it asks with it; this follows by itself once it has been said."""


@dataclass(frozen=True)
class Understood:
    """The person was heard, or silent."""

    heard: Heard
    answer: Answer


@dataclass(frozen=True)
class Answered:
    """A question is settled: this is what counts."""

    question: str
    reply: Reply


@dataclass(frozen=True)
class Trouble:
    """Something doesn't work and the conversation goes on without it; told once."""

    text: str


@dataclass(frozen=True)
class Closing:
    """The last words begin; they follow, each as Said."""

    ending: Ending
    known: State
    """All that was asked, answered and reported."""
    words: LastWords


@dataclass(frozen=True)
class Ended:
    """The last event: what the conversation ended in."""

    ending: Ending


Event = Said | Asked | Understood | Answered | Trouble | Closing | Ended
Observer = Callable[[Event], None]
