"""The lines of a journal: each is a JSON object with a time, a kind, and what the kind needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voice_triage.errors import JournalError

STARTED, TURN, ENDED = "started", "turn", "ended"
"""Kinds that mean something here: the first entry, one listening turn, the last entry."""
_FORMAT = 1
"""Raised when older programs could no longer read what newer ones write."""


@dataclass(frozen=True)
class Entry:
    """One line of a journal."""

    at: datetime
    """When it was written, UTC, to the millisecond. For people: the order is that of the lines."""
    kind: str
    data: dict[str, Any]
    """The line's other fields, as JSON has them."""


@dataclass(frozen=True)
class Header:
    """What a session goes by, for whoever resumes it: the same turns need the same flow."""

    program: str
    """The version of voice-triage that began the session."""
    flow: str
    """The flow's id."""
    flow_version: str
    flow_sha256: str
    """Of the flow's content, in lower-case hexadecimal digits; what is hashed, the caller says."""
    region: str | None
    """Whose emergency number is said: "GB"; None: nobody said."""

    def data(self) -> dict[str, object]:
        """The fields of the first entry."""
        flow = {"id": self.flow, "version": self.flow_version, "sha256": self.flow_sha256}
        return {
            "format": _FORMAT,
            "program": self.program,
            "flow": flow,
            "region": self.region,
        }


@dataclass(frozen=True)
class Session:
    """What a journal's file holds."""

    header: Header | None
    """None: it was killed before its first line was whole."""
    entries: tuple[Entry, ...]
    """All of them, the first one too."""
    length: int
    """Bytes up to the end of the last whole line; what follows was cut short by a kill."""

    @property
    def finished(self) -> bool:
        """Whether the conversation came to its end, so that there is nothing to resume."""
        return bool(self.entries) and self.entries[-1].kind == ENDED

    @property
    def heard(self) -> bool:
        """Whether anything was heard in it."""
        return any(entry.kind == TURN for entry in self.entries)


def line_of(at: datetime, kind: str, data: Mapping[str, object]) -> bytes:
    """The line of an entry. Raises ValueError or TypeError for what is no JSON, and for the field
    names "at" and "entry", which are taken."""
    if taken := {"at", "entry"} & set(data):
        raise ValueError(f"an entry's own fields can't be called {' or '.join(sorted(taken))}")
    time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # ASCII: whatever was typed, half an emoji included, has its line and comes back as it was.
    text = json.dumps({"at": time, "entry": kind, **data}, allow_nan=False)
    return text.encode("ascii") + b"\n"


def entries(path: Path) -> tuple[Entry, ...]:
    """What the session at `path` holds, in order; it may be in use.

    A last line that is cut short is left out: it was being written when the program was killed,
    and nobody was told that it was kept. Raises JournalError, with file:line for damage.
    """
    return read(path).entries


def read(path: Path) -> Session:
    """As `entries`, with what else is needed to go on writing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: can't be read: {error.strerror}.") from None
    *lines, _cut_short = content.split(b"\n")
    found = tuple(_entry(path, number, line) for number, line in enumerate(lines, 1))
    header = _header(path, found[0]) if found else None
    return Session(header, found, sum(len(line) + 1 for line in lines))


def flow_of(path: Path) -> str | None:
    """The id of the flow that the session at `path` is about, from its first line alone; None: it
    has none yet. Raises JournalError."""
    try:
        with path.open("rb") as file:
            line = file.readline()
    except OSError as error:
        raise JournalError(f"{path}: can't be read: {error.strerror}.") from None
    return _header(path, _entry(path, 1, line)).flow if line.endswith(b"\n") else None


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        match data := json.loads(line):
            case {"at": str(at), "entry": str(kind)}:
                del data["at"], data["entry"]
                return Entry(datetime.fromisoformat(at).astimezone(UTC), kind, data)
    except (ValueError, OverflowError, RecursionError):
        pass
    raise _damaged(path, number)


def _header(path: Path, entry: Entry) -> Header:
    match entry.kind, entry.data:
        case _, {"format": int(number)} if number > _FORMAT:
            raise JournalError(
                f"{path}:1: was written by a newer voice-triage. Resume it with that, or move the "
                "file away."
            )
        case "started", {
            "format": int(),
            "program": str(program),
            "flow": {"id": str(id_), "version": str(version), "sha256": str(sha256)},
            "region": None | str() as region,
        }:
            return Header(program, id_, version, sha256, region)
    raise _damaged(path, 1)


def _damaged(path: Path, number: int) -> JournalError:
    good = f"The {number - 1} lines before it are good: delete the rest to resume there, or move"
    remedy = good if number > 1 else "Move"
    return JournalError(f"{path}:{number}: is damaged. {remedy} the file away.")
