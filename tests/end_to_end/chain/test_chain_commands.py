"""Commands at any time, and what somebody reports unasked."""

import time

import numpy as np
import pytest
from dialogue import Dialogue, Event, Says
from people import Mouth, Patient, flow
from room import Room
from tape import AUDIBLE, RATE

pytestmark = pytest.mark.aloud

FIRST, SECOND, THIRD = "bladder-control", "leg-feeling", "leg-control"


class Scripted:
    """Says the next of its words each time that it is asked, whatever the question."""

    def __init__(self, mouth: Mouth, *words: str) -> None:
        self._mouth, self._words = mouth, list(words)

    def __call__(self, _asked: Event) -> Says | None:
        return Says(self._mouth(self._words.pop(0))) if self._words else None


def test_repeat_help_and_go_back(room: Room, mouth: Mouth) -> None:
    with Dialogue(room) as talk:
        person = Scripted(mouth, "repeat", "help", "no", "go back", "no")
        talk.converse(person, 90, event="answered", question=FIRST)
        first = flow().questions[FIRST]
        prompts = [event for event in talk.events if event["event"] == "asked"]
        assert {event["question"] for event in prompts} == {FIRST}
        assert first.ask in prompts[1]["text"], "what was asked is asked again"
        assert first.help.split(",")[0] in talk.shown, "the longer text"
        assert talk.answered == [(FIRST, "no")]

        back = talk.converse(person, 60, event="asked", question=FIRST)
        assert first.ask in back["text"] or talk.shown.count(first.ask) > 2, "asked once more"
        patient = Patient(mouth, {FIRST: "yes"})
        talk.answer(back, patient)
        talk.converse(patient, 30, event="answered", question=FIRST)
        talk.stop()
        assert talk.answered[-1] == (FIRST, "yes"), "what is said now counts"
        assert talk.outcome["urgency"] == "emergency"


def test_hold_on_waits_in_silence_until_continue(room: Room, mouth: Mouth) -> None:
    with Dialogue(room) as talk:
        person = Scripted(mouth, "hold on")
        waiting = talk.converse(person, 60, event="asked", kind="notice")
        silent_from = time.monotonic() + 0.5
        time.sleep(10)  # longer than it waits for an answer
        heard = room.loudspeaker.sounds(silent_from, time.monotonic())
        assert heard == [], "it waits in silence"
        talk.say(mouth("continue"))
        again = talk.until(event="asked", seconds=20)
        assert again["question"] == waiting["question"] == FIRST
        assert flow().questions[FIRST].ask in again["text"]
        assert talk.answered == []


def test_stop_asks_once_and_ends_with_the_safety_net(room: Room, mouth: Mouth) -> None:
    with Dialogue(room) as talk:
        person = Scripted(mouth, "no", "stop")
        sure = talk.converse(person, 90, event="asked", kind="confirm")
        talk.say(mouth("yes"))
        (net,) = flow().outcomes["immediate"].safety_net
        words = net.split(",")[0]
        assert words not in talk.shown
        talk.wait_for_shown(words, 60)
        talk.stop()
        assert "stop" in sure["text"].lower()
        assert talk.answered == [(FIRST, "no")]
        assert talk.outcome["complete"] is False
        assert talk.outcome["urgency"] == "emergency", "what wasn't asked can't be ruled out"


@pytest.mark.parametrize(
    ("before", "words", "reported"),
    [
        ({}, "I can't feel my legs", SECOND),
        ({FIRST: "no", SECOND: "no"}, "I can't feel my arm", "arm-feeling"),
    ],
    ids=["first", "third"],
)
def test_a_symptom_that_nobody_asked_about(
    room: Room, mouth: Mouth, before: dict[str, str], words: str, reported: str
) -> None:
    asked_then = (FIRST, SECOND, THIRD)[len(before)]
    with Dialogue(room) as talk:
        patient = Patient(mouth, before)
        if before:
            talk.converse(patient, 90, event="answered", question=list(before)[-1])
        talk.until(event="asked", question=asked_then)
        talk.say(mouth(words))
        talk.until(event="answered", question=reported)
        talk.wait_for_shown("hospital")
        talk.stop()
        assert talk.answered == [*before.items(), (reported, "yes")]
        assert talk.outcome["urgency"] == "emergency"


@pytest.mark.parametrize(("pace", "volume"), [("slower", "quieter"), ("faster", "louder")])
def test_pace_and_volume_last(room: Room, mouth: Mouth, pace: str, volume: str) -> None:
    """How long and how loud the same question is, before and after."""
    said = []
    with Dialogue(room) as talk:
        for command in (pace, "repeat", volume, "repeat"):
            asked = talk.until(event="asked", seconds=60)
            said.append(_said(talk, asked))
            talk.answer(asked, lambda _, word=command: Says(mouth(word)))
        said.append(_said(talk, talk.until(event="asked")))
        usual, _, paced, _, both = said  # after the commands it says first what it has changed
        lengths, levels = [paced[0] / usual[0], both[0] / usual[0]], both[1] / paced[1]
        if pace == "slower":
            assert min(lengths) > 1.05, said
            assert levels < 0.9, said
        else:
            assert max(lengths) < 0.95, said
            assert levels > 1.1, said


def _said(talk: Dialogue, asked: Event) -> tuple[float, float]:
    """What was just said: how long it was audible, in s, whatever gaps the sound server tore in it,
    and its level (root mean square)."""
    sound = talk.room.loudspeaker.between(talk.begun_saying(asked), asked["at"])
    pieces = sound[: len(sound) // _PIECE * _PIECE].reshape(-1, _PIECE).astype(float)
    audible = pieces[np.abs(pieces).max(axis=1) > AUDIBLE]
    return len(audible) * _PIECE / RATE, float(np.sqrt(np.mean(audible**2)))


_PIECE = RATE // 100
