"""What may be said next, to be rendered while the person thinks: every likely answer tried out."""

from __future__ import annotations

from collections.abc import Callable

from voice_triage.answers import Answer, Meaning
from voice_triage.conversation.dialogue import Dialogue, Director
from voice_triage.conversation.events import Said
from voice_triage.conversation.turn import Turn
from voice_triage.listen.heard import Heard

_CLEAR, _UNCLEAR = 1.0, 0.01


def _said(meaning: Meaning, confidence: float = _CLEAR) -> Turn:
    return Turn(Heard(meaning.value, confidence, 1.0), Answer(meaning))


_LIKELY = (
    _said(Meaning.NO),
    _said(Meaning.YES),
    _said(Meaning.NO, _UNCLEAR),
    _said(Meaning.UNSURE),
    Turn(Heard("[unk]", 0.0, 1.0), Answer(Meaning.NONE)),
    Turn(Heard("", 0.0, 8.0), Answer(Meaning.NONE)),
    _said(Meaning.REPEAT),
    _said(Meaning.HELP),
    _said(Meaning.PAUSE),
    _said(Meaning.BACK),
    _said(Meaning.STOP),
    Turn(Heard("[unk]", 0.0, 20.0, babble=True), Answer(Meaning.NONE)),
)
"""Turns that may come, likeliest first."""


def outlook(
    director: Director, dialogue: Dialogue, closing: Callable[[Dialogue], list[str]]
) -> list[str]:
    """Texts that may be said after the next turn, likeliest first, none twice. `closing` gives the
    last words of a conversation that has ended; only their beginning is taken."""
    texts: list[str] = []
    for turn in _LIKELY:
        after, move = director.hear(dialogue, turn)
        texts += [event.text for event in move.says if isinstance(event, Said)]
        if move.listen is None:
            texts += closing(after)[:2]
    return list(dict.fromkeys(texts))
