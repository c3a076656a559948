"""It doesn't hear itself, and it can be interrupted."""

import time

import pytest
from dialogue import Dialogue
from people import Mouth, Patient, flow
from room import Room, find
from sounds import trimmed

pytestmark = pytest.mark.aloud

FIRST, SECOND = "bladder-control", "leg-feeling"
STOPS_WITHIN_S = 0.2
SLACK_S = 0.1
"""For a tape that is early by 20 ms and a machine that does several conversations at once."""


def test_the_loudspeaker_wired_back_into_the_microphone(room: Room, mouth: Mouth) -> None:
    """At full volume, 20 ms late: only what the person says is heard."""
    with room.wired_back(), Dialogue(room) as talk:
        asked = talk.until(event="asked", seconds=60)
        echo = trimmed(room.loudspeaker.between(asked["at"] - 2.5, asked["at"]))
        in_microphone = room.microphone.between(asked["at"] - 3, asked["at"] + 0.2)
        assert find(echo, in_microphone) is not None, "the room doesn't echo: this shows nothing"
        heard = talk.until(event="heard", seconds=20)
        assert heard["text"] == "", "nobody has said anything"
        talk.converse(Patient(mouth, {SECOND: "yes"}), 60, event="answered", question=SECOND)
        texts = [event["text"] for event in talk.events if event["event"] == "heard"]
        assert texts == ["", *(["no"] * texts.count("no")), *(["yes"] * texts.count("yes"))]
        assert talk.answered == [(FIRST, "no"), (SECOND, "yes")]


def test_an_answer_begins_before_the_question_has_ended(room: Room, mouth: Mouth) -> None:
    with Dialogue(room, "--barge-in") as talk:
        shown_at = talk.wait_for_shown(flow().questions[FIRST].ask, 60)
        begun = _well_into_speech(room, shown_at)
        answer = talk.say(mouth("no"))
        talk.converse(lambda _: None, 20, event="answered", question=FIRST)
        spoken = room.loudspeaker.sounds(begun, answer.onset + 1.0, gap_s=0.15)
        before = [(a, b) for a, b in spoken if a <= answer.onset]
        assert before[-1][1] > answer.onset, "the answer came between two words: say it elsewhere"
        assert before[-1][1] - answer.onset <= STOPS_WITHIN_S + SLACK_S
        assert talk.answered == [(FIRST, "no")]


def _well_into_speech(room: Room, since: float) -> float:
    """Returns when 0.4 s of a sentence have been heard, more than any tone has; its beginning."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for begins, ends in room.loudspeaker.sounds(since, time.monotonic(), gap_s=0.1):
            if ends - begins > 0.4:
                return begins
        time.sleep(0.02)
    raise AssertionError("no question in 10 s")


def test_with_barge_in_its_own_words_are_no_answer(room: Room) -> None:
    """Every prompt is in the microphone, at full volume; the last says yes and no themselves."""
    with room.wired_back(), Dialogue(room, "--barge-in") as talk:
        talk.until(event="answered", seconds=120)
        assert talk.answered == [(FIRST, "unsure")]
        told = {event["answer"] for event in talk.events if event["event"] == "heard"}
        assert told == {"none"}, "an echo is no answer"
        talk.assert_heard_by_person(flow().questions[FIRST].ask)


def test_with_barge_in_the_answer_may_wait_for_the_end(room: Room, mouth: Mouth) -> None:
    with Dialogue(room, "--barge-in") as talk:
        talk.wait_for_shown(flow().questions[FIRST].ask, 60)
        time.sleep(3.5)  # the question is over
        talk.say(mouth("yes"))
        talk.converse(lambda _: None, 20, event="answered", question=FIRST)
        assert talk.answered == [(FIRST, "yes")]
        talk.assert_heard_by_person(flow().questions[FIRST].ask)
