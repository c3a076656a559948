"""`--wait-for`: it idles until it hears its word."""

import time
from pathlib import Path

import pytest
from dialogue import Dialogue
from people import Mouth
from room import Room
from sounds import television

pytestmark = pytest.mark.aloud


def test_it_begins_when_it_hears_start(tmp_path: Path, room: Room, mouth: Mouth) -> None:
    with Dialogue(room, "--wait-for", "start") as talk:
        talk.say(television(tmp_path / "television.wav", 12, real=False)).wait()
        assert talk.process.poll() is None, "it waits"
        time.sleep(1.5)
        assert room.loudspeaker.sounds(time.monotonic() - 1.0, time.monotonic()) == []
        assert talk.events == []
        word = talk.say(mouth("start"))
        word.wait()
        begun = room.loudspeaker.first_sound(word.onset, 10)
        assert begun is not None, "it doesn't begin"
        asked = talk.until(event="asked", seconds=60)
        assert asked["question"] == "bladder-control"
