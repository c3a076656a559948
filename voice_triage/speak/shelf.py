"""Speech in files: any number of processes may use one folder, and none may fail because of it."""

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from voice_triage.speak.synthesis import Speech

_MOST_BYTES = 64 << 20
"""25 minutes of speech; small beside what a Raspberry Pi's card holds."""
_MAGIC = b"speech 1"
_DIGEST_BYTES = 16
_RATE_BYTES = 4
_HEAD = len(_MAGIC) + _DIGEST_BYTES
_ENDING = ".speech"
_UNFINISHED = ".part"
_ABANDONED_S = 3600.0
"""Nobody writes for an hour: such a file is of a process that was killed."""


class Shelf:
    """A folder of renderings. A fault of the disk only means that there is no rendering."""

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        """`folder` is made at the first `put`, for its owner alone. When it holds more than
        `most_bytes`, those go that were used the longest time ago."""
        self._folder = folder
        self._most_bytes = most_bytes

    def take(self, key: str) -> Speech | None:
        """What was put there, whole and undamaged, or None. `key` is a file name. Never raises."""
        path = self._folder / (key + _ENDING)
        try:
            if not self._ours():
                return None
            data = path.read_bytes()
            speech = _unpacked(data)
            if speech is not None:
                os.utime(path)  # used just now
        except (OSError, ValueError):
            return None
        return speech

    def put(self, key: str, speech: Speech) -> None:
        """Keep it if that is possible; whoever reads sees all of it or nothing. Never raises."""
        with contextlib.suppress(OSError, ValueError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._ours():
                self._write(self._folder / (key + _ENDING), _packed(speech))
                self._shrink()

    def _ours(self) -> bool:
        """Whether nobody else can put words into the program's mouth there."""
        status = self._folder.stat()
        return status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def _write(self, path: Path, data: bytes) -> None:
        descriptor, name = tempfile.mkstemp(_UNFINISHED, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
            # Not synced: what a power cut damages is found out by its digest.
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _shrink(self) -> None:
        found: list[tuple[float, int, str]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith((_ENDING, _UNFINISHED)):
                    # Another process may have removed it since.
                    with contextlib.suppress(OSError):
                        status = entry.stat(follow_symlinks=False)
                        found.append((status.st_mtime, status.st_size, entry.path))
        total = sum(size for _, size, _ in found)
        abandoned = time.time() - _ABANDONED_S
        for used, size, path in sorted(found):
            unfinished = path.endswith(_UNFINISHED)
            if used < abandoned if unfinished else total > self._most_bytes:
                with contextlib.suppress(OSError):
                    Path(path).unlink()
                total -= size


def _packed(speech: Speech) -> bytes:
    body = speech.rate.to_bytes(_RATE_BYTES, "little") + speech.samples.astype("<i2").tobytes()
    return _MAGIC + _digest(body) + body


def _unpacked(data: bytes) -> Speech | None:
    body = data[_HEAD:]
    if data[:_HEAD] != _MAGIC + _digest(body):
        return None
    rate = int.from_bytes(body[:_RATE_BYTES], "little")
    return Speech(np.frombuffer(body[_RATE_BYTES:], "<i2").astype(np.int16), rate)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()
