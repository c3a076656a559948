"""What breaks while it talks: somebody sees or hears it, and no emergency question is skipped."""

from pathlib import Path

import pytest
from dialogue import Dialogue
from people import Mouth, Patient, flow
from room import Room

pytestmark = pytest.mark.aloud

FIRST, SECOND = "bladder-control", "leg-feeling"
ANSWERS = [(FIRST, "no"), (SECOND, "yes")]


def test_the_microphone_is_unplugged_and_comes_back(own_room: Room, mouth: Mouth) -> None:
    with Dialogue(own_room) as talk:
        patient = Patient(mouth, dict(ANSWERS))
        talk.converse(patient, 60, event="asked", question=SECOND)
        own_room.unplug_microphone()
        # However the server tells it, by an error or by silence from another device:
        talk.until(event="asked", question=SECOND, seconds=40)
        assert talk.answered == ANSWERS[:1], "what it couldn't hear is open"
        own_room.plug_microphone()  # the turn that is under way may get nothing or half a word
        talk.until(event="asked", question=SECOND, seconds=40)
        own_room.say(mouth("yes"))
        talk.converse(patient, 60, event="answered", question=SECOND)
        assert talk.answered == ANSWERS
        talk.stop()
        assert talk.outcome["urgency"] == "emergency"
        assert "Traceback" not in talk.shown


def test_the_microphone_stays_away(own_room: Room) -> None:
    with Dialogue(own_room) as talk:
        talk.until(event="asked", seconds=60)
        own_room.unplug_microphone()
        talk.wait_for_shown("hospital", 90)
        talk.stop()
        assert "no" not in dict(talk.answered).values()
        assert talk.outcome["urgency"] == "emergency"
        assert "hear" in talk.shown.split(flow().questions[FIRST].ask, 1)[1]
        assert "Traceback" not in talk.shown


def test_the_loudspeaker_is_unplugged_and_comes_back(own_room: Room, mouth: Mouth) -> None:
    with Dialogue(own_room) as talk:
        patient = Patient(mouth, dict(ANSWERS))
        talk.wait_for_shown(flow().questions[FIRST].ask, 60)
        own_room.unplug_loudspeaker()  # in the middle of the question
        talk.converse(patient, 60, event="answered", question=FIRST)
        own_room.plug_loudspeaker()
        counted = talk.converse(patient, 60, event="answered", question=SECOND)
        assert talk.answered == ANSWERS
        first_words = own_room.loudspeaker.first_sound(counted["at"], 10)
        assert first_words is not None, "it is heard again"
        talk.stop()
        assert talk.outcome["urgency"] == "emergency"
        assert "Traceback" not in talk.shown


def test_rendering_hangs(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    """From the second question on; the first has been heard."""
    flag = tmp_path / "hangs"
    hangs = {"RENDERING_HANGS": str(flag), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with Dialogue(room, **hangs) as talk:
        patient = Patient(mouth, dict(ANSWERS))
        talk.wait_for_shown(flow().questions[FIRST].ask, 60)
        flag.touch()
        talk.converse(patient, 90, event="answered", question=SECOND)
        assert talk.answered == ANSWERS
        talk.wait_for_shown("can't speak", 60)
        talk.stop(seconds=20)
        assert talk.outcome["urgency"] == "emergency"
        assert "Traceback" not in talk.shown


def test_the_disk_is_full(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with Dialogue(room, "--state-dir", state, DISK_FULL=str(state)) as talk:
        patient = Patient(mouth, dict(ANSWERS))
        talk.wait_for_shown("No space left", 60)
        talk.converse(patient, 90, event="answered", question=SECOND)
        assert talk.answered == ANSWERS
        talk.stop()
        assert talk.outcome["urgency"] == "emergency"
        assert "Traceback" not in talk.shown
        assert talk.shown.count("No space left") == 1, "told once"


def test_a_cache_on_a_full_disk(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    with Dialogue(room, XDG_CACHE_HOME=str(cache), DISK_FULL=str(cache)) as talk:
        asked = talk.until(event="asked", seconds=60)
        talk.assert_heard_by_person(asked["text"])
        talk.say(mouth("yes"))
        talk.converse(Patient(mouth, {FIRST: "yes"}), 30, event="answered")
        assert "Traceback" not in talk.shown
