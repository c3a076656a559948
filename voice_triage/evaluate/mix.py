"""Recordings and noise from files, put together as one condition asks for."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator

from voice_triage.errors import RecordingError
from voice_triage.evaluate import room
from voice_triage.evaluate.manifest import Recording
from voice_triage.evaluate.room import Condition
from voice_triage.listen.frames import Frame, Samples
from voice_triage.listen.recording import AudioFile

_NOISES_KEPT = 16
"""Noise recordings that each process keeps in memory; a minute is 4 MB."""


@dataclass(frozen=True)
class Setting:
    """What is put around and under every recording."""

    pad_ms: tuple[float, float] = (250, 500)
    """Silence before and after."""
    noises: tuple[Path, ...] = ()
    """Recordings of noise, one of which is chosen by chance. None: pink noise."""


def mixed(recording: Recording, clip: Samples, condition: Condition, setting: Setting) -> Frame:
    """The recording's `clip` as it is heard. All conditions share one noise and one hiss, so that
    they differ in nothing but the condition. Raises RecordingError for an unusable noise."""
    sound = room.padded(clip, *setting.pad_ms, _chance(recording, "pad"))
    if condition.rt60_s is not None:
        sound = room.echoing(sound, condition.rt60_s, _chance(recording, "echo"))
    if condition.snr_db is not None:
        power = room.active_power(clip) if recording.text else room.NOMINAL_POWER
        noise = _noise(recording, len(sound), setting)
        sound = room.noisy(sound, noise, power, condition.snr_db)
    return room.to_frame(sound)


def samples(path: Path) -> Samples:
    """A whole file at full scale ±1. Raises RecordingError."""
    frames = list(AudioFile([path]).utterance())
    return (np.concatenate(frames) / 32768).astype(np.float32)


def _chance(recording: Recording, purpose: str) -> Generator:
    """The same for a recording whatever else is in the manifest."""
    return np.random.default_rng(
        [zlib.crc32(recording.name.encode()), zlib.crc32(purpose.encode())]
    )


def _noise(recording: Recording, samples: int, setting: Setting) -> Samples:
    chance = _chance(recording, "noise")
    noises = (recording.noise,) if recording.noise else setting.noises
    if not noises:
        return room.pink(samples, chance)
    chosen = noises[int(chance.integers(len(noises)))]
    return room.excerpt(_noise_in(chosen), samples, chance)


@lru_cache(_NOISES_KEPT)
def _noise_in(path: Path) -> Samples:
    noise = room.without_gaps(samples(path))
    if not len(noise):
        raise RecordingError(f"{path}: this noise is digital silence. Record it again.")
    return noise
