"""Text to sound: pyttsx3 renders each utterance in a child process that can be killed.

pyttsx3 can loop for ever and espeak-ng can crash; neither may take the conversation with it.
"""

import io
import math
import os
import select
import signal
import subprocess
import sys
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import SpeechError
from voice_triage.speak.manner import USUAL
from voice_triage.speak.patience import Patience
from voice_triage.speak.version import speech_program

_ESPEAK_HZ = 22050  # pyttsx3 writes this into every header
# -P: a file in the current folder must not pass for a library.
_CHILD = (sys.executable, "-P", str(Path(__file__).with_name("child.py")))
_ADVICE = "`voice-triage doctor` tests the voice; `--no-voice` goes on in print."


@dataclass(frozen=True, eq=False)
class Speech:
    """One rendered utterance."""

    samples: NDArray[np.int16]
    """Mono, shape (samples,), full scale is ±32767."""
    rate: int
    """Samples a second, Hz."""

    @property
    def seconds(self) -> float:
        """Length of the sound in s."""
        return len(self.samples) / self.rate


class Synthesizer(Protocol):
    """Makes sound of a text."""

    @property
    def identity(self) -> str:
        """What renders, and its version: the same text with another identity may sound otherwise.

        Never raises.
        """

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        """The whole text as one utterance; empty text is a Speech of no samples.

        `words_per_minute`: None for the voice's own pace. Raises SpeechError. Any thread may call.
        """


@dataclass(frozen=True)
class Voice:
    """How the program sounds."""

    name: str = "en"
    """espeak-ng's language or file name: `en` (British), `en-us`, `gmw/en-GB-scotland`. Not
    `en-gb`, which 1.51 doesn't know, nor an `mb/` voice: pyttsx3 would write a wrong rate."""
    words_per_minute: int = USUAL.words_per_minute
    """Where nobody asks for another pace."""


class Pyttsx3(Synthesizer):
    """pyttsx3 with espeak-ng, one child process an utterance (Linux; about 0.1 s each).

    A text of 20,000 characters or more crashes espeak-ng (pyttsx3 makes it read beyond the end).
    """

    def __init__(
        self,
        voice: Voice = Voice(),
        deadline_s: float = 10.0,
        command: Sequence[str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`deadline_s`: an utterance that takes longer fails. `command`: instead of `child.py`.

        `patience`: how long to try once utterances hang; None for the usual.
        """
        self._voice = voice
        self._patience = patience or Patience(deadline_s)
        # The child's own end comes later than our deadline: it is for when we were killed.
        self._last_breath_s = math.ceil(deadline_s) + 5
        self._command = tuple(command or _CHILD)

    @cached_property
    def identity(self) -> str:
        """The voice, and the versions of pyttsx3 and espeak-ng."""
        own = self._voice
        return f"{speech_program()}; {own.name}, {own.words_per_minute} words a minute"

    def render(self, text: str, words_per_minute: int | None = None) -> Speech:
        """The whole text as one utterance, nothing trimmed; empty text is a Speech of no samples.

        Raises SpeechError if the child can't start, dies, outlives the deadline or gives no sound;
        also, at once, where it has just hung twice (see `Patience`).
        """
        if not text.strip():
            return Speech(np.zeros(0, np.int16), _ESPEAK_HZ)
        deadline_s = self._patience.deadline_s()
        if not deadline_s:
            raise _failure("hangs; it is tried again in a while", "")
        pace = words_per_minute or self._voice.words_per_minute
        # Files in memory, not pipes: nothing to remove however this process ends, and a
        # grandchild that keeps them open can't hold us up.
        try:
            with _memory_file() as stdin, _memory_file() as stdout, _memory_file() as stderr:
                stdin.write(text.replace("\0", " ").encode("utf-8", "replace"))  # \0 would end it
                stdin.seek(0)
                status = self._run(pace, deadline_s, stdin, stdout, stderr)
                stdout.seek(0)
                wav, complaint = stdout.read(), _last_line(stderr)
        except OSError as error:
            raise _failure(f"can't be run ({self._command[0]})", str(error.strerror)) from error
        if status is None:
            self._patience.hung()
            raise _failure(f"took longer than {deadline_s:g} s and was stopped", complaint)
        self._patience.ended()
        if status:
            raise _failure(_cause_of_death(status), complaint)
        return _speech(wav, complaint)

    def _run(
        self, pace: int, deadline_s: float, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]
    ) -> int | None:
        """The child's exit status; None if it had to be killed at the deadline."""
        child = subprocess.Popen(
            (
                *self._command,
                self._voice.name,
                str(pace),
                str(self._last_breath_s),
                str(os.getpid()),
            ),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            return child.wait() if _ends_within(deadline_s, child.pid) else None
        finally:
            if child.poll() is None:  # the deadline, or Ctrl-C
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _ends_within(seconds: float, pid: int) -> bool:
    """Like Popen.wait() with a limit, which looks only every 50 ms: a tenth of each silence."""
    ending = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(ending, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(ending)


def _memory_file() -> IO[bytes]:
    return os.fdopen(os.memfd_create("speech"), "w+b", buffering=0)


def _last_line(stderr: IO[bytes]) -> str:
    stderr.seek(0)
    lines = stderr.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _cause_of_death(status: int) -> str:
    if status > 0:
        return f"failed with exit status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"was killed by signal {-status}"


def _speech(wav: bytes, complaint: str) -> Speech:
    if not wav:
        raise _failure("gave no sound", complaint)
    try:
        with wave.open(io.BytesIO(wav)) as file:
            shape = (file.getnchannels(), file.getsampwidth())
            rate, length = file.getframerate(), file.getnframes()
            data = file.readframes(length)
    except (wave.Error, EOFError) as error:
        raise _failure("gave something that isn't a whole WAV", complaint) from error
    if shape != (1, 2) or rate <= 0:
        raise _failure("gave a WAV that isn't 16-bit mono", complaint)
    if len(data) != 2 * length:
        raise _failure("gave half a WAV", complaint)
    if not length:
        raise _failure("gave a WAV without sound", complaint)
    return Speech(np.frombuffer(data, "<i2").astype(np.int16), rate)


def _failure(problem: str, complaint: str) -> SpeechError:
    said = f": {complaint}" if complaint else "."
    return SpeechError(f"The speech program {problem}{said}\n{_ADVICE}")
