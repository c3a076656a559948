"""The kiosk in a room with a microphone and a loudspeaker, and a page that shows and taps."""

import json
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import pytest
from kiosk_program import KioskProgram
from people import Mouth
from room import Room
from websockets.sync.client import connect

pytestmark = [pytest.mark.aloud, pytest.mark.allow_hosts(["127.0.0.1"])]

View = dict[str, Any]
FIRST, SECOND = "bladder-control", "leg-feeling"


class Kiosk:
    """The program as its owner starts it, and one page."""

    def __init__(self, room: Room, *options: str) -> None:
        self._program = KioskProgram(room, *options)
        self.views: list[View] = []
        self.levels: list[float] = []

    def __enter__(self) -> Self:
        self._program.start()
        self.process = self._program.process
        origin = self._program.origin
        self._connecting = connect(f"ws{origin[4:]}/ws", origin=origin, proxy=None)
        self._page = self._connecting.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connecting.__exit__(None, None, None)
        self._program.stop()
        self.log = self._program.log
        if error is not None:
            story = [f"{v['turn']} {v['phase']} {v['text']} {v['heard']}" for v in self.views]
            error.add_note("\n".join([*story, self.log]))

    def until(self, wanted: Callable[[View], object], seconds: float = 60) -> View:
        """The next view that is as wanted."""
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(self._page.recv(timeout=max(deadline - time.monotonic(), 0.01)))
            if message["type"] == "level":
                self.levels.append(message["dbfs"])
            if message["type"] == "view":
                self.views.append(message)
                if wanted(message):
                    return self.views[-1]

    def waits(self) -> View:
        """It waits for somebody to say the start word."""
        return self.until(lambda v: v["phase"] == "waiting" and v["start_word"] == "start")

    def asks(self, question: str, phase: str, kind: str = "question") -> View:
        """It asks that, and is in that phase."""
        return self.until(
            lambda v: (v["question"], v["phase"], v["kind"]) == (question, phase, kind)
        )

    def ends(self, button: str) -> View:
        """It shows an ending with that button."""
        return self.until(lambda v: v["phase"] == "ending" and button in v["buttons"])

    def taps(self, view: View, answer: str) -> float:
        """Somebody has read it, and touches a button; when, by time.monotonic()."""
        time.sleep(0.7)
        self._page.send(json.dumps({"type": "tap", "turn": view["turn"], "answer": answer}))
        return time.monotonic()


@pytest.fixture
def kiosk(room: Room) -> Iterator[Kiosk]:
    with Kiosk(room) as kiosk:
        yield kiosk


def test_by_voice_alone(kiosk: Kiosk, room: Room, mouth: Mouth) -> None:
    waiting = kiosk.waits()
    assert waiting["buttons"] == ["start"]
    time.sleep(1.0)
    said = room.say(mouth("start"))
    asked = kiosk.asks(FIRST, "listening")
    assert room.loudspeaker.sounds(said.end, time.monotonic()), "it speaks too"
    assert asked["progress"]["done"] == 0
    time.sleep(0.4)
    room.say(mouth("yes"))
    last = kiosk.ends("stop")
    assert last["heard"] == {"text": "yes", "answer": "yes"}
    ending = last["ending"]
    assert ending["urgency"] == "emergency"
    assert [s["question"] for s in ending["symptoms"]] == [FIRST]
    assert ending["marks"]
    assert kiosk.levels
    assert max(kiosk.levels) > -60 > min(kiosk.levels) or max(kiosk.levels) > -40


def test_by_touch_alone(kiosk: Kiosk, room: Room) -> None:
    kiosk.taps(kiosk.waits(), "start")
    asked = kiosk.asks(FIRST, "speaking")
    touched = kiosk.taps(asked, "no")  # in the middle of the question
    again = kiosk.asks(SECOND, "speaking")
    assert again["turn"] > asked["turn"]
    kiosk.taps(asked, "yes")  # a stale one
    touched = kiosk.taps(again, "unsure")
    view = kiosk.ends("stop")
    assert view["ending"]["urgency"] == "emergency"
    assert view["ending"]["symptoms"] == [], "not sure is no report"
    touched = kiosk.taps(view, "stop")
    rested = kiosk.ends("repeat")
    time.sleep(1.5)
    assert room.loudspeaker.sounds(touched + 1.0, time.monotonic()) == []
    kiosk.taps(rested, "stop")
    waiting = kiosk.waits()
    assert waiting["ending"] is None
    assert waiting["heard"] is None


def test_by_voice_and_touch(room: Room, mouth: Mouth) -> None:
    with Kiosk(room, "--ending-s", "2") as kiosk:
        kiosk.waits()
        time.sleep(1.0)
        room.say(mouth("start"))
        kiosk.taps(kiosk.asks(FIRST, "listening"), "no")
        kiosk.asks(SECOND, "listening")
        time.sleep(0.4)
        room.say(mouth("hold on"))
        kiosk.taps(kiosk.until(lambda v: v["phase"] == "paused"), "repeat")
        kiosk.asks(SECOND, "listening", "reprompt")
        time.sleep(0.4)
        room.say(mouth("stop"))
        stopping = kiosk.until(lambda v: v["kind"] == "confirm" and v["phase"] == "speaking")
        kiosk.taps(stopping, "yes")
        view = kiosk.ends("stop")
        urgency = view["ending"]["urgency"]
        assert urgency == "emergency", "what it couldn't ask it can't rule out"
        kiosk.taps(view, "stop")
        assert kiosk.waits()["ending"] is None, "it goes by itself"


def test_a_kiosk_whose_microphone_goes_is_touched(own_room: Room) -> None:
    with Kiosk(own_room) as kiosk:
        kiosk.taps(kiosk.waits(), "start")
        asked = kiosk.asks(FIRST, "listening")
        own_room.unplug_microphone()
        kiosk.taps(asked, "no")
        kiosk.taps(kiosk.asks(SECOND, "speaking"), "yes")
        assert kiosk.ends("stop")["ending"]["urgency"] == "emergency"
    assert kiosk.process.returncode == 130
    assert "legs" not in kiosk.log
    assert "Traceback" not in kiosk.log
