"""The loop: say, listen, and let the director decide, until the flow has ended."""

from __future__ import annotations

import sys
from collections.abc import Callable

from voice_triage.conversation.closing import LastWords, closing
from voice_triage.conversation.dialogue import Dialogue, Director, Move
from voice_triage.conversation.ears import Ears
from voice_triage.conversation.events import Asked, Closing, Ended, Observer, Said, Understood
from voice_triage.conversation.outlook import outlook
from voice_triage.conversation.phrases import spoken
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Listen, Turn
from voice_triage.conversation.voice import Speaking, Voice
from voice_triage.flow import Ending
from voice_triage.speak.earcons import Earcon

__all__ = ["Conversation", "Recorder", "Script"]


Recorder = Callable[[str, Turn], None]
"""Keeps a question's turn, for good, before it returns and before anything is made of the turn."""


def keep_nothing(_question: str, _turn: Turn) -> None:
    """A Recorder that keeps nothing."""


class Conversation:
    """One conversation with one person. `dialogue` is where it stands, at any time."""

    def __init__(
        self, script: Script, ears: Ears, voice: Voice, tell: Observer,
        record: Recorder = keep_nothing, resume: Dialogue | None = None,
    ) -> None:  # fmt: skip
        """`resume`: where an earlier conversation was cut off, to go on from there."""
        self.director = Director(script)
        self.dialogue, self._move = (
            self.director.begin() if resume is None else self.director.resume(resume)
        )
        self._script, self._ears, self._voice = script, ears, voice
        self._tell, self._record = tell, record
        self._heard = False
        self._question = ""
        """The question of the turn before."""
        self._last_words: list[str] | None = None
        self._ended = False

    def run(self) -> Ending:
        """Talk to the end. Whatever cuts it short, the advice is given and Ended is told first:
        KeyboardInterrupt (on the screen alone, at once), VoiceTriageError and what nobody has
        foreseen are then raised."""
        try:
            try:
                while self._move.listen is not None:
                    self._turn(self._move, self._move.listen)
                for event in self._move.says:
                    self._tell(event)
            finally:
                if not isinstance(sys.exception(), KeyboardInterrupt):
                    self._close(aloud=True)
        except BaseException:  # an interruption, or a voice that fails as nobody has foreseen
            self._close(aloud=False)
            raise
        return self.director.ending(self.dialogue)

    def _turn(self, move: Move, listen: Listen) -> None:
        speaking = self._say_all(move)
        if move.asks is not None:
            texts = outlook(self.director, self.dialogue, lambda d: self._closing(d).texts)
            self._voice.prepare([spoken(text) for text in texts], self.dialogue.manner)
        heard = self._ears.hear(listen, speaking, self._listening(move.asks))
        question = self._question if heard.continues else listen.question
        turn = Turn(heard, self._script.understanding.interpret(question, heard.text))
        self._question = question
        if not heard.ended:
            self._record(question, turn)
            self._tell(Understood(heard, turn.answer))
        self._heard = bool(heard.text)
        self.dialogue, self._move = self.director.hear(self.dialogue, turn)

    def _say_all(self, move: Move) -> Speaking | None:
        """Say what comes before the question, and begin to ask."""
        for event in move.says:
            self._tell(event)
            if isinstance(event, Said):
                after = Earcon.HEARD if self._heard else None
                self._heard = False
                speaking = self._voice.begin(spoken(event.text), self.dialogue.manner, after)
                if event.asks is not None:
                    return speaking
                self._ears.attend(speaking)
        return None

    def _listening(self, asks: Asked | None) -> Callable[[bool], None]:
        def listening(tone: bool) -> None:
            if asks is not None:
                if tone:
                    self._voice.tone(Earcon.LISTENING)
                self._tell(asks)

        return listening

    def _closing(self, dialogue: Dialogue) -> LastWords:
        script = self._script
        ending = self.director.ending(dialogue)
        return closing(script.flow, dialogue.known, ending, script.phrases, script.number)

    def _close(self, aloud: bool) -> None:
        """The last words, or what is left of them after an interruption."""
        if self._last_words is None:
            words = self._closing(self.dialogue)
            self._last_words = words.texts
            ending = self.director.ending(self.dialogue)
            self._tell(Closing(ending, self.dialogue.known, words))
        manner = self.dialogue.manner
        if aloud:
            self._voice.prepare([spoken(text) for text in self._last_words[1:]], manner)
        while self._last_words:
            self._tell(Said(self._last_words[0]))
            text = self._last_words.pop(0)
            if aloud:
                self._voice.say(spoken(text), manner)
        if not self._ended:
            self._ended = True
            self._tell(Ended(self.director.ending(self.dialogue)))
