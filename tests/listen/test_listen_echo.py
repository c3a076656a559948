"""Whose voice is it: our own prompt through many rooms, and somebody who speaks into it."""

from collections.abc import Callable

import numpy as np
import pytest
import soxr

from voice_triage.listen.echo import EchoGate, Reference, band_powers, loudness_db
from voice_triage.listen.frames import LIVE_FRAME_MS, RATE, Frame

Spoken = Callable[..., Frame]
PROMPT = "Is either of your legs so numb that you can't feel it?"
FRAME = RATE * LIVE_FRAME_MS // 1000


def room(sound: Frame, gain_db: float, delay_ms: float, rt60_s: float = 0.3) -> Frame:
    """What a microphone hears of it: later, quieter, with the echo of a furnished room, and the
    hiss of its own amplifier at -70 dBFS."""
    rng = np.random.default_rng(3)
    length = int(rt60_s * RATE)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length) * 0.05
    tail[0] = 1.0
    wet = np.convolve(sound / 32768.0, tail)
    late = np.concatenate((np.zeros(int(delay_ms * RATE / 1000)), wet)) * 10 ** (gain_db / 20)
    hiss = rng.standard_normal(len(late)) * 10 ** (-70 / 20)
    return np.asarray(((late + hiss) * 32768).clip(-32768, 32767), np.int16)


def longest_ms(gate: EchoGate, heard: Frame, reference: Reference | None, at_s: float) -> list[int]:
    """What the gate says after each frame of sound that begins at `at_s`."""
    said = []
    for start in range(0, len(heard) - FRAME, FRAME):
        end_s = at_s + (start + FRAME) / RATE
        said.append(gate.update(heard[start : start + FRAME], end_s, reference))
    return said


def learned(prompt: Frame, gain_db: float, delay_ms: float) -> EchoGate:
    gate = EchoGate()
    longest_ms(gate, room(prompt, gain_db, delay_ms), Reference.of(prompt, RATE, 10.0), 10.0)
    assert gate.learned
    gate.begin()
    return gate


@pytest.mark.parametrize("gain_db", [0, -12, -30, -50])
@pytest.mark.parametrize("delay_ms", [0, 120, 300])
def test_our_own_voice_is_nobody(spoken: Spoken, gain_db: float, delay_ms: float) -> None:
    prompt, other = spoken(PROMPT), spoken("Answer yes, no, or not sure.")
    gate = learned(prompt, gain_db, delay_ms)
    said = longest_ms(
        gate, room(other, gain_db, delay_ms), Reference.of(other, RATE, 20.0), 20.0
    )  # fmt: skip
    assert max(said) < 100


def test_before_it_has_learned_nobody_is_heard(spoken: Spoken) -> None:
    gate, prompt = EchoGate(), spoken("no")
    said = longest_ms(gate, room(prompt, -30, 100), Reference.of(prompt, RATE, 5.0), 5.0)
    assert not any(said[:20])
    assert gate.echo_db() == 0 or gate.learned


@pytest.mark.parametrize("gain_db", [-20, -40, -120])
@pytest.mark.parametrize("word", ["well", "wait", "yes", "no"])
def test_somebody_who_speaks_into_it_is_heard_within_a_quarter_second(
    spoken: Spoken, gain_db: float, word: str
) -> None:
    prompt, voice = spoken(PROMPT), spoken(word, "slt")
    gate = learned(prompt, gain_db, 100)
    echo = room(prompt, gain_db, 100).astype(np.int32)
    begin = int(np.flatnonzero(np.abs(voice) > 1000)[0])
    loud = voice[begin:] * (32768 * 10 ** (-10 / 20) / np.abs(voice.astype(int)).max())
    echo[RATE : RATE + len(loud)] += loud.astype(np.int32)
    heard = np.asarray(echo.clip(-32768, 32767), np.int16)
    said = longest_ms(gate, heard, Reference.of(prompt, RATE, 30.0), 30.0)
    first = next(i for i, ms in enumerate(said) if ms >= 60) * LIVE_FRAME_MS
    assert not any(said[: 1000 // LIVE_FRAME_MS])
    assert 1000 < first < 1250
    assert max(said) >= 100


def test_a_click_is_nobody(spoken: Spoken) -> None:
    prompt = spoken(PROMPT)
    gate = learned(prompt, -40, 100)
    heard = room(prompt, -40, 100)
    heard[RATE : RATE + RATE // 50] = 20_000
    assert max(longest_ms(gate, heard, Reference.of(prompt, RATE, 30.0), 30.0)) < 60


@pytest.mark.parametrize("gain_db", [0, -20, -40])
def test_it_knows_how_loud_the_echo_is(spoken: Spoken, gain_db: float) -> None:
    gate = learned(spoken(PROMPT), gain_db, 150)
    assert gate.echo_db() == pytest.approx(gain_db, abs=8)


def test_a_fan_in_the_room_is_nobody(spoken: Spoken) -> None:
    prompt = spoken(PROMPT)
    rng = np.random.default_rng(1)
    fan = np.asarray(rng.standard_normal(RATE * 6) * 32768 * 10 ** (-45 / 20), np.int16)
    gate = EchoGate()
    said = longest_ms(gate, fan, Reference.of(prompt, RATE, 0.0), 0.0)
    assert max(said) == 0


def test_powers_are_those_of_full_scale() -> None:
    tone = 32767 * np.sin(2 * np.pi * 1200 / RATE * np.arange(RATE))
    powers = band_powers(tone.astype(np.int16))
    assert powers.shape == (50, 8)
    assert loudness_db(powers) == pytest.approx(-3, abs=0.5), "a sine has half the power"
    assert powers.mean(axis=0).argmax() == 3
    assert loudness_db(band_powers(np.zeros(RATE, np.int16))) == -120
    assert loudness_db(band_powers(np.zeros(5, np.int16))) == -120


def test_a_reference_at_any_rate_is_the_same(spoken: Spoken) -> None:
    prompt = spoken(PROMPT)
    faster = soxr.resample(prompt, RATE, 22_050)
    ours, theirs = Reference.of(prompt, RATE, 0.0), Reference.of(faster, 22_050, 0.0)
    assert loudness_db(ours.powers) == pytest.approx(loudness_db(theirs.powers), abs=0.5)
    assert not ours.loudest(100.0).any(), "long ago"
    assert ours.loudest(1.0).any()
