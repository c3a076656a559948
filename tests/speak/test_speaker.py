"""The speaker never stops the conversation, and complains once."""

import numpy as np
import pytest

from voice_triage.errors import SpeechError
from voice_triage.speak.player import Player
from voice_triage.speak.speaker import Silent, Speaker
from voice_triage.speak.synthesis import Speech, Synthesizer


class Reader(Synthesizer):
    """Sound whose length tells the text's; fails while `faults` has messages left."""

    def __init__(self, faults: list[str] | None = None) -> None:
        self.faults = faults or []
        self.read: list[str] = []

    def render(self, text: str) -> Speech:
        self.read.append(text)
        if self.faults and (fault := self.faults.pop(0)):
            raise SpeechError(fault)
        return Speech(np.ones(len(text), np.int16), 1000)


class Room(Player):
    """Remembers how long each utterance was, in samples."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.heard: list[int] = []
        self.closed = False

    def play(self, speech: Speech) -> None:
        if self.fault:
            raise SpeechError(self.fault)
        self.heard.append(len(speech.samples))

    def close(self) -> None:
        self.closed = True


def test_a_text_is_rendered_and_played() -> None:
    room, told = Room(), list[str]()
    speaker = Speaker(Reader(), room, told.append)
    assert speaker.say("Can you move your feet?") is True
    assert room.heard == [23]
    assert told == []
    speaker.close()
    assert room.closed


def test_a_text_of_300_characters_is_one_utterance() -> None:
    reader = Reader()
    text = "Keep still. " * 24 + "Keep still.."
    assert len(text) == 300
    Speaker(reader, Room(), print).say(text)
    assert reader.read == [text]


def test_a_longer_text_is_said_sentence_by_sentence() -> None:
    reader, room = Reader(), Room()
    text = "Keep still. Is it 9.5?\n Yes!  " + "x" * 300 + " Call 9 9 9 now"
    assert Speaker(reader, room, print).say(text)
    assert reader.read == ["Keep still.", "Is it 9.5?", "Yes!", "x" * 300 + " Call 9 9 9 now"]
    assert len(room.heard) == 4
    assert " ".join(reader.read).split() == text.split()


@pytest.mark.parametrize(
    ("reader", "room"), [(Reader(["no espeak-ng"]), Room()), (Reader(), Room("no espeak-ng"))]
)
def test_a_failure_is_told_not_raised(reader: Reader, room: Room) -> None:
    told: list[str] = []
    assert Speaker(reader, room, told.append).say("Hello.") is False
    assert told == ["no espeak-ng"]


def test_each_message_is_told_once() -> None:
    told: list[str] = []
    speaker = Speaker(Reader(["a", "a", "", "b", "a", ""]), Room(), told.append)
    said = [speaker.say("Hello.") for _ in range(6)]
    assert said == [False, False, True, False, False, True]
    assert told == ["a", "b"]


def test_a_failure_ends_the_utterance() -> None:
    reader = Reader(["", "too slow"])
    assert not Speaker(reader, Room(), list[str]().append).say("Keep still. " * 30)
    assert len(reader.read) == 2


def test_after_three_failures_in_a_row_it_gives_up() -> None:
    reader, told = Reader(["too slow"] * 9), list[str]()
    speaker = Speaker(reader, Room(), told.append)
    assert [speaker.say("Hello.") for _ in range(6)] == [False] * 6
    assert len(reader.read) == 3
    assert told == ["too slow"]


def test_other_errors_are_not_swallowed() -> None:
    class Broken(Reader):
        def render(self, text: str) -> Speech:
            raise KeyboardInterrupt(text)

    with pytest.raises(KeyboardInterrupt):
        Speaker(Broken(), Room(), print).say("Hello.")


def test_silence() -> None:
    silent = Silent()
    assert silent.say("Hello.") is False
    silent.close()
