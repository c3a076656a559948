"""The folder of all sessions: one file each, named so that they sort by time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from voice_triage.errors import JournalError
from voice_triage.record.entries import ENDED, Header, flow_of, read
from voice_triage.record.journal import InUseError, Journal, Now, sync_folder, utc_now


class Sessions:
    """The sessions in a folder.

    They are the user's: nothing here deletes any. Deleting a session is deleting its file.
    """

    def __init__(self, folder: Path, now: Now = utc_now) -> None:
        """`folder` need not exist yet."""
        self.folder = folder
        self._now = now

    def start(self, header: Header) -> Journal:
        """A new session. Makes the folder, for its owner alone. Raises JournalError when that
        can't be done or nothing can be written there."""
        try:
            _make(self.folder)
        except OSError as error:
            raise JournalError(
                f"{self.folder}: the conversation can't be kept: the folder can't be made: "
                f"{error.strerror}. Choose another one."
            ) from None
        at = self._now().astimezone(UTC)
        name = f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}Z-{secrets.token_hex(4)}.jsonl"
        return Journal.create(self.folder / name, header, self._now)

    def unfinished(self, flow: str) -> Journal | None:
        """The newest session about the flow with the id `flow` that has not ended and that no
        other process writes; None: there is none. One in which nothing was heard yet, of a program
        that could not begin perhaps, doesn't hide an older one.

        Raises JournalError when the folder can't be read, and for a damaged session that may be
        the one.
        """
        for path in self._left_open(flow):
            try:
                journal = self.open(path)
            except InUseError:
                continue
            if journal.found[-1].kind != ENDED:
                return journal
            journal.close()  # it has ended since we looked
        return None

    def _left_open(self, flow: str) -> Iterator[Path]:
        """Those that have not ended, newest first, and last those in which nothing was heard.

        Without the lock: who only looks must not make a session seem in use.
        """
        unheard = []
        for path in self._newest_first():
            if flow_of(path) != flow or (session := read(path)).finished:
                continue
            if session.heard:
                yield path
            else:
                unheard.append(path)
        yield from unheard

    def last(self) -> Path | None:
        """The file of the newest session, whatever it is about and whether it has ended; None:
        there is none. One in which nothing was heard doesn't hide an older one. Raises JournalError
        for a damaged session that may be the one."""
        unheard = None
        for path in self._newest_first():
            session = read(path)
            if session.heard:
                return path
            if unheard is None and session.header is not None:
                unheard = path
        return unheard

    def open(self, path: Path) -> Journal:
        """The session at `path`, to go on with. Raises JournalError, also when another process
        writes it."""
        return Journal.open(path, self._now)

    def _newest_first(self) -> Iterator[Path]:
        try:
            paths = list(self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise JournalError(f"{self.folder}: can't be read: {error.strerror}.") from None
        yield from sorted((p for p in paths if p.suffix == ".jsonl"), reverse=True)


def _make(folder: Path) -> None:
    """With its parents, each for its owner alone, as the XDG Base Directory Specification has it
    for folders that a program has to make. Raises OSError."""
    if folder.is_dir():
        return
    if not folder.parent.exists():
        _make(folder.parent)
    folder.mkdir(0o700, exist_ok=True)
    sync_folder(folder.parent)
