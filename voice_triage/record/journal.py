"""One session's file: what `append` has returned for is on the disk, whatever happens next."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from voice_triage.errors import JournalError
from voice_triage.record.entries import STARTED, Entry, Header, line_of, read

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class InUseError(JournalError):
    """Another process writes this session."""


@dataclass(frozen=True)
class _Kept:
    """What is on the disk, and what is to follow. One value: an interrupt can't halve it."""

    length: int
    """Bytes. Whatever lies behind them in the file is not whole."""
    waiting: tuple[bytes, ...] = ()
    """Lines that could not be written yet, in order."""


class Journal:
    """A session's journal, open for writing and locked: no other process writes it meanwhile.

    One thread uses it. Made by `Sessions`.
    """

    def __init__(
        self, path: Path, file: int, header: Header, found: tuple[Entry, ...], length: int, now: Now
    ) -> None:
        self.path = path
        self.header = header
        self.found = found
        """What the file held when it was opened; the first is the start of the session."""
        self._file = file
        self._kept = _Kept(length)
        self._now = now

    @classmethod
    def create(cls, path: Path, header: Header, now: Now) -> Self:
        """A new session at `path`, readable by its owner alone. Raises JournalError; then nothing
        is left behind."""
        try:
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise _not_kept(path, error) from None
        journal = cls(path, file, header, (), 0, now)
        try:
            # Whoever opens it this very moment lets go at once, as it holds nothing yet: wait.
            fcntl.flock(file, fcntl.LOCK_EX)
            journal.append(STARTED, header.data())
            sync_folder(path.parent)
            journal.found = read(path).entries
        except BaseException as error:
            journal.close()
            with suppress(OSError):
                path.unlink()
            if isinstance(error, OSError):
                raise _not_kept(path, error) from None
            raise
        return journal

    @classmethod
    def open(cls, path: Path, now: Now) -> Self:
        """The session at `path`, to go on with. Raises JournalError: InUseError if another process
        writes it."""
        try:
            file = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            raise JournalError(f"{path}: can't be resumed: {error.strerror}.") from None
        try:
            _lock(path, file)
            session = read(path)
            if session.header is None:
                raise JournalError(f"{path}: holds nothing to resume.")
        except BaseException:
            os.close(file)
            raise
        return cls(path, file, session.header, session.entries, session.length, now)

    def append(self, kind: str, data: Mapping[str, object]) -> None:
        """Add an entry; on return it is on the disk.

        `data` is what JSON can hold, without the names "at" and "entry" (ValueError, TypeError).
        Raises JournalError when it can't be written now. The file then ends with the last entry
        that was kept, and the new one stays in mind: the next `append` writes it first of all, so
        don't append it again. The file has no gaps: turns that follow each other there did so.
        """
        line = line_of(self._now(), kind, data)
        self._kept = _Kept(self._kept.length, (*self._kept.waiting, line))
        try:
            while self._kept.waiting:
                self._cut()
                self._write(self._kept.waiting[0])
        except OSError as error:
            with suppress(OSError):
                self._cut()
            raise _not_kept(self.path, error) from None

    def close(self) -> None:
        """Let go of the file, and of its lock. Nothing can be appended any more."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cut(self) -> None:
        """Take away what a kill, a full disk or an interrupt left of a line."""
        if os.fstat(self._file).st_size != self._kept.length:
            os.ftruncate(self._file, self._kept.length)

    def _write(self, line: bytes) -> None:
        written = os.write(self._file, line)
        while written < len(line):  # a full disk takes a part, and says why the next time
            written += os.write(self._file, line[written:])
        os.fsync(self._file)
        self._kept = _Kept(self._kept.length + len(line), self._kept.waiting[1:])


class NoJournal:
    """Stands in for a Journal where nothing is to be kept."""

    path = None
    header = None
    found: tuple[Entry, ...] = ()

    def append(self, kind: str, data: Mapping[str, object]) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def sync_folder(folder: Path) -> None:
    """Put a folder's list of files on the disk: a synced file without a name is lost all the same.
    Raises OSError."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system where folders can't be synced
            raise
    finally:
        os.close(file)


def _lock(path: Path, file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InUseError(f"{path}: is in use by another voice-triage. End that first.") from None
    except OSError as error:
        raise _not_kept(path, error) from None


def _not_kept(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{path}: the conversation can't be kept: {error.strerror}. Make room there or choose "
        "another folder."
    )
