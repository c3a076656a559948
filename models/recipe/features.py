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
    return np.asarray(soxr.resample(sound, RATE * speed, RATE, quality="QQ"), np.int16)


def curve(rng: np.random.Generator, db: float) -> Mel:
    """A smooth frequency response, shape (1, 40), of about `db` decibels up and down."""
    knots = rng.normal(0, db * np.log(10) / 10, 6)
    return np.interp(np.linspace(0, 5, MELS), np.arange(6), knots)[None].astype(np.float32)
