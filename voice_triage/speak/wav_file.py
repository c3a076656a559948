"""Speech into a WAV file, for those who want to look at it."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice_triage.errors import SpeechError
from voice_triage.speak.playback import Playback, Played, Player
from voice_triage.speak.shape import resampled
from voice_triage.speak.synthesis import Speech

_GAP_S = 0.4
_DEFAULT_HZ = 22050  # in the header until somebody has spoken
_WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


@dataclass(frozen=True)
class _Written(Playback):
    """An utterance in a file: over as soon as it began."""

    failure: SpeechError | None = None
    done: bool = True
    played: Played | None = None

    def wait(self) -> None:
        if self.failure:
            raise self.failure

    def stop(self) -> None:
        pass


class WavFile(Player):
    """Writes everything that is said to one 16-bit mono WAV file, 0.4 s between utterances.

    The file is a whole WAV after every utterance: who kills the program can play what was said.
    """

    def __init__(self, path: Path) -> None:
        """Creates the file, or empties it. Raises SpeechError if it can't be written."""
        self._path = path
        self._rate: int | None = None
        """Hz; the first utterance decides."""
        self._bytes = 0
        """Length of the sound so far."""
        try:
            # Unbuffered: a failed write must not come back when the file is closed.
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._failure(error) from error
        try:
            self._write_header()
        except OSError as error:
            self.close()
            raise self._failure(error) from error

    def start(self, speech: Speech) -> Playback:
        """Appends the utterance, at once; `wait` tells what failed."""
        try:
            self.play(speech)
        except SpeechError as error:
            return _Written(error)
        return _Written()

    def play(self, speech: Speech) -> None:
        """Appends the utterance, at once. Raises SpeechError, and keeps what was written before."""
        if not len(speech.samples):
            return
        self._rate = self._rate or speech.rate
        samples = resampled(speech, self._rate).samples.astype("<i2")
        gap = np.zeros(round(_GAP_S * self._rate) if self._bytes else 0, "<i2")
        data = np.concatenate([gap, samples]).tobytes()
        try:
            self._write(_WAV_HEADER.size + self._bytes, data)
            self._bytes += len(data)
            self._write_header()  # last, so that it never promises what isn't there
        except (OSError, ValueError) as error:  # ValueError: closed
            raise self._failure(error) from error

    def close(self) -> None:
        """Closes the file; nothing is left to write."""
        self._file.close()

    def _write_header(self) -> None:
        rate = self._rate or _DEFAULT_HZ
        size = self._bytes
        header = (b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        self._write(0, _WAV_HEADER.pack(*header, b"data", size))

    def _write(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _failure(self, error: Exception) -> SpeechError:
        reason = getattr(error, "strerror", None) or error
        return SpeechError(
            f"{self._path}: the speech can't be written there: {reason}. "
            "Choose another place with --speak-to."
        )
