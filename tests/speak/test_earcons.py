"""What the tones look like: their direction, their level, their edges."""

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_triage.speak.earcons import Earcon, earcon
from voice_triage.speak.synthesis import Pyttsx3


def loudest_hz(samples: NDArray[np.float64], rate: int) -> float:
    """The frequency at the spectrum's peak."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return float(np.argmax(spectrum)) * rate / (1 << 16)


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
@pytest.mark.parametrize(("which", "rises"), [(Earcon.LISTENING, True), (Earcon.HEARD, False)])
def test_a_tone_rises_or_falls(which: Earcon, rises: bool, rate: int) -> None:
    tone = earcon(which, rate)
    assert tone.rate == rate
    assert tone.samples.dtype == np.int16
    assert 0.08 <= tone.seconds <= 0.12
    thirds = [loudest_hz(third.astype(float), rate) for third in np.array_split(tone.samples, 3)]
    assert (thirds == sorted(thirds)) is rises
    assert (thirds == sorted(thirds, reverse=True)) is not rises
    assert max(thirds) / min(thirds) > 1.2
    assert min(thirds) > 600
    assert max(thirds) < 1050


@pytest.mark.parametrize("which", list(Earcon))
def test_a_tone_does_not_click(which: Earcon) -> None:
    rate = 22050
    wave = earcon(which, rate).samples.astype(float)
    assert wave[0] == 0
    assert abs(wave[-1]) < 10
    assert (
        np.abs(np.diff(wave)).max() < 2 * np.pi * 1000 / rate * 3277 * 1.05
    )  # no steeper than it must be
    assert np.abs(wave[: rate // 1000]).max() < 0.03 * 3277  # the first ms
    assert np.abs(wave[-rate // 1000 :]).max() < 0.03 * 3277
    # A click is wide: outside its own octave there is next to nothing.
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    hz = np.fft.rfftfreq(len(wave), 1 / rate)
    outside = spectrum[(hz < 400) | (hz > 1400)].sum() / spectrum.sum()
    assert 10 * np.log10(outside) < -40


@pytest.mark.parametrize("which", list(Earcon))
def test_a_tone_is_quieter_than_speech(which: Earcon) -> None:
    tone = earcon(which, 22050).samples.astype(float)
    speech = Pyttsx3().render("Can you move your feet?").samples.astype(float)
    speech = speech[np.abs(speech) > 30]
    assert np.abs(tone).max() == pytest.approx(3277, rel=0.02)
    quieter = 20 * np.log10(np.std(speech) / np.std(tone))
    assert 3 < quieter < 15
