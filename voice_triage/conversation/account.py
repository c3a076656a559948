"""What came of a conversation, from its turns alone: where it stands, and the words that its
answers were heard in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voice_triage.answers import COMMANDS, Meaning
from voice_triage.conversation.dialogue import Dialogue, Director, Waiting
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Turn


@dataclass(frozen=True)
class Account:
    """A conversation as its turns tell it."""

    dialogue: Dialogue
    words: Mapping[str, str]
    """By question: what was last heard as its answer, or as a report of what it asks about; neither
    a command nor a yes to "is that right?"."""


def account(script: Script, turns: Iterable[Turn]) -> Account:
    """Go through `turns` anew, from the beginning of the conversation."""
    director = Director(script)
    dialogue, _ = director.begin()
    words: dict[str, str] = {}
    before = words
    for turn in turns:
        asked = dialogue
        if turn.heard.continues and dialogue.before is not None:
            asked, words = dialogue.before, before  # it stands instead of the turn before
        before = words
        words = {**words, **dict.fromkeys(_about(director, asked, turn), turn.heard.text)}
        dialogue, _ = director.hear(dialogue, turn)
    return Account(dialogue, words)


def _about(director: Director, asked: Dialogue, turn: Turn) -> tuple[str, ...]:
    """The questions that what was heard is about."""
    about, at = turn.answer.symptoms, director.at(asked)
    is_answer = (
        asked.waiting is Waiting.ANSWER
        and asked.asking.confirming is None
        and turn.answer.meaning not in (*COMMANDS, Meaning.SYMPTOM)
    )
    return (*about, at) if is_answer and at is not None and turn.heard.text else about
