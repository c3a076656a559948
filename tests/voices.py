"""Answers spoken by synthetic voices (espeak-ng and flite, which script/test installs)."""

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ESPEAK = ("en-us", "en-gb", "en-us+f3", "en-gb+m3")
FLITE = ("slt", "rms", "awb")


def speak(text: str, path: Path, voice: str = "en-us", pace: int = 140) -> Path:
    """`text` in a WAV file at `path`, spoken by an espeak-ng or flite voice.

    `pace`: words a minute, for espeak-ng alone.
    """
    command = (
        ["flite", "-voice", voice, "-t", text, "-o", str(path)]
        if voice in FLITE
        else ["espeak-ng", "-v", voice, "-s", str(pace), "-w", str(path), text]
    )
    subprocess.run(command, check=True, capture_output=True)
    return path


def samples(path: Path) -> tuple[NDArray[np.int16], int]:
    """A 16-bit mono WAV file's samples and its rate in Hz."""
    with wave.open(str(path)) as file:
        assert file.getsampwidth() == 2
        assert file.getnchannels() == 1
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


def write(path: Path, sound: NDArray[np.int16], rate: int) -> Path:
    """Samples as a 16-bit mono WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.tobytes())
    return path
