"""How the answers to one question are recognised: its grammar, what is an answer, what speaks for
it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from voice_triage.answers import Meaning
from voice_triage.conversation.clarity import Clarity
from voice_triage.conversation.understanding import Grammars, Understanding
from voice_triage.listen.grammar import Grammar

if TYPE_CHECKING:  # they load numpy, which who types answers need not wait for
    from voice_triage.listen.evidence import Fits
    from voice_triage.listen.frames import Frame
    from voice_triage.listen.heard import Evidence, Heard

_EXAMINED = (Meaning.YES, Meaning.NO)
"""What may close an emergency question or confirm an answer."""


class Hearing:
    """Recognises answers to the questions of one flow, with one speech model."""

    def __init__(
        self, grammars: Grammars, understanding: Understanding, vosk: Fits, clarity: Clarity
    ) -> None:
        self._grammars, self._understanding, self._vosk = grammars, understanding, vosk
        self._clarity = clarity

    def grammar(self, question: str) -> Grammar:
        """What to listen for. Raises ModelError."""
        return self._grammars.grammar(question)

    def meaning(self, question: str, text: str) -> Meaning:
        """What a text means as an answer to that question."""
        return self._understanding.interpret(question, text).meaning

    def clear(self, question: str, heard: Heard) -> bool:
        """Whether what was heard of an answer so far is clear by itself."""
        return self._clarity.clear(heard, self._understanding.interpret(question, heard.text))

    def examine(
        self, question: str, frames: Sequence[Frame], text: str, span: tuple[float, float] | None
    ) -> Evidence | None:
        """What speaks for a plain yes or no, as `evidence.gather` finds it in the sound."""
        from voice_triage.listen.evidence import gather

        if self.meaning(question, text) not in _EXAMINED:
            return None
        alikes = self._understanding.sound_alikes
        return gather(frames, text, span, self._vosk, alikes, lambda t: self.meaning(question, t))
