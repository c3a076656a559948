"""The speaker never stops the conversation, complains once, and says when it works again."""

import threading
import time

import numpy as np
import pytest
from fake_player import Reader, Room, until

from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.earcons import Earcon, earcon
from voice_triage.speak.manner import Manner
from voice_triage.speak.speaker import Silent, Speaker
from voice_triage.speak.synthesis import Pyttsx3, Speech


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


def test_each_message_is_told_once_until_it_works() -> None:
    told: list[str] = []
    speaker = Speaker(Reader(["a", "a", "", "b", "a", ""]), Room(), told.append)
    said = [speaker.say("Hello.") for _ in range(6)]
    assert said == [False, False, True, False, False, True]
    assert told == ["a", "b", "a"]


def test_a_failure_ends_the_utterance() -> None:
    reader = Reader(["", "too slow"])
    assert not Speaker(reader, Room(), list[str]().append).say("Keep still. " * 30)
    assert len(reader.read) == 2


def test_a_message_is_told_again_after_it_has_worked() -> None:
    happened: list[str] = []
    room = Room()
    speaker = Speaker(Reader(), room, happened.append, lambda: happened.append("back"))
    for fault in ("", "unplugged", "unplugged", "hangs", "", "", "unplugged", ""):
        room.fault = fault
        assert speaker.say("Hello.") is not bool(fault)
    assert happened == ["unplugged", "hangs", "back", "unplugged", "back"]


def test_it_never_gives_up() -> None:
    reader = Reader(["too slow"] * 9)
    speaker = Speaker(reader, Room(), list[str]().append)
    assert [speaker.say("Hello.") for _ in range(10)] == [False] * 9 + [True]


def test_a_tone_that_is_heard_does_not_mean_that_speech_works() -> None:
    happened: list[str] = []
    speaker = Speaker(
        Reader(["a", "a", ""]), Room(), happened.append, lambda: happened.append("back")
    )
    for _ in range(3):
        speaker.say("Hello.")
        assert speaker.tone(Earcon.LISTENING)
    assert happened == ["a", "back"]


def test_the_pace_is_asked_for_and_the_gain_given() -> None:
    reader, room = Reader(), Room()
    speaker = Speaker(reader, room, print)
    speaker.say("Hello.", Manner(96, gain_db=6.0))
    speaker.say("Hello.")
    assert reader.paces == [96, 150]
    assert [sound.samples.max() for sound in room.sounds] == [1995, 1000]


def test_begin_returns_at_once_and_the_sound_can_be_stopped() -> None:
    reader, room = Reader(), Room(slow=True)
    speaker = Speaker(reader, room, print)
    speaking = speaker.begin("x" * 60_000)
    assert not speaking.done
    until(lambda: room.heard == [60_000])
    assert speaking.played is not None
    assert len(speaking.played.samples) == 60_000
    speaking.stop()
    assert speaking.done
    assert speaking.wait() is False


def test_stopping_what_is_still_being_rendered() -> None:
    reader, room = Reader(), Room()
    reader.gates["Hello."] = threading.Event()
    speaking = Speaker(reader, room, print).begin("Hello.")
    until(lambda: reader.read == ["Hello."])
    assert speaking.played is None
    speaking.stop()
    assert speaking.wait() is False
    reader.gates["Hello."].set()
    time.sleep(0.1)
    assert room.heard == []


def test_stopping_a_long_text_stops_all_of_it() -> None:
    room = Room(slow=True)
    told: list[str] = []
    speaking = Speaker(Reader(), room, told.append).begin("Keep still for a while. " * 20)
    until(lambda: len(room.heard) == 3)
    speaking.stop()
    time.sleep(0.1)
    assert len(room.heard) == 3
    assert told == []


def test_the_next_text_stops_the_last() -> None:
    room = Room(slow=True)
    speaker = Speaker(Reader(), room, print)
    first = speaker.begin("Keep still for a while. " * 20)
    until(lambda: len(room.heard) == 2)
    second = speaker.begin("Yes.")
    assert first.done
    assert second.wait() is True
    assert first.wait() is False
    assert room.heard[2:] == [4]


def test_what_was_played_of_several_parts_is_laid_out_in_time() -> None:
    room = Room(slow=True)
    speaking = Speaker(Reader(), room, print).begin("Keep still. " + "x" * 300)
    assert speaking.wait() is True
    played = speaking.played
    assert played is not None
    assert played.rate == 1000
    assert len(played.samples) == pytest.approx(311, abs=15)
    assert (played.samples[:11] == 1000).all()
    assert (played.samples[-300:] == 1000).all()


def test_a_part_is_rendered_while_the_one_before_plays() -> None:
    reader, room = Reader(), Room(slow=True)
    Speaker(reader, room, print).begin("Keep still for a second. " * 20)
    until(lambda: len(room.heard) == 1)
    time.sleep(0.01)
    assert len(reader.read) == 2


def test_silence_at_the_ends_is_not_played_but_pauses_between_sentences_are() -> None:
    class Espeak(Reader):
        def render(self, text: str, words_per_minute: int | None = None) -> Speech:
            sound = super().render(text, words_per_minute).samples
            return Speech(np.pad(sound, (100, 400)), 1000)

    room = Room()
    Speaker(Espeak(), room, print).say("Keep still. " + "x" * 300)
    assert room.heard == [10 + 11 + 400, 10 + 300 + 30]


def test_a_tone_leads_into_the_text_in_one_stream() -> None:
    room = Room()
    speaker = Speaker(CachedSynthesizer(Pyttsx3(), None), room, print)
    speaker.say("Can you move your feet?")
    speaker.say("Can you move your feet?", after=Earcon.HEARD)
    plain, toned = room.sounds
    tone = earcon(Earcon.HEARD, 22050)
    assert np.array_equal(toned.samples[: len(tone.samples)], tone.samples)
    gap = np.flatnonzero(np.abs(toned.samples[len(tone.samples) :]) > 30)[0]
    assert 0.02 < gap / 22050 < 0.06
    assert np.array_equal(toned.samples[-len(plain.samples) :], plain.samples)


def test_tones_can_be_off() -> None:
    room = Room()
    speaker = Speaker(Reader(), room, print, earcons=False)
    assert speaker.tone(Earcon.LISTENING) is False
    assert speaker.say("Hello.", after=Earcon.HEARD)
    assert room.heard == [6]


def test_a_tone_by_itself() -> None:
    room = Room()
    assert Speaker(Reader(), room, print).tone(Earcon.LISTENING, Manner(gain_db=-4)) is True
    (sound,) = room.sounds
    assert sound.seconds == pytest.approx(0.1)
    assert sound.samples.max() == pytest.approx(3277 * 10 ** (-4 / 20), rel=0.02)


def test_closing() -> None:
    room = Room()
    speaker = Speaker(Reader(), room, print)
    speaker.close()
    speaker.close()
    assert room.closed


def test_other_errors_are_not_swallowed() -> None:
    class Broken(Reader):
        def render(self, text: str, words_per_minute: int | None = None) -> Speech:
            raise KeyboardInterrupt(text, words_per_minute)

    with pytest.raises(KeyboardInterrupt):
        Speaker(Broken(), Room(), print).say("Hello.")


def test_silence() -> None:
    silent = Silent()
    assert silent.say("Hello.", Manner(), Earcon.HEARD) is False
    speaking = silent.begin("Hello.", Manner(), Earcon.HEARD)
    speaking.stop()
    assert (speaking.wait(), speaking.done, speaking.played) == (False, True, None)
    assert silent.tone(Earcon.LISTENING) is False
    silent.prepare(["Hello."])
    silent.close()


def test_silence_has_all_that_a_speaker_has() -> None:
    for name in vars(Speaker):
        assert name.startswith("_") or hasattr(Silent, name)
