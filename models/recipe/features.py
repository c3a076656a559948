"""Log mel energies as Vosk computes them, and what rooms and microphones do to them.

All shapes are (frames, 40); a frame is 25 ms of sound, 10 ms after the one before. Distorting
energies rather than sound is what makes it cheap enough to do anew at every batch: powers of
independent sounds add up, a room smears each band's power over time, a microphone adds a curve.
"""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt
import soxr

from .corpus import RATE, Sound

MELS = 40
LOW_HZ, HIGH_HZ = 20, 7600

Mel = npt.NDArray[np.float32]


def _options() -> knf.FbankOptions:
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = MELS
    options.mel_opts.low_freq = LOW_HZ
    options.mel_opts.high_freq = HIGH_HZ
    options.use_energy = False
    options.energy_floor = 0.0
    return options


_OPTIONS = _options()


def mel(sound: Sound) -> Mel:
    """Natural logarithms of the mel energies of int16 sound; (0, 40) for less than 25 ms."""
    bank = knf.OnlineFbank(_OPTIONS)
    bank.accept_waveform(RATE, sound.astype(np.float32))
    bank.input_finished()
    frames = [bank.get_frame(i) for i in range(bank.num_frames_ready)]
    return np.stack(frames) if frames else np.zeros((0, MELS), np.float32)


def faster(sound: Sound, speed: float) -> Sound:
    """`speed` times as fast and as high, as from a smaller mouth."""
    if speed == 1:
        return sound
    return soxr.resample(sound, RATE * speed, RATE, quality="QQ")  # type: ignore[no-any-return]


def louder(frames: Mel, db: float) -> Mel:
    """Change the level."""
    return frames + np.float32(db * np.log(10) / 10)


def reverberant(frames: Mel, rt60: float, direct_db: float) -> Mel:
    """In a room whose reverberation falls by 60 dB in `rt60` seconds; `direct_db`: how much louder
    the direct sound is than the reverberation's first frame."""
    decay = np.float32(10 ** (-6 * 0.01 / rt60))
    power = np.exp(frames)
    tail = np.zeros(MELS, np.float32)
    out = np.empty_like(power)
    share = np.float32(10 ** (-direct_db / 10))
    for t, now in enumerate(power):
        out[t] = now + tail
        tail = decay * (tail + share * now)
    return np.log(out + 1e-3)


def mixed(speech: Mel, noise: Mel, snr_db: float) -> Mel:
    """Speech with noise below it; the ratio is that of the speech's louder frames to the noise."""
    power, other = np.exp(speech), np.exp(noise)
    level = np.quantile(power.sum(1), 0.8)
    gain = level / (other.sum(1).mean() + 1e-3) * 10 ** (-snr_db / 10)
    return np.log(power + np.float32(gain) * other + 1e-3).astype(np.float32)


def curve(rng: np.random.Generator, db: float) -> Mel:
    """A smooth frequency response, shape (1, 40), of about `db` decibels up and down."""
    knots = rng.normal(0, db * np.log(10) / 10, 6)
    return np.interp(np.linspace(0, 5, MELS), np.arange(6), knots)[None].astype(np.float32)
