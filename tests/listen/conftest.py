"""Real speech, the real recogniser and a real sound device."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from device_chain import PulseAudio

from voice_triage.listen.endpoint_times import EndpointTimes
from voice_triage.listen.frames import RATE, Frame
from voice_triage.listen.recognizer import Vosk

MODEL = Path(__file__).parents[2] / "models" / "triage-en"

Say = Callable[..., Path]


@pytest.fixture(scope="session")
def vosk() -> Vosk:
    return Vosk(MODEL)


@pytest.fixture(scope="session")
def times() -> EndpointTimes:
    return EndpointTimes(
        begin_ms=8000,
        accepted_ms=500,
        quick_ms=200,
        patient_ms=2200,
        pause_ms=2500,
        settled_ms=1200,
        talk_ms=20_000,
    )


@pytest.fixture(scope="session")
def say(tmp_path_factory: pytest.TempPathFactory) -> Say:
    """Synthesise a word with espeak-ng or, for flite's voices, flite; returns a WAV file."""
    folder = tmp_path_factory.mktemp("speech")

    def synthesise(text: str, voice: str = "en-us") -> Path:
        path = folder / f"{voice}-{text}.wav"
        if not path.exists():
            flite = voice in ("slt", "awb", "kal16")
            words = ["-voice", voice, "-t", text, "-o"] if flite else ["-v", voice, text, "-w"]
            program = shutil.which("flite" if flite else "espeak-ng")
            assert program is not None, "sudo apt install espeak-ng flite"
            subprocess.run([program, *words, str(path)], check=True, timeout=30)
        return path

    return synthesise


@pytest.fixture(scope="session")
def spoken(say: Say) -> Callable[..., Frame]:
    """The same as samples: 16 kHz mono int16."""

    def samples(text: str, voice: str = "en-us") -> Frame:
        sound, rate = soundfile.read(say(text, voice), dtype="float32")
        resampled: Frame = (soxr.resample(sound, rate, RATE).clip(-1, 1) * 32767).astype(np.int16)
        return resampled

    return samples


@pytest.fixture(scope="session")
def pulse() -> Iterator[PulseAudio]:
    with PulseAudio() as server:
        yield server
