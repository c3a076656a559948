"""Whole turns: sound in, words out, through the real recogniser."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voice_triage.errors import ModelError
from voice_triage.listen.endpoint_times import EndpointTimes, Patience
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.heard import Heard
from voice_triage.listen.listener import Listener
from voice_triage.listen.recognizer import Vosk
from voice_triage.listen.source import FRAME_SAMPLES, RATE, AudioFile, Frame

Spoken = Callable[..., Frame]
YES_NO = Grammar(("yes", "no"))


def answers(heard: Heard) -> Patience | None:
    return Patience(500, 500) if heard.text in YES_NO.phrases else None


class Device:
    """Sound from memory that loses a block where it is told to."""

    live = True
    exhausted = False

    def __init__(self, sound: Frame, loses_at: Collection[int] = ()) -> None:
        self._frames = iter(range(0, len(sound), FRAME_SAMPLES))
        self._sound = sound
        self._loses_at = loses_at
        self.lost = 0

    def utterance(self) -> Iterator[Frame]:
        for start in self._frames:
            self.lost += start // FRAME_SAMPLES in self._loses_at
            yield self._sound[start : start + FRAME_SAMPLES]

    def close(self) -> None:
        pass


def silence(seconds: float) -> Frame:
    return np.zeros(int(seconds * RATE), np.int16)


def test_a_file_for_every_answer(
    say: Callable[..., Path], vosk: Vosk, times: EndpointTimes
) -> None:
    words = ["yes", "no", "no", "yes"]
    voices = ["en-us", "slt", "en-gb", "slt"]
    paths = [say(word, voice) for word, voice in zip(words, voices, strict=True)]
    listener = Listener(AudioFile(paths), vosk, times)
    heard = [listener.hear(YES_NO, answers) for _ in words]
    assert [turn.text for turn in heard] == words
    assert not any(turn.ended for turn in heard)
    assert all(turn.confidence > 0.5 for turn in heard)
    assert all(0.2 < turn.seconds < 2 for turn in heard)
    assert listener.hear(YES_NO, answers).ended


def test_one_long_recording(
    spoken: Spoken, vosk: Vosk, times: EndpointTimes, tmp_path: Path
) -> None:
    words = ["no", "yes", "yes", "no"]
    parts = [part for word in words for part in (silence(1), spoken(word, "slt"), silence(1.5))]
    soundfile.write(tmp_path / "all.wav", np.concatenate(parts), RATE)
    listener = Listener(AudioFile([tmp_path / "all.wav"]), vosk, times)
    assert [listener.hear(YES_NO, answers).text for _ in words] == words
    rest = listener.hear(YES_NO, answers)
    assert (rest.text, rest.ended) == ("", False)
    assert listener.hear(YES_NO, answers).ended


def test_an_answer_ends_soon_after_the_word(
    spoken: Spoken, vosk: Vosk, times: EndpointTimes
) -> None:
    word = spoken("yes", "slt")
    device = Device(np.concatenate((silence(1), word, silence(9))))
    heard = Listener(device, vosk, times).hear(YES_NO, answers)
    assert heard.text == "yes"
    assert heard.seconds < 1 + len(word) / RATE + 0.7


def test_nobody_answers(vosk: Vosk, times: EndpointTimes) -> None:
    listener = Listener(Device(silence(30)), vosk, times)
    heard = listener.hear(YES_NO, answers)
    assert (heard.text, heard.confidence, heard.ended) == ("", 0.0, False)
    assert heard.seconds == times.begin_ms / 1000
    assert listener.hear(YES_NO, answers, times.with_times(begin_ms=3000)).seconds == 3


def test_another_word_ends_after_the_longer_pause(
    spoken: Spoken, vosk: Vosk, times: EndpointTimes
) -> None:
    device = Device(np.concatenate((silence(1), spoken("seven"), silence(9))))
    heard = Listener(device, vosk, times).hear(YES_NO, answers)
    assert (heard.text, heard.confidence) == ("[unk]", 0.0)
    assert times.pause_ms / 1000 + 1.2 < heard.seconds < times.pause_ms / 1000 + 2


def test_a_cough_is_no_answer(vosk: Vosk, times: EndpointTimes) -> None:
    rng = np.random.default_rng(2)
    cough = (rng.standard_normal(RATE // 4) * np.linspace(9000, 0, RATE // 4)).astype(np.int16)
    device = Device(np.concatenate((silence(1), cough, silence(9))))
    heard = Listener(device, vosk, times).hear(YES_NO, answers)
    assert heard.text in ("", "[unk]")


def test_lost_sound_is_reported_in_its_own_turn(
    spoken: Spoken, vosk: Vosk, times: EndpointTimes
) -> None:
    sound = np.concatenate((silence(1), spoken("yes"), silence(1), spoken("no"), silence(2)))
    listener = Listener(Device(sound, loses_at={3, 11}), vosk, times)
    assert [listener.hear(YES_NO, answers).lost for _ in range(2)] == [2, 0]


def test_levels_for_a_meter(spoken: Spoken, vosk: Vosk, times: EndpointTimes) -> None:
    levels: list[float] = []
    device = Device(np.concatenate((silence(1), spoken("yes"), silence(3))))
    heard = Listener(device, vosk, times).hear(YES_NO, answers, on_level=levels.append)
    assert len(levels) == heard.seconds * 10
    assert levels[0] == -120
    assert max(levels) > -40


def test_a_word_that_the_model_lacks_stops_the_turn(vosk: Vosk, times: EndpointTimes) -> None:
    with pytest.raises(ModelError, match="xylophone"):
        Listener(Device(silence(1)), vosk, times).hear(Grammar(("xylophone",)), answers)
