"""Deletes sessions that were kept long enough."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from voice_triage.errors import JournalError

_NAMED = re.compile(r"^(\d{8}T\d{6})\.\d{3}Z-[0-9a-f]{8}\.")
"""How `Sessions` names a session's file, and whatever is made of it and named after it."""


def expire(folder: Path, keep: timedelta, now: datetime) -> int:
    """Delete what is in `folder` of sessions that began more than `keep` ago; how many files.

    Files of other names stay. `now` in UTC. Raises JournalError when one can't be deleted: whoever
    was promised that must be told.
    """
    deleted = 0
    try:
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            named = _NAMED.match(path.name)
            if named is None:
                continue
            began = datetime.strptime(named[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            if now - began > keep:
                path.unlink(missing_ok=True)
                deleted += 1
    except OSError as error:
        raise JournalError(
            f"{folder}: old sessions can't be deleted: {error.strerror}. Delete what is too old."
        ) from None
    return deleted
