"""What the screen shows: one value, and what each event of a conversation makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from voice_triage.conversation.events import Prompt
from voice_triage.flow import Urgency
from voice_triage.kiosk.touch import Press


class Phase(StrEnum):
    """What the program is doing."""

    WAITING = "waiting"
    """Nobody is there."""
    SPEAKING = "speaking"
    LISTENING = "listening"
    HEARD = "heard"
    PAUSED = "paused"
    """Somebody asked for a moment."""
    ENDING = "ending"
    """The last words are said, which a stop ends; or have been, and a stop ends it all."""


@dataclass(frozen=True)
class Caption:
    """What was heard, and what it means."""

    text: str
    answer: str
    """A name as in DESIGN's JSON."""


@dataclass(frozen=True)
class Symptom:
    """Something that was reported."""

    question: str
    """Id of the question that asks about it."""
    text: str
    """The question's readback, to somebody: "you have lost control of a leg"."""


@dataclass(frozen=True)
class Page:
    """The ending, to read."""

    urgency: Urgency
    headline: str
    advice: tuple[str, ...]
    safety_net: tuple[str, ...]
    number: str
    symptoms: tuple[Symptom, ...]
    marks: tuple[str, ...]
    """Parts of the body to mark in the picture."""
    qr: str | None = None
    """An SVG."""
    report: str | None = None
    """Where there is one to print."""
    pdf: str | None = None
    """Where there is one to save."""


@dataclass(frozen=True)
class View:
    """All that the screen shows."""

    turn: int = 0
    """Grows with every prompt; taps name the one that they saw."""
    phase: Phase = Phase.WAITING
    question: str | None = None
    """Id of the one question on the screen."""
    kind: Prompt | None = None
    text: str = ""
    heard: Caption | None = None
    """The last answer, until it listens to the next one: the next prompt follows at once."""
    progress: tuple[int, int] | None = None
    """Questions behind the one on the screen, at most, and questions at most in all."""
    presses: tuple[Press, ...] = (Press.START,)
    """The buttons that count now."""
    start_word: str | None = None
    """What begins a session when it is said; None: it can't be heard."""
    privacy: str = ""
    notices: tuple[str, ...] = ()
    page: Page | None = None
    """The ending; only while that is the phase."""

    def message(self) -> dict[str, Any]:
        """The `view` message of the protocol, JSON-ready."""
        return {
            "type": "view",
            "turn": self.turn,
            "phase": self.phase.value,
            "question": self.question,
            "kind": None if self.kind is None else self.kind.value,
            "text": self.text,
            "heard": self.heard and {"text": self.heard.text, "answer": self.heard.answer},
            "progress": self.progress and {"done": self.progress[0], "most": self.progress[1]},
            "buttons": [press.value for press in self.presses],
            "start_word": self.start_word,
            "privacy": self.privacy,
            "notices": list(self.notices),
            "ending": self.page and _ending(self.page),
        }


def _ending(page: Page) -> dict[str, Any]:
    return {
        "urgency": page.urgency.value,
        "headline": page.headline,
        "advice": list(page.advice),
        "safety_net": list(page.safety_net),
        "number": page.number,
        "symptoms": [{"question": s.question, "text": s.text} for s in page.symptoms],
        "marks": list(page.marks),
        "qr": page.qr,
        "report": page.report,
        "pdf": page.pdf,
    }
