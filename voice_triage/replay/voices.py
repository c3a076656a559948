"""Synthetic voices that answer: espeak-ng, flite and pyttsx3, each utterance rendered once."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path

import numpy as np

from voice_triage.errors import SpeechError
from voice_triage.listen.frames import RATE, Samples
from voice_triage.speak.cache import CachedSynthesizer
from voice_triage.speak.synthesis import Pyttsx3, Speech, Synthesizer, Voice

USUAL_PACE = 140
"""Words a minute: somebody in pain is in no hurry."""
_DEADLINE_S = 30
_PACKAGE = {"espeak-ng": "espeak-ng", "flite": "flite"}


class Program(Synthesizer):
    """A program that renders a text to a WAV file."""

    def __init__(self, program: str, voice: str) -> None:
        self._program, self._voice = program, voice

    @property
    def identity(self) -> str:
        """The program's version and the voice."""
        return f"{_version(self._program)}; {self._voice}"

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        """The text as one utterance. Raises SpeechError."""
        with tempfile.TemporaryDirectory(prefix="voice-triage-") as folder:
            path = Path(folder) / "said.wav"
            self._run(text, words_per_minute or USUAL_PACE, path)
            return self._speech(path, text)

    def _run(self, text: str, pace: int, path: Path) -> None:
        command = (
            ["flite", "-voice", self._voice, "-t", text, "-o", str(path)]
            if self._program == "flite"
            else ["espeak-ng", "-v", self._voice, "-s", str(pace), "-w", str(path), "--", text]
        )
        found = shutil.which(self._program)
        if found is None:
            package = _PACKAGE[self._program]
            raise SpeechError(
                f"The voice {self._program}:{self._voice} needs {self._program}, which isn't here."
                f" Install it: sudo apt install {package}"
            )
        if self._program == "flite" and self._voice not in _flite_voices(found):
            # It would speak in its own voice instead, without a word about it.
            raise self._failure(text, f"its voices are {', '.join(_flite_voices(found))}")
        try:
            done = subprocess.run(
                [found, *command[1:]], capture_output=True, text=True, timeout=_DEADLINE_S,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise SpeechError(f"{self._program} didn't end in {_DEADLINE_S} s.") from error
        if done.returncode or not path.is_file():
            said = (done.stderr or done.stdout).strip().splitlines()
            raise self._failure(text, said[-1] if said else "it gave no sound")

    def _speech(self, path: Path, text: str) -> Speech:
        try:
            with wave.open(str(path)) as file:
                data, rate = file.readframes(file.getnframes()), file.getframerate()
        except (wave.Error, EOFError) as error:
            raise self._failure(text, f"it gave no WAV file ({error})") from error
        if not data:
            raise self._failure(text, "it gave no sound")
        return Speech(np.frombuffer(data, "<i2").astype(np.int16), rate)

    def _failure(self, text: str, why: str) -> SpeechError:
        return SpeechError(
            f"{self._program} can't say '{text}' in the voice '{self._voice}': {why.rstrip('.')}."
            " Name another voice."
        )


@cache
def _version(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        return f"{program} missing"
    flag = "-version" if program == "flite" else "--version"
    done = subprocess.run([found, flag], capture_output=True, text=True, check=False)
    return " ".join((done.stdout or program).split()[:12])


@cache
def _flite_voices(program: str) -> tuple[str, ...]:
    done = subprocess.run([program, "-lv"], capture_output=True, text=True, check=False)
    return tuple(done.stdout.partition(":")[2].split())


class Mouths:
    """Says texts in named voices; what was said once is kept on the disk."""

    def __init__(self, cache_dir: Path | None) -> None:
        """`cache_dir`: None keeps it for this process alone."""
        self._cache_dir = cache_dir
        self._voices: dict[str, CachedSynthesizer] = {}

    def say(self, text: str, voice: str, pace: int | None) -> Samples:
        """The text at 16 kHz, full scale at ±1. Raises SpeechError."""
        if voice not in self._voices:
            program, _, name = voice.partition(":")
            inner: Synthesizer = (
                Pyttsx3(Voice(name)) if program == "pyttsx3" else Program(program, name)
            )
            self._voices[voice] = CachedSynthesizer(inner, self._cache_dir)
        speech = self._voices[voice].render(text, pace)
        sound = speech.samples.astype(np.float32) / np.float32(32768)
        if speech.rate == RATE:
            return sound
        import soxr

        return np.asarray(soxr.resample(sound, speech.rate, RATE), np.float32)
