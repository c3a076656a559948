"""Second opinions: real words, other words and noise, through the real recogniser."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import pytest

from voice_triage.listen.evidence import gather
from voice_triage.listen.grammar import Grammar
from voice_triage.listen.heard import Evidence
from voice_triage.listen.recognizer import Fit, Vosk
from voice_triage.listen.source import FRAME_SAMPLES, RATE, Frame

Spoken = Callable[..., Frame]
ALIKE = ("yes", "no", "go", "down", "now", "oh")
ANSWERS = Grammar(("yes", "no", "no it isn't", "i don't know"))


def hiss(seconds: float, level: float = 30) -> Frame:
    chance = np.random.default_rng(4)
    return (level * chance.standard_normal(int(seconds * RATE))).astype(np.int16)


def frames_of(sound: Frame) -> list[Frame]:
    return [sound[at : at + FRAME_SAMPLES] for at in range(0, len(sound), FRAME_SAMPLES)]


def heard(vosk: Vosk, sound: Frame, grammar: Grammar = ANSWERS) -> tuple[str, Evidence | None]:
    recognizer = vosk.recognizer(grammar)
    frames = frames_of(sound)
    for frame in frames:
        recognizer.feed(frame)
    text, _ = recognizer.finish()
    return text, gather(frames, text, recognizer.span, vosk, ALIKE, lambda said: said)


def in_room(word: Frame, before: float = 1, after: float = 1, level: float = 30) -> Frame:
    room = hiss(before + len(word) / RATE + after, level)
    at = int(before * RATE)
    room[at : at + len(word)] += word[: len(room) - at]
    return room


@pytest.mark.parametrize("voice", ["en-us", "slt"])
@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_word_that_was_said(vosk: Vosk, spoken: Spoken, word: str, voice: str) -> None:
    text, evidence = heard(vosk, in_room(spoken(word, voice)))
    assert text == word
    assert evidence is not None
    assert evidence.agrees
    assert evidence.margin > 1
    assert 150 < evidence.speech_ms < 900
    assert evidence.snr_db > 25


def test_a_long_silence_changes_nothing(vosk: Vosk, spoken: Spoken) -> None:
    _, short = heard(vosk, in_room(spoken("no", "slt")))
    _, long = heard(vosk, in_room(spoken("no", "slt"), before=4, after=3))
    assert short is not None
    assert long is not None
    assert long.margin == pytest.approx(short.margin, abs=2)
    assert long.speech_ms == pytest.approx(short.speech_ms, abs=90)
    assert long.snr_db == pytest.approx(short.snr_db, abs=2)


def test_more_noise_is_less_snr(vosk: Vosk, spoken: Spoken) -> None:
    _, quiet = heard(vosk, in_room(spoken("no", "slt"), level=10))
    _, noisy = heard(vosk, in_room(spoken("no", "slt"), level=300))
    assert quiet is not None
    assert noisy is not None
    assert noisy.snr_db < quiet.snr_db - 10


def test_nothing_heard_has_no_evidence(vosk: Vosk) -> None:
    assert heard(vosk, hiss(3)) == ("", None)


def test_another_word_forced_into_the_text_fits_no_better(vosk: Vosk, spoken: Spoken) -> None:
    sound = in_room(spoken("seven", "slt"))
    span = (1.0, 1.0 + len(spoken("seven", "slt")) / RATE)
    evidence = gather(frames_of(sound), "no", span, vosk, ALIKE, lambda said: said)
    assert evidence is not None
    assert evidence.margin == 0
    assert not evidence.agrees


def test_evidence_is_json(vosk: Vosk, spoken: Spoken) -> None:
    _, evidence = heard(vosk, in_room(spoken("yes")))
    assert evidence is not None
    assert json.loads(json.dumps(asdict(evidence))) == asdict(evidence)


class Deaf:
    """Finds no way through any sound."""

    def fit(self, phrases: Sequence[str] | None, sound: Frame) -> Fit:
        del phrases, sound
        return Fit("", -np.inf)


def test_no_way_through_the_sound_is_no_fit(spoken: Spoken) -> None:
    evidence = gather(frames_of(in_room(spoken("no"))), "no", (1.0, 1.4), Deaf(), ALIKE, len)
    assert evidence is not None
    assert evidence.margin == 0
    assert not evidence.agrees
    json.dumps(asdict(evidence), allow_nan=False)


def test_equal_meanings_agree(vosk: Vosk, spoken: Spoken) -> None:
    """Free decoding may hear other words for the same thing."""
    sound = in_room(spoken("no", "slt"))
    recognizer = vosk.recognizer(ANSWERS)
    frames = frames_of(sound)
    for frame in frames:
        recognizer.feed(frame)
    text, _ = recognizer.finish()
    same = gather(frames, text, recognizer.span, vosk, ALIKE, lambda _: "anything")
    assert same is not None
    assert same.agrees


def test_fit_compares_words_for_one_sound(vosk: Vosk, spoken: Spoken) -> None:
    sound = in_room(spoken("yes", "slt"), before=0.3, after=0.3)
    yes, no = vosk.fit(("yes",), sound), vosk.fit(("no",), sound)
    assert yes.text == "yes"
    assert yes.nats > no.nats
    assert vosk.fit(("yes", "no"), sound).text == "yes"
    assert vosk.fit(("xylophone",), sound) == Fit("", -np.inf)
