"""What to do with what was heard: count it, confirm it, ask again. Pure, and the same each time.

In VoiceXML's terms a turn that gives no answer is a `noinput` (silence), a `nomatch` (something
else) or `babble` (talk that never ends).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from voice_triage.answers import COMMANDS, Meaning
from voice_triage.conversation.clarity import Clarity
from voice_triage.conversation.turn import Turn
from voice_triage.flow import Question, Reply, Urgency
from voice_triage.listen.heard import Heard

REPLIES = {Meaning.YES: Reply.YES, Meaning.NO: Reply.NO, Meaning.UNSURE: Reply.UNSURE}
Why = Literal["noinput", "nomatch", "babble", "disputed"]


@dataclass(frozen=True)
class Limits:
    """How patient a conversation is, and how sure it must be. Figures: `config.LIMITS`."""

    reasks: int
    """How often a question is asked again when nothing usable was heard."""
    commands: int
    """How many commands one question takes; further ones count as not understood."""
    clarity: Clarity
    """When an answer is clear enough to close an emergency question."""


class Waiting(StrEnum):
    """What the program waits for."""

    ANSWER = "answer"
    """… to the question, or to its answer read back."""
    STOP = "stop"
    """… to "shall I stop?"."""
    PAUSE = "pause"
    """Nothing, until the person goes on."""


@dataclass(frozen=True)
class Asking:
    """Where one question stands. A new question starts with a new one."""

    reasks: int = 0
    commands: int = 0
    confirming: Reply | None = None
    """The reply that is being read back."""
    disputed: bool = False
    """A readback was denied, or more was said after the first answer: from now on what doesn't
    report the symptom is read back, however clear it is."""


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
    """Ask again, for the `reasks`-th time."""

    why: Why


@dataclass(frozen=True)
class Obey:
    """Do what was asked for."""

    command: Meaning


Decision = Count | Confirm | AskAgain | Obey


def replies(asking: Asking, limits: Limits) -> dict[Meaning, Reply]:
    """The most that each plain answer may count as now, by the turn alone."""
    if asking.confirming is None:
        return REPLIES
    if asking.reasks >= limits.reasks:  # what isn't sure enough counts as no answer
        unanswered = Reply.UNANSWERED
        return {Meaning.YES: unanswered, Meaning.NO: unanswered, Meaning.UNSURE: Reply.UNSURE}
    return {Meaning.YES: asking.confirming, Meaning.UNSURE: Reply.UNSURE}


def decide(
    question: Question, asking: Asking, turn: Turn, limits: Limits
) -> tuple[Decision, Asking]:
    """What to do after a turn, and where the question then stands.

    Symptoms in the answer are the caller's to count first. Always settles: each call either
    settles the question or uses up one of a bounded number of re-asks, commands or readbacks.
    """
    heard, answer = turn.heard, turn.answer
    meaning = answer.meaning
    if heard.lost or heard.interrupted:  # sound is missing; a "not" may be what got lost
        meaning = Meaning.NONE
    if meaning in COMMANDS and asking.commands < limits.commands:
        return Obey(meaning), replace(asking, commands=asking.commands + 1)
    if asking.confirming is not None:
        return _confirmed(question, asking, asking.confirming, meaning, turn, limits)
    if answer.contradictory and meaning is Meaning.NONE and not heard.lost:
        return _read_back(Reply(question.sign), asking)  # the worse of the two
    reply = REPLIES.get(meaning)
    if reply is None:
        return _again(asking, heard, limits)
    if reply is not Reply.UNSURE and (answer.doubtful or heard.babble):
        return _read_back(reply, asking)
    if reply not in (question.sign, Reply.UNSURE) and (
        asking.disputed
        or (question.urgency is Urgency.EMERGENCY and not limits.clarity.clear(heard, answer))
    ):
        return _read_back(reply, asking)
    return Count(reply), asking


def _read_back(reply: Reply, asking: Asking) -> tuple[Decision, Asking]:
    return Confirm(reply), replace(asking, confirming=reply)


def _confirmed(
    question: Question, asking: Asking, reply: Reply, meaning: Meaning, turn: Turn, limits: Limits
) -> tuple[Decision, Asking]:
    """What a readback of `reply` was answered with."""
    heard, answer = turn.heard, turn.answer
    sure = not heard.babble and limits.clarity.confirms(heard, answer)
    if meaning is Meaning.YES and (sure or reply is Reply(question.sign)):
        return Count(reply), asking
    if meaning is Meaning.UNSURE:
        return Count(Reply.UNSURE), asking
    decision, asked = _again(asking, heard, limits)
    if meaning is Meaning.NO:
        denied = replace(asked, confirming=None, disputed=True)
        return (AskAgain("disputed") if isinstance(decision, AskAgain) else decision), denied
    return decision, asked


def _again(asking: Asking, heard: Heard, limits: Limits) -> tuple[Decision, Asking]:
    if asking.reasks >= limits.reasks:
        return Count(Reply.UNANSWERED), asking
    return AskAgain(_why(heard)), replace(asking, reasks=asking.reasks + 1)


def _why(heard: Heard) -> Why:
    if heard.babble:
        return "babble"
    return "nomatch" if heard.text or heard.lost else "noinput"
