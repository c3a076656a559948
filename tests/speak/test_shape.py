"""Trimming, gain and its limit, joining."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage.speak.shape import amplified, joined, resampled, trimmed
from voice_triage.speak.synthesis import Pyttsx3, Speech

RATE = 22050


def sine(seconds: float, peak: float, hz: float = 200.0) -> Speech:
    times = np.arange(round(seconds * RATE)) / RATE
    return Speech(np.rint(peak * np.sin(2 * np.pi * hz * times)).astype(np.int16), RATE)


def test_silence_is_trimmed_but_for_a_little() -> None:
    sound = np.full(1000, 500, np.int16)
    speech = Speech(np.pad(sound, (5000, 9000)), RATE)
    assert len(trimmed(speech).samples) == 220 + 1000 + 662
    assert len(trimmed(speech, tail=False).samples) == 220 + 1000 + 9000
    assert len(trimmed(Speech(sound, RATE)).samples) == 1000


def test_hiss_counts_as_silence_and_quiet_sounds_do_not() -> None:
    hiss = Speech(np.full(5000, 20, np.int16), RATE)
    quiet = Speech(np.full(5000, -40, np.int16), RATE)
    assert len(trimmed(hiss).samples) == 0
    assert len(trimmed(hiss, tail=False).samples) == 5000
    assert len(trimmed(quiet).samples) == 5000
    assert len(trimmed(Speech(hiss.samples[:0], RATE)).samples) == 0


@pytest.mark.parametrize("gain_db", [-12, -4, 4])
def test_what_does_not_clip_is_only_scaled(gain_db: float) -> None:
    speech = sine(0.5, 10_000)
    louder = amplified(speech, gain_db).samples
    assert np.abs(louder - speech.samples * 10 ** (gain_db / 20)).max() <= 0.51


def test_no_gain_changes_nothing() -> None:
    speech = Pyttsx3().render("Yes.")
    assert amplified(speech, 0.0) is speech


@pytest.mark.parametrize("gain_db", [4, 8, 12])
def test_louder_is_louder_and_never_clips(gain_db: float) -> None:
    speech = Pyttsx3().render("Have you lost control of your bladder?")
    louder = amplified(speech, gain_db)
    assert np.abs(louder.samples.astype(int)).max() <= 32_000
    gained = 20 * np.log10(
        np.std(louder.samples.astype(float)) / np.std(speech.samples.astype(float))
    )
    assert 0.4 * gain_db < gained <= gain_db


def test_the_limit_bends_the_loudness_not_the_wave() -> None:
    # Clipping a sine by 12 dB makes it nearly a square: its third harmonic is at -10 dB.
    wave = amplified(sine(1.0, 30_000), 12).samples.astype(float)[RATE // 4 : -RATE // 4]
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    hz = np.fft.rfftfreq(len(wave), 1 / RATE)
    harmonics = spectrum[hz > 350].max() / spectrum.max()
    assert 20 * np.log10(harmonics) < -60


def test_the_limit_moves_without_jumps() -> None:
    quiet, loud = sine(0.3, 2_000).samples, sine(0.3, 30_000).samples
    speech = Speech(np.concatenate([quiet, loud, quiet]), RATE)
    before = speech.samples.astype(float)
    after = amplified(speech, 12).samples.astype(float)
    gain = after[np.abs(before) > 1500] / before[np.abs(before) > 1500]
    assert gain.max() == pytest.approx(10 ** (12 / 20), rel=0.01)
    assert np.abs(np.diff(gain)).max() < 0.3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=2000),
    st.sampled_from([-12.0, 4.0, 12.0]),
    st.sampled_from([8000, 22050]),
)
def test_any_sound_stays_below_the_ceiling(samples: list[int], gain_db: float, rate: int) -> None:
    louder = amplified(Speech(np.array(samples, np.int16), rate), gain_db)
    assert len(louder.samples) == len(samples)
    assert np.abs(louder.samples.astype(int)).max() <= 32_000


def test_joining() -> None:
    whole = joined([sine(0.1, 1000), sine(0.2, 2000)], 0.05)
    assert len(whole.samples) == 2205 + 1102 + 4410
    assert not whole.samples[2205 : 2205 + 1102].any()
    assert np.array_equal(whole.samples[-4410:], sine(0.2, 2000).samples)
    other = Speech(np.ones(800, np.int16), 8000)
    assert joined([other, sine(0.1, 1000)]).seconds == pytest.approx(0.2, abs=0.001)


def test_another_rate_keeps_the_length() -> None:
    speech = sine(0.5, 1000)
    assert resampled(speech, RATE) is speech
    speech.samples.setflags(write=False)  # as the cache gives it
    assert resampled(speech, 48_000).seconds == pytest.approx(0.5, abs=0.001)
