"""Waiting for the start word in real sound, with the real recogniser."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from voice_triage.errors import MicrophoneError, ModelError
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.recognizer import Fit, Recognizer, Vosk
from voice_triage.listen.source import FRAME_SAMPLES, RATE, Frame
from voice_triage.listen.start_word import Waiting, wait_for

Spoken = Callable[..., Frame]


class Device:
    """Plays sound from memory, a piece a turn; loses a block where it is told to."""

    live = True

    def __init__(self, *pieces: Frame, loses_at: int | None = None) -> None:
        self._pieces = list(pieces)
        self._loses_at = loses_at
        self.lost = 0
        self.played = 0.0

    @property
    def exhausted(self) -> bool:
        return not self._pieces

    def utterance(self) -> Iterator[Frame]:
        piece = self._pieces.pop(0)
        for start in range(0, len(piece), FRAME_SAMPLES):
            self.lost += start // FRAME_SAMPLES == self._loses_at
            self.played += FRAME_SAMPLES / RATE
            yield piece[start : start + FRAME_SAMPLES]

    def close(self) -> None:
        pass


class Counting:
    """Vosk, and how much sound it was given."""

    def __init__(self, vosk: Vosk) -> None:
        self._vosk = vosk
        self.made = 0

    def recognizer(self, grammar: Grammar) -> Recognizer:
        self.made += 1
        return self._vosk.recognizer(grammar)

    def fit(self, phrases: Sequence[str] | None, sound: Frame) -> Fit:
        return self._vosk.fit(phrases, sound)


def room(seconds: float, level: float = 30) -> Frame:
    chance = np.random.default_rng(11)
    return (level * chance.standard_normal(int(seconds * RATE))).astype(np.int16)


def said(*parts: Frame | float) -> Frame:
    """Words with silences (seconds) between them, in a room."""
    sounds = [np.zeros(int(p * RATE), np.int16) if isinstance(p, float) else p for p in parts]
    sound = np.concatenate(sounds)
    heard: Frame = np.clip(
        sound.astype(int) + room(len(sound) / RATE + 1)[: len(sound)], -32768, 32767
    ).astype(np.int16)
    return heard


@pytest.mark.parametrize("voice", ["en-us", "slt"])
def test_the_word_by_itself(vosk: Vosk, spoken: Spoken, voice: str) -> None:
    device = Device(said(3.0, spoken("start", voice), 5.0))
    assert wait_for("start", device, vosk)
    assert device.played < 3 + len(spoken("start", voice)) / RATE + 1.6


def test_a_phrase_of_several_words(vosk: Vosk, spoken: Spoken) -> None:
    assert wait_for("start  again", Device(said(2.0, spoken("start again", "slt"), 3.0)), vosk)


def test_the_word_at_once_and_at_the_very_end(vosk: Vosk, spoken: Spoken) -> None:
    assert wait_for("start", Device(said(0.3, spoken("start", "slt"))), vosk)


@pytest.mark.parametrize(
    "text",
    ["i want to start my own projects", "stop", "stop the car", "yes", "the telly is on", "heart"],
)
def test_other_words_and_sentences(vosk: Vosk, spoken: Spoken, text: str) -> None:
    device = Device(said(2.0, spoken(text, "slt"), 3.0))
    assert not wait_for("start", device, vosk)


def test_after_a_sentence_it_is_heard_when_it_stands_alone(vosk: Vosk, spoken: Spoken) -> None:
    talk = spoken("the telly is on and nobody is listening", "slt")
    assert wait_for("start", Device(said(1.0, talk, 2.5, spoken("start", "slt"), 2.0)), vosk)


def test_every_recording_of_a_source_is_heard(vosk: Vosk, spoken: Spoken) -> None:
    device = Device(said(1.0, spoken("no", "slt"), 1.0), said(1.0, spoken("start", "slt"), 1.0))
    assert wait_for("start", device, vosk)


def test_silence_costs_no_recognition_and_no_memory(vosk: Vosk) -> None:
    counting = Counting(vosk)
    waiting = Waiting("start", counting)
    assert counting.made == 1  # to look the words up
    frames = np.split(room(60), 600)
    tracemalloc.start()
    try:
        for frame in frames:
            assert not waiting.hears(frame)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            for frame in frames:
                assert not waiting.hears(frame)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert counting.made == 1
    assert grown < 10_000


def test_talk_without_end_keeps_memory_bounded(vosk: Vosk, spoken: Spoken) -> None:
    talk = spoken("the telly is on and nobody is listening to it", "slt")
    waiting = Waiting("start", vosk)
    frames = [talk[at : at + FRAME_SAMPLES] for at in range(0, len(talk), FRAME_SAMPLES)]
    for frame in frames * 5:
        waiting.hears(frame)
    tracemalloc.start()
    try:
        for frame in frames * 5:
            waiting.hears(frame)
        before = tracemalloc.get_traced_memory()[0]
        for frame in frames * 10:
            waiting.hears(frame)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 500_000  # ten seconds of sound are 320 kB


def test_a_word_with_a_hole_in_it_is_none(vosk: Vosk, spoken: Spoken) -> None:
    sound = said(2.0, spoken("start", "slt"), 3.0)
    assert wait_for("start", Device(sound, loses_at=10), vosk)
    assert not wait_for("start", Device(sound, loses_at=23), vosk)


def test_words_that_the_model_lacks_are_named(vosk: Vosk) -> None:
    with pytest.raises(ModelError, match="xylophone"):
        wait_for("hello xylophone", Device(room(1)), vosk)
    with pytest.raises(ModelError, match="no words"):
        wait_for("  ", Device(room(1)), vosk)


def test_a_microphone_that_fails(vosk: Vosk) -> None:
    class Gone(Device):
        def utterance(self) -> Iterator[Frame]:
            yield room(0.1)
            raise MicrophoneError("unplugged")

    with pytest.raises(MicrophoneError, match="unplugged"):
        wait_for("start", Gone(room(1)), vosk)
