"""Answers from sound files: one file for each answer, or one long recording."""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from voice_triage.errors import RecordingError
from voice_triage.listen.frames import Frame, Samples, to_frames

_BLOCK_SECONDS = 0.1
_LOWEST_RATE = 4000
"""Hz. Below it there is no telling words apart, and a header that says so is damaged."""


class AudioFile:
    """WAV, FLAC, OGG or MP3 at any rate, channel count and sample format.

    Several paths: each listening turn takes the next file, and what a turn leaves of its file is
    dropped. One path: one recording, and every turn goes on where the last one stopped.
    """

    live = False
    lost = 0

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look into every file. Raises RecordingError that names the first unusable one."""
        if not paths:
            raise RecordingError(
                "There is no recording to listen to. Name at least one sound file."
            )
        self.seconds = tuple(_seconds(path) for path in paths)
        """Length of each file as its header says."""
        self._one_each = len(paths) > 1
        self._waiting = deque(paths)
        self._frames: Generator[Frame] = _nothing()
        # Read one frame ahead, so that `exhausted` is true as soon as the last frame is handed out.
        self._ahead: Frame | None = None

    @property
    def exhausted(self) -> bool:
        """Every file has been listened to."""
        return self._ahead is None and not self._waiting

    def utterance(self) -> Iterator[Frame]:
        """Frames of the next file, or of the rest of the only one. Raises RecordingError."""
        if self._one_each:
            self._drop()
        if self._waiting and self._ahead is None:
            path = self._waiting.popleft()
            self._frames = to_frames_of(path)
            self._ahead = next(self._frames, None)
        frames = self._frames
        try:
            while self._frames is frames and self._ahead is not None:
                frame, self._ahead = self._ahead, next(frames, None)
                yield frame
        finally:
            if self._one_each and self._frames is frames:
                self._drop()

    def close(self) -> None:
        """Close the file; there is no more to hear."""
        self._waiting.clear()
        self._drop()

    def _drop(self) -> None:
        self._frames.close()
        self._frames = _nothing()
        self._ahead = None


def to_frames_of(path: Path) -> Generator[Frame]:
    """Read a file block by block, so that an hour of sound needs no more memory than a word."""
    with _opened(path) as sound:
        yield from to_frames(_blocks(sound, path), sound.samplerate)


def _nothing() -> Generator[Frame]:
    yield from ()


def _blocks(sound: Any, path: Path) -> Iterator[Samples]:
    import soundfile

    begun = False
    while True:
        try:
            block = sound.read(int(sound.samplerate * _BLOCK_SECONDS), "float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            if not begun:
                raise _unusable(path, f"is damaged ({_reason(error)})") from error
            return  # cut short in the middle of a block: the blocks before it still count
        if not len(block):
            return
        begun = True
        # Damaged float files hold NaN and infinity; one would silence the resampler for good.
        finite = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        yield np.clip(finite, -1.0, 1.0).mean(axis=1, dtype=np.float32)


def _seconds(path: Path) -> float:
    """Length of a usable file. Raises RecordingError."""
    if not path.exists():
        raise RecordingError(f"{path}: there is no such file. Check the name of the recording.")
    if not path.is_file():
        raise _unusable(path, "is not a file")
    if not path.stat().st_size:
        raise _unusable(path, "is empty")
    with _opened(path) as sound:
        if sound.samplerate < _LOWEST_RATE:
            raise _unusable(path, f"has {sound.samplerate} samples a second, too few for speech")
        if next(_blocks(sound, path), None) is None:
            raise _unusable(path, "holds no sound, only a header")
        return float(sound.frames / sound.samplerate)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import soundfile
    except OSError as error:
        raise RecordingError(
            f"Sound files can't be read: {error}. Install the library: sudo apt install libsndfile1"
        ) from error
    with ExitStack() as stack:
        try:
            # Opened here, so that libsndfile judges by what is inside and not by the name: it
            # would take any text called .mp3 for MP3 and complain on stderr.
            file = stack.enter_context(path.open("rb"))
            sound = stack.enter_context(soundfile.SoundFile(file))
        except OSError as error:
            raise _unusable(path, f"can't be read ({error.strerror})") from error
        except soundfile.LibsndfileError as error:
            raise _unusable(
                path, f"is not a sound file that can be read ({_reason(error)})"
            ) from error
        except TypeError as error:  # soundfile wants to be told what is in a file called .raw
            raise _unusable(path, "has no header that says how it was recorded") from error
        yield sound


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_string", error)).strip().rstrip(".")


def _unusable(path: Path, what: str) -> RecordingError:
    return RecordingError(
        f"{path}: this {what}. Record it again, or convert it with: "
        f"sox {quote(str(path))} {quote(path.stem + '-new.wav')}"
    )
