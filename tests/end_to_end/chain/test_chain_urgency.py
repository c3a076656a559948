"""A straight run to each urgency level, by short answers."""

from itertools import pairwise

import pytest
from dialogue import Dialogue
from people import Mouth, Patient, flow
from room import Room

from voice_triage.conversation.phrases import spoken

pytestmark = pytest.mark.aloud

QUESTIONS = [name for name in flow().questions if name != "one-sided-moving"]
"""What somebody is asked whose trouble isn't on one side."""


def test_an_emergency_is_told_twice_at_once_and_to_the_end(room: Room, mouth: Mouth) -> None:
    with Dialogue(room, "--region", "GB") as talk:
        patient = Patient(mouth, {"leg-feeling": "yes"})
        counted = talk.converse(patient, event="answered", question="leg-feeling")
        talk.until(event="outcome", seconds=120)
        assert talk.end() == 0
        assert talk.answered == [("bladder-control", "no"), ("leg-feeling", "yes")]
        assert talk.outcome["urgency"] == "emergency"
        assert talk.outcome["outcomes"] == ["immediate"]
        assert talk.outcome["complete"] is True
        immediate = flow().outcomes["immediate"]
        now = spoken(immediate.now.format(number="999"))
        first = talk.assert_heard_by_person(now, since=counted["at"])
        second = talk.assert_heard_by_person(now, since=first + 1)
        assert second > first
        advice = [talk.assert_heard_by_person(text, since=second) for text in immediate.advice]
        assert all(a < b for a, b in pairwise([second, *advice])), "all advice, in its order"


@pytest.mark.parametrize(
    ("truth", "urgency", "outcomes", "asked"),
    [
        ({"balance": "yes"}, "urgent", ["today"], QUESTIONS),
        ({"numbness": "yes"}, "soon", ["appointment"], QUESTIONS),
        ({}, "routine", ["watch"], QUESTIONS),
    ],
    ids=["urgent", "soon", "routine"],
)
def test_a_straight_run(
    room: Room,
    mouth: Mouth,
    truth: dict[str, str],
    urgency: str,
    outcomes: list[str],
    asked: list[str],
) -> None:
    with Dialogue(room) as talk:
        patient = Patient(mouth, truth, after_s=0.3)
        talk.converse(patient, 150, event="answered", question=QUESTIONS[-1])
        talk.wait_for_shown(flow().outcomes[outcomes[0]].now)
        talk.stop()  # the advice is long, and heard to its end in the test above
        assert talk.answered == [(name, truth.get(name, "no")) for name in asked]
        assert talk.outcome["urgency"] == urgency
        assert talk.outcome["outcomes"] == outcomes
        assert talk.outcome["complete"] is True
