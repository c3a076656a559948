"""Somebody who answers as a scenario says, however often they are asked. Pure."""

from __future__ import annotations

from collections import deque

from voice_triage.answers import Meaning
from voice_triage.conversation.events import Asked, Event, Prompt
from voice_triage.conversation.script import Script
from voice_triage.flow import Reply
from voice_triage.replay.scenario import Piece, Recorded, Scenario

_REPLIES = (Meaning.YES, Meaning.NO, Meaning.UNSURE)


class Person:
    """What they do, piece by piece.

    They do what the scenario lists for a question, in that order, whenever they are asked it. Two
    sounds in a row are said one each time; a silence between them joins them into one answer. What
    is read back to them they agree to or not, by what they mean: the last thing listed that is an
    answer. When the list is used up they say its last sound again; if it ends in silence, they
    stay silent.
    """

    def __init__(self, scenario: Scenario, script: Script) -> None:
        self._scenario, self._script = scenario, script
        self._left: dict[str, deque[Piece]] = {}
        self._last: dict[str, Piece] = {}
        self._asked: Asked | None = None
        self._spoke_last = False
        """The last piece was a sound: the next sound waits until they are asked again."""
        self._did_something = False

    def told(self, event: Event) -> None:
        """They hear what they are asked."""
        if isinstance(event, Asked):
            self._asked = event

    def is_listened_to(self) -> None:
        """The program has begun to listen."""
        self._spoke_last = self._did_something = False

    def next(self) -> Piece | None:
        """What they do next while they are listened to; None: nothing any more."""
        if self._asked is None:
            return None
        question = self._asked.question
        first, self._did_something = not self._did_something, True
        if first and self._asked.kind is Prompt.CONFIRM:
            agreed = self._agreement(question, self._asked.text)
            if agreed is not None:
                self._spoke_last = True
                return agreed
        left = self._left.setdefault(question, deque(self._listed(question)))
        if left:
            if left[0].is_sound and self._spoke_last:
                return None
            piece = left.popleft()
            self._last[question] = piece
            self._spoke_last = piece.is_sound
            return piece
        last = self._last.get(question)
        if first and last is not None and last.is_sound:
            self._spoke_last = True
            return last
        return None

    def is_cut_off(self, seconds: float) -> None:
        """The program stopped listening so long before the end of a silence."""
        if self._asked is not None and seconds >= 0.02:  # half a frame is nothing
            self._left[self._asked.question].appendleft(Piece.model_construct(silence=seconds))

    def _listed(self, question: str) -> tuple[Piece, ...]:
        return self._scenario.answers.get(question) or self._scenario.otherwise or ()

    def _agreement(self, question: str, text: str) -> Piece | None:
        """What they say to an answer that is read back; None: it isn't one, or who knows."""
        readback = self._script.flow.questions[question].readback
        read = next(
            (
                reply
                for reply in (Reply.YES, Reply.NO)
                if self._script.phrases.confirm.format(statement=getattr(readback, reply)) in text
            ),
            None,
        )
        meant = self._meant(question)
        if read is None or meant is None:
            return None
        piece, truth = meant
        if truth is Reply.UNSURE:
            return piece
        said = self._scenario.agrees if truth is read else self._scenario.disagrees
        if isinstance(said, Recorded):
            spoken = {"audio": said.audio, "say": None, "voice": None, "pace": None}
        else:
            spoken = {"audio": None, "say": said}
        return piece.model_copy(update={**spoken, "means": None})

    def _meant(self, question: str) -> tuple[Piece, Reply] | None:
        """The last piece that answers the question, and what it means."""
        for piece in reversed(self._listed(question)):
            if piece.means is not None:
                return piece, Reply(piece.means)
            if piece.say is None:
                continue
            answer = self._script.understanding.interpret(question, piece.say)
            if question in answer.symptoms:
                return piece, Reply(self._script.flow.questions[question].sign)
            if answer.meaning in _REPLIES:
                return piece, Reply(answer.meaning.value)
        return None
