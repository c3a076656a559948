"""When a microphone's answer is over, and what can be gone on with: in a simulated room."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from simulated import Prompt, Room, learned, voice

from voice_triage import assemble
from voice_triage.answers import Meaning
from voice_triage.config import CLARITY, ENDPOINTS, OVERLAP
from voice_triage.conversation.hearing import Hearing
from voice_triage.conversation.microphone_ears import MicrophoneEars
from voice_triage.conversation.overlap import Overlap
from voice_triage.conversation.turn import Listen
from voice_triage.conversation.understanding import Grammars
from voice_triage.listen.endpoint_times import Patience
from voice_triage.listen.frames import Frame
from voice_triage.listen.heard import Evidence, Heard
from voice_triage.listen.listener import Accepts


class OneTurn(Room):
    """As a microphone is: who begins to listen ends the turn before."""

    def __init__(self, echo_db: float) -> None:
        super().__init__(echo_db)
        self._turn = 0

    def overhear(self) -> Iterator[Frame]:
        self._turn += 1
        return self._frames(self._turn)

    utterance = overhear

    def _frames(self, turn: int) -> Iterator[Frame]:
        for frame in super().overhear():
            if turn != self._turn:
                return
            yield frame


class GoesBack:
    """Hears "go back" in whatever is said, and keeps its sound."""

    def __init__(self) -> None:
        self.frames = [voice(0.5, -20, 3)]

    def hear(self, *_words: object, **_more: object) -> Heard:
        return Heard("go back", 1.0, 0.5)

    def grammar(self, _question: str) -> None:
        return None

    examine = grammar

    def meaning(self, *_words: object) -> Meaning:
        return Meaning.BACK


def test_a_question_after_a_statement_is_said_to_its_end() -> None:
    """The answer before the statement can't be gone on with any more."""

    class Waited(Prompt):
        def wait(self) -> bool:
            return self.done

    room, hears = OneTurn(-120), GoesBack()
    overlap = Overlap(OVERLAP, barge_in=False, clock=room.clock)
    ears = MicrophoneEars(room, hears, hears, ENDPOINTS, overlap)
    done: list[bool] = []

    def says(seconds: float) -> Waited:
        sound = voice(seconds, -20, 2)
        room.plays(sound)
        return Waited(room, sound, room.now + 0.05)

    for _ in range(2):
        ears.attend(says(2))
        question = says(3)
        ears.hear(Listen("leg-feeling"), question, lambda _, q=question: done.append(q.done))
    assert done == [True, True]


class Asks:
    """A listener that asks how much silence what was heard needs, and hears it to its end."""

    def __init__(self, heard: Heard) -> None:
        self.heard, self.frames = heard, np.split(voice(0.5, -20, 3), 25)
        self.patience: Patience | None = None

    def hear(self, _grammar: object, accepts: Accepts, *_words: object, **_more: object) -> Heard:
        self.patience = accepts(self.heard)
        return self.heard


class NoModel:
    """A speech model that nobody asks."""

    def knows(self, _word: str) -> bool:
        return True

    def recognizer(self, _grammar: object) -> None:
        raise AssertionError("no sound is recognised here")


def patience(heard: Heard, last: Sequence[Meaning], echo_db: float) -> Patience | None:
    """What it needs after an emergency question, where `last` may be the last words."""
    understanding, model = assemble.understanding(), NoModel()
    hearing = Hearing(Grammars(understanding, model.knows), understanding, model, CLARITY)
    room, overlap = learned(echo_db)
    asks = Asks(heard)
    ears = MicrophoneEars(room, asks, hearing, ENDPOINTS, overlap)
    listen = Listen("bladder-control", critical=True, last=frozenset(last))
    ears.hear(listen, None, lambda _: None)
    return asks.patience


SURE = Evidence(3.0, True, 300, 30)
DOUBTED = Evidence(0.2, True, 300, 30)
"""As of an "um" that passes for "I am"."""
QUICK, USUAL, LONG = ENDPOINTS.quick_ms, ENDPOINTS.accepted_ms, ENDPOINTS.patient_ms


@pytest.mark.parametrize(
    ("heard", "quiet", "echoing"),
    [
        (Heard("yes", 0.9, 1.0, evidence=SURE), (QUICK, QUICK), (USUAL, USUAL)),
        (Heard("i am", 0.3, 1.0, evidence=SURE), (LONG, QUICK), (LONG, USUAL)),
        (Heard("i am", 0.9, 1.0, evidence=DOUBTED), (LONG, QUICK), (LONG, USUAL)),
        (Heard("yes", 0.0, 1.0), (LONG, QUICK), (LONG, USUAL)),  # nobody knows yet how clear it is
        (Heard("no", 0.3, 1.0, evidence=DOUBTED), (QUICK, QUICK), (LONG, LONG)),
        (Heard("banana", 0.9, 1.0), None, None),
    ],
)
def test_advice_waits_until_the_answer_before_it_is_clear(
    heard: Heard, quiet: tuple[int, int] | None, echoing: tuple[int, int] | None
) -> None:
    """Over the next question somebody can go on, "um … no"; over the advice they can't. Where
    others go on talking, an unclear answer is taken as soon as a clear one."""
    assert patience(heard, [Meaning.YES], -60) == quiet
    assert patience(heard, [Meaning.YES], 0) == echoing
    hurried = None if quiet is None else (QUICK, QUICK)
    assert patience(heard, [], -60) == hurried, "over a question it needn't wait"
