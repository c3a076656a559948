"""What to do with what was heard: count it, confirm it, ask again. Pure, and the same each time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voice_triage.answers import COMMANDS, Answer, Meaning
from voice_triage.flow import Question, Reply, Urgency
from voice_triage.listen.heard import Heard

_REPLIES = {Meaning.YES: Reply.YES, Meaning.NO: Reply.NO, Meaning.UNSURE: Reply.UNSURE}


@dataclass(frozen=True)
class Limits:
    """How patient a conversation is, and how sure it must be. Figures: `config.LIMITS`."""

    reasks: int
    """How often a question is asked again when nothing usable was heard."""
    commands: int
    """How many commands one question takes; further ones count as not understood."""
    clear: float
    """Confidence, 0 to 1, from which the answer that closes an emergency question is clear."""
    confirmed: float
    """Confidence, 0 to 1, from which a yes to what was read back is taken."""


@dataclass(frozen=True)
class Asking:
    """Where one question stands. A new question starts with a new one."""

    reasks: int = 0
    commands: int = 0
    confirming: Reply | None = None
    """The reply that is being read back."""
    disputed: bool = False
    """A readback was denied: from now on the closing answer is read back however clear it is."""


@dataclass(frozen=True)
class Count:
    """The question is settled."""

    reply: Reply


@dataclass(frozen=True)
class Confirm:
    """Read this reply back."""

    reply: Reply


@dataclass(frozen=True)
class AskAgain:
    """Ask again, for the `reasks`-th time. `why`: "noinput", "nomatch" or "disputed"."""

    why: str


@dataclass(frozen=True)
class Obey:
    """Do what was asked for."""

    command: Meaning


Decision = Count | Confirm | AskAgain | Obey


def decide(
    question: Question, asking: Asking, heard: Heard, answer: Answer, limits: Limits
) -> tuple[Decision, Asking]:
    """What to do after `heard` was understood as `answer`, and where the question then stands.

    Symptoms in the answer are the caller's to count first. Always settles: each call either
    settles the question or uses up one of a bounded number of re-asks, commands or readbacks.
    """
    meaning = answer.meaning
    if heard.lost:  # sound is missing from it; a "not" may be what got lost
        meaning = Meaning.NONE
    if meaning in COMMANDS and asking.commands < limits.commands:
        return Obey(meaning), replace(asking, commands=asking.commands + 1)
    if asking.confirming is not None:
        return _confirmed(asking, asking.confirming, meaning, heard, answer, limits)
    reply = _REPLIES.get(meaning)
    if reply is None:
        return _again(asking, heard, limits)
    if _closes_emergency(question, reply) and not _is_clear(asking, heard, answer, limits):
        return Confirm(reply), replace(asking, confirming=reply)
    return Count(reply), asking


def _confirmed(
    asking: Asking, reply: Reply, meaning: Meaning, heard: Heard, answer: Answer, limits: Limits
) -> tuple[Decision, Asking]:
    sure = not answer.doubtful and heard.confidence >= limits.confirmed
    if meaning is Meaning.YES and sure:
        return Count(reply), asking
    if meaning is Meaning.UNSURE:
        return Count(Reply.UNSURE), asking
    if meaning is Meaning.NO:
        decision, asked = _again(asking, heard, limits)
        denied = replace(asked, confirming=None, disputed=True)
        return (AskAgain("disputed") if isinstance(decision, AskAgain) else decision), denied
    return _again(asking, heard, limits)


def _again(asking: Asking, heard: Heard, limits: Limits) -> tuple[Decision, Asking]:
    if asking.reasks >= limits.reasks:
        return Count(Reply.UNANSWERED), asking
    silent = not heard.text and not heard.lost
    why = "noinput" if silent else "nomatch"
    return AskAgain(why), replace(asking, reasks=asking.reasks + 1)


def _closes_emergency(question: Question, reply: Reply) -> bool:
    return question.urgency is Urgency.EMERGENCY and reply not in (question.sign, Reply.UNSURE)


def _is_clear(asking: Asking, heard: Heard, answer: Answer, limits: Limits) -> bool:
    return not asking.disputed and not answer.doubtful and heard.confidence >= limits.clear
