"""Mixing: what is asked for is what comes out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.evaluate import room
from voice_triage.listen.frames import RATE, Samples


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def speech(power_db: float = -20) -> Samples:
    """A second of "speech" of that power between two seconds of near silence."""
    hiss = 1e-4 * chance().standard_normal(5 * RATE)
    hiss[2 * RATE : 3 * RATE] += 10 ** (power_db / 20) * chance(2).standard_normal(RATE)
    return hiss.astype(np.float32)


def in_db(ratio: float) -> float:
    return 10 * float(np.log10(ratio))


def test_the_level_of_speech_is_that_of_its_active_part() -> None:
    assert in_db(room.active_power(speech())) == pytest.approx(-20, abs=0.3)
    assert in_db(float(np.mean(speech() ** 2))) < -26


def test_silence_has_no_level() -> None:
    assert room.active_power(np.zeros(RATE, np.float32)) == 0
    assert room.active_power(np.zeros(3, np.float32)) == 0
    assert room.active_power(np.zeros(0, np.float32)) == 0


@given(snr_db=st.floats(-20, 40), power_db=st.floats(-45, -3), seed=st.integers(0, 99))
def test_the_signal_to_noise_ratio_is_the_one_asked_for(
    snr_db: float, power_db: float, seed: int
) -> None:
    clip = speech(power_db)
    noise = room.pink(len(clip), chance(seed))
    both = room.noisy(clip, noise, room.active_power(clip), snr_db)
    left = float(np.mean((both - clip).astype(np.float64) ** 2))
    assert in_db(room.active_power(clip) / left) == pytest.approx(snr_db, abs=0.1)
    # As 16 bits, too, however loud: nothing is cut off.
    frame = room.to_frame(both) / 32768
    loudest = max(1.0, float(np.max(np.abs(both))))
    assert np.allclose(frame, both / loudest, atol=1.01 / 32768)


@pytest.mark.parametrize("rt60_s", [0.2, 0.3, 0.6, 1.2])
def test_the_echo_falls_by_60_db_in_the_time_asked_for(rt60_s: float) -> None:
    """Schroeder's backward integration, fitted from -5 to -25 dB of the tail (ISO 3382's T20)."""
    tail = room.response(rt60_s, chance())[1:].astype(np.float64)
    left = np.cumsum(tail[::-1] ** 2)[::-1]
    level = 10 * np.log10(left / left[0])
    part = np.flatnonzero((level < -5) & (level > -25))
    slope = np.polyfit(part / RATE, level[part], 1)[0]
    assert -60 / slope == pytest.approx(rt60_s, rel=0.1)


def test_an_echo_is_as_long_and_about_as_loud_as_its_sound() -> None:
    clip = speech()
    echoed = room.echoing(clip, 0.5, chance())
    assert len(echoed) == len(clip)
    assert in_db(float(np.mean(echoed**2) / np.mean(clip**2))) == pytest.approx(0, abs=1)
    after = slice(3 * RATE + 1600, 3 * RATE + 3200)
    assert np.mean(echoed[after] ** 2) > 100 * np.mean(clip[after] ** 2)


def test_the_silence_around_is_as_loud_as_the_recordings_own() -> None:
    clip = speech()
    around = room.padded(clip, 250, 500, chance())
    assert len(around) == len(clip) + RATE * 3 // 4
    assert np.array_equal(around[RATE // 4 : -RATE // 2], clip)
    assert np.std(around[: RATE // 4]) == pytest.approx(1e-4, rel=0.2)
    silent = room.padded(np.zeros(100, np.float32), 10, 0, chance())
    assert not silent.any()
    assert len(silent) == 260


def test_samples_pass_through_untouched() -> None:
    frame = np.array([-32768, -1, 0, 1, 32767], np.int16)
    assert np.array_equal(room.to_frame((frame / 32768).astype(np.float32)), frame)


def test_a_short_noise_is_repeated_and_a_long_one_is_cut() -> None:
    noise = np.arange(10, dtype=np.float32)
    assert list(room.excerpt(noise, 25, chance())) == [*range(10), *range(10), *range(5)]
    parts = {tuple(room.excerpt(noise, 4, chance(seed))) for seed in range(50)}
    assert parts == {tuple(range(start, start + 4)) for start in range(7)}


def test_gaps_of_zeros_are_no_noise() -> None:
    noise = np.concatenate((np.zeros(3200), np.ones(640), np.zeros(3200))).astype(np.float32)
    assert np.array_equal(room.without_gaps(noise), np.ones(640))
    assert not len(room.without_gaps(np.zeros(5000, np.float32)))


def test_pink_noise_has_the_same_power_in_every_octave() -> None:
    power = np.abs(np.fft.rfft(room.pink(60 * RATE, chance()))) ** 2
    octaves = [power[60 * f : 120 * f].sum() for f in (125, 250, 500, 1000, 2000, 4000)]
    assert max(octaves) / min(octaves) < 1.2


def test_conditions() -> None:
    names = [c.name for c in room.conditions([20, 0, 20], [0.3])]
    assert names == ["clean", "echo 0.3 s", "noise 20 dB", "noise 0 dB"]
