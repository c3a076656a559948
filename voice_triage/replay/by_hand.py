"""A conversation driven turn by turn from Python, through the real recogniser."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from voice_triage.conversation.dialogue import Director
from voice_triage.conversation.events import Answered, Asked, Event, Prompt, Understood
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import Overlap
from voice_triage.conversation.turn import Turn
from voice_triage.errors import UsageError
from voice_triage.flow import Ending
from voice_triage.listen.listener import Listener
from voice_triage.replay.load import Loaded
from voice_triage.replay.microphone import SimulatedMicrophone
from voice_triage.replay.play import Stage
from voice_triage.replay.scenario import Expect, Piece, Scenario
from voice_triage.replay.surroundings import AS_IT_IS
from voice_triage.testing import Spoken


class _Pushed:
    """Somebody who does what they are told to, and then nothing."""

    def __init__(self) -> None:
        self.pieces: deque[Piece] = deque()

    def is_listened_to(self) -> None:
        pass

    def next(self) -> Piece | None:
        return self.pieces.popleft() if self.pieces else None

    def is_cut_off(self, seconds: float) -> None:
        pass


class ByHand:
    """Each of `says`, `hears` and `is_silent` is one answer: it begins when the program listens,
    and returns what was heard when the program has decided what to do next."""

    def __init__(self, stage: Stage, folder: Path, flow: str) -> None:
        """`folder`: what the paths of recordings count from."""
        self.events: list[Event] = []
        """Everything that has happened so far."""
        self._stage = stage
        self._person = _Pushed()
        scenario = Scenario(flow=flow, name="by hand", expect=Expect())
        self._source = SimulatedMicrophone(
            Loaded(folder / "by-hand", scenario), self._person, stage.mouths, stage.noises, AS_IT_IS
        )
        listener = Listener(self._source, stage.vosk, stage.times)
        hearing = Hearing(
            stage.grammars, stage.script.understanding, stage.vosk, stage.script.limits.clarity
        )
        overlap = Overlap(stage.overlap, barge_in=False)
        self._ears = MicrophoneEars(self._source, listener, hearing, stage.times, overlap)
        self._director = Director(stage.script)
        self._dialogue, self._move = self._director.begin()
        self._tell()

    def says(self, *texts: str, **options: str) -> str:
        """A synthetic voice says it; several texts with 1 s between them are one answer.

        `options` are those of a scenario's piece: voice="flite:slt", at_snr="10dB", noise="pink",
        level="-30dBFS". Raises UsageError when they aren't, or when the conversation has ended.
        """
        return self._does([_piece(say=text, **options) for text in texts])

    def hears(self, *recordings: str | Path, **options: str) -> str:
        """A recording is played; options and errors as of `says`, and RecordingError."""
        return self._does([_piece(audio=str(path), **options) for path in recordings])

    def is_silent(self) -> str:
        """Nobody answers."""
        return self._does([])

    @property
    def question(self) -> str | None:
        """Id of the question that is being asked; None: the conversation has ended."""
        return None if self.ended else self._director.at(self._dialogue)

    @property
    def ended(self) -> bool:
        """There is nothing more to answer."""
        return self._move.listen is None

    @property
    def urgency(self) -> str:
        """What it comes to; before the end: if it ended here, where what wasn't asked can't be
        ruled out."""
        return self._ending.urgency.value

    @property
    def outcomes(self) -> list[str]:
        """Ids of what it comes to, most urgent first; before the end as `urgency`."""
        return list(self._ending.outcomes)

    @property
    def complete(self) -> bool:
        """Every question is settled."""
        return self._ending.complete

    @property
    def asked(self) -> list[str]:
        """Ids of the questions so far; re-asks don't count."""
        asked = (event for event in self.events if isinstance(event, Asked))
        return [event.question for event in asked if event.kind is Prompt.QUESTION]

    @property
    def prompt(self) -> tuple[str, str]:
        """Kind (question, reprompt, confirm, notice) and text of what was asked last."""
        last = [event for event in self.events if isinstance(event, Asked)][-1]
        return last.kind.value, last.text

    @property
    def answered(self) -> dict[str, str]:
        """What each question's answer counted as so far."""
        told = (event for event in self.events if isinstance(event, Answered))
        return {event.question: event.reply.value for event in told}

    @property
    def _ending(self) -> Ending:
        return self._director.ending(self._dialogue)

    def _does(self, sounds: list[Piece]) -> str:
        listen = self._move.listen
        if listen is None:
            raise UsageError("The conversation has ended; nobody listens to an answer any more.")
        for number, sound in enumerate(sounds):
            if number:
                self._person.pieces.append(_piece(silence="1s"))
            self._person.pieces.append(sound)
        heard = self._ears.hear(listen, Spoken(), lambda _: None)
        self._source.stop()
        self._person.pieces.clear()
        answer = self._stage.script.understanding.interpret(listen.question, heard.text)
        self.events.append(Understood(heard, answer))
        self._dialogue, self._move = self._director.hear(self._dialogue, Turn(heard, answer))
        self._tell()
        return heard.text

    def _tell(self) -> None:
        self.events += self._move.says
        if self._move.asks is not None:
            self.events.append(self._move.asks)


def _piece(**given: str) -> Piece:
    from pydantic import ValidationError

    try:
        return Piece.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{where or 'This answer'}: {first['msg']}.") from error
