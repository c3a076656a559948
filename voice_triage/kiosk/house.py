"""What the kiosk's loop works with: its seams, all in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voice_triage.conversation.ears import Ears
from voice_triage.conversation.events import Observer
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Turn
from voice_triage.conversation.voice import Voice
from voice_triage.flow import Ending, State
from voice_triage.kiosk.labels import Says
from voice_triage.kiosk.stage import Report, Stage
from voice_triage.kiosk.touch import Touch

Trouble = Callable[[str, str | None], None]
"""Told which part ("microphone", "voice") doesn't work and why; None: it works again."""


class OpenVoice(Voice, Protocol):
    """A voice that lets go of the loudspeaker."""

    def close(self) -> None:
        """Let go of it."""


class Hears(Protocol):
    """The microphone, between and within sessions."""

    def open(self) -> None:
        """Open it, unless it is open. Raises MicrophoneError."""

    def close(self) -> None:
        """Let go of it; what it heard last is forgotten."""

    def starts(self, seconds: float) -> bool:
        """Wait so long for the start word; whether it was said. Raises TouchedError as soon as
        there is a tap, and MicrophoneError."""

    def ears(self, voice: Voice, tell: Observer) -> Ears:
        """Ears for one conversation, with or without a microphone, that take taps."""

    def forget(self) -> None:
        """Drop what was heard last."""


class Kept(Protocol):
    """What is kept of one session."""

    def keep(self, question: str, turn: Turn) -> None:
        """Keep a turn."""

    def keep_page(self, page: bytes) -> None:
        """Keep the report, from any thread, also after `close`."""

    def ended(self, urgency: str, outcomes: tuple[str, ...], complete: bool) -> None:
        """It came to its end."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True)
class Finished:
    """A session whose last words are being said."""

    script: Script
    known: State
    ending: Ending
    turns: tuple[Turn, ...]
    """All that was heard."""
    at: datetime
    """UTC."""


class Reports(Protocol):
    """Makes the ending to take away."""

    def make(self, finished: Finished) -> Report:
        """Runs in a thread of its own, and may take seconds."""


@dataclass(frozen=True)
class House:
    """All that the loop works with."""

    script: Script
    says: Says
    stage: Stage
    touch: Touch
    hears: Hears
    open_voice: Callable[[Callable[[str], None]], OpenVoice]
    """Given whom to tell, in plain words, that speech fails or works again."""
    begin: Callable[[Callable[[str], None]], Kept]
    """Begins to keep a session; given whom to tell, in plain words, that it can't."""
    tidy: Callable[[], None]
    """Deletes what was kept too long."""
    alive: Callable[[], None]
    trouble: Trouble
    start_word: str
    ending_s: float
    """How long an ending stays on the screen."""
    reports: Reports | None = None
    observers: Sequence[Observer] = ()
    """Told every event of every conversation, in its thread."""
