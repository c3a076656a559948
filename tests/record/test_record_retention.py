"""What was kept long enough is deleted, and nothing else is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voice_triage.errors import JournalError
from voice_triage.record import Header, Sessions
from voice_triage.record.retention import expire

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HEADER = Header("1", "flow", "1", "0" * 64, None)


def session(folder: Path, days: float) -> Path:
    """One that began so many days ago."""
    journal = Sessions(folder, lambda: NOW - timedelta(days=days)).start(HEADER)
    journal.close()
    assert journal.path is not None
    return journal.path


def test_only_what_is_too_old_goes(tmp_path: Path) -> None:
    old, older, young = (session(tmp_path, days) for days in (8, 100, 6.9))
    printed = old.with_suffix(".html")
    printed.write_text("made of it")
    others = [tmp_path / name for name in ("notes.txt", "20200101.jsonl", "x-20200101T000000.txt")]
    for path in others:
        path.write_text("the owner's")
    assert expire(tmp_path, timedelta(days=7), NOW) == 3
    assert not any(path.exists() for path in (old, older, printed))
    assert all(path.exists() for path in (young, *others))
    assert expire(tmp_path, timedelta(days=7), NOW) == 0


def test_a_folder_that_is_not_there_yet_has_nothing_old(tmp_path: Path) -> None:
    assert expire(tmp_path / "later", timedelta(days=7), NOW) == 0


def test_what_cannot_be_deleted_is_told(tmp_path: Path) -> None:
    path = session(tmp_path, 8)
    (tmp_path / "inner").mkdir()
    path.rename(tmp_path / "inner" / path.name)
    (tmp_path / path.name).mkdir()  # a folder can't be unlinked
    with pytest.raises(JournalError, match="Delete what is too old"):
        expire(tmp_path, timedelta(days=7), NOW)
