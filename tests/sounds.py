"""What else than a plain answer reaches a microphone: halting speech, a television, a cough."""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from programs import ROOT
from room import RATE, Samples, audible, read_sound
from voices import ESPEAK, FLITE, speak, write

SPEECH = ROOT.parent / "shared" / "speech"
"""Recordings of real people; no part of the project, so tests do with synthetic voices without."""
_SENTENCES = (
    "And now the weather for the rest of the week.",
    "The minister said that no decision had been taken, and that nobody should expect one soon.",
    "Yes, I would like to welcome you all to another evening of music.",
    "It was the best of times, it was the worst of times.",
    "Police are asking anybody who saw the car to call the station.",
    "You have to stop at the corner and go back to where we started.",
    "In the second half they will certainly have to do better than that.",
    "She didn't know whether to laugh or to cry.",
    "Help yourself to another cup, there is plenty in the pot.",
    "The number of visitors has fallen by a third since last summer.",
    "Wait until you see what we have in store for you after the break.",
    "I can't say that I'm sure, but I feel that this is not the right way.",
)
"""Each holds words that might pass for an answer or a command."""


def halting(parts: Sequence[str | float], path: Path, voice: str = "en-us") -> Path:
    """Words with silences in between: `["no", 1.5, "well", 1.2, "yes"]`, the numbers in s."""
    pieces: list[Samples] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(trimmed(read_sound(speak(part, path.with_suffix(".part.wav"), voice))))
        else:
            pieces.append(np.zeros(round(part * RATE), np.int16))
    return write(path, np.concatenate(pieces), RATE)


def television(path: Path, seconds: float, *, real: bool, level_dbfs: float = -26.0) -> Path:
    """People who talk on and on, at this level by root mean square.

    `real`: recordings of people (only where SPEECH is there), or else synthetic voices.
    """
    pieces: list[Samples] = []
    sentences = _recorded() if real else _synthesised(path.with_suffix(".part.wav"))
    while sum(map(len, pieces)) < seconds * RATE:
        for sentence in sentences:
            pieces += [_levelled(sentence, level_dbfs), np.zeros(RATE // 4, np.int16)]
        assert pieces, f"{SPEECH} holds no sentences"
    return write(path, np.concatenate(pieces)[: round(seconds * RATE)], RATE)


def cough(path: Path, seed: int = 1) -> Path:
    """Two bursts of noise, as a cough has: 0.5 s, its loudest where speech is too."""
    noise = np.random.default_rng(seed)
    bursts = [(0.18, 0.5), (0.25, 0.9)]
    parts = [
        _shaped(noise.standard_normal(round(seconds * RATE)), 12.0 / seconds) * strength
        for seconds, strength in bursts
    ]
    return _write(path, np.concatenate([parts[0], np.zeros(RATE // 20), parts[1]]))


def groan(path: Path, seconds: float = 1.2, pitch_hz: float = 110.0) -> Path:
    """A falling voice without a word: a buzz through the resonances of an open mouth."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = pitch_hz * (1.15 - 0.3 * time / seconds)
    buzz = 2 * (np.cumsum(pitch) / RATE % 1) - 1
    voice = sum(_resonated(buzz, hz, 90.0) for hz in (600.0, 950.0, 2400.0))
    swell = np.sin(np.pi * time / seconds) ** 0.5
    return _write(path, voice * swell)


def trimmed(sound: Samples) -> Samples:
    """Without the silence before and after it."""
    begins, ends = audible(sound)
    return sound[round(begins * RATE) : round(ends * RATE)]


def _recorded(count: int = 40) -> list[Samples]:
    """Every so-manieth sentence of the archive, as many speakers as that gives."""
    with tarfile.open(SPEECH / "speechocean762.tar") as archive:
        files = [member for member in archive if member.isfile()]
        found = []
        for member in files[:: max(1, len(files) // count)]:
            file = archive.extractfile(member)
            assert file is not None
            sound, rate = soundfile.read(io.BytesIO(file.read()), dtype="int16")
            assert rate == RATE, member.name
            found.append(sound)
    return found


def _synthesised(scratch: Path) -> list[Samples]:
    voices = (*ESPEAK, *FLITE)
    return [
        read_sound(speak(text, scratch, voices[number % len(voices)]))
        for number, text in enumerate(_SENTENCES)
    ]


def _levelled(sound: Samples, level_dbfs: float) -> Samples:
    wave = sound.astype(float) / 32768
    power = max(float(np.mean(wave**2)), 1e-9)
    scaled = wave * 10 ** (level_dbfs / 20) / np.sqrt(power)
    return np.asarray((scaled.clip(-1, 1) * 32767), np.int16)


def _shaped(noise: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """Noise that begins within 5 ms and dies away by e^-`decay` a second."""
    time = np.arange(len(noise)) / RATE
    return noise * np.minimum(time / 0.005, 1.0) * np.exp(-decay * time)


def _resonated(wave: NDArray[np.float64], hz: float, width_hz: float) -> NDArray[np.float64]:
    from scipy.signal import lfilter

    radius = np.exp(-np.pi * width_hz / RATE)
    poles = [1.0, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
    return np.asarray(lfilter([1 - radius], poles, wave))


def _write(path: Path, wave: NDArray[np.float64]) -> Path:
    scaled = wave / np.abs(wave).max() * 0.5 * 32767
    return write(path, scaled.astype(np.int16), RATE)
