"""What is appended is read back; what was cut short is cut off; what is damaged is said."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage.errors import JournalError
from voice_triage.record import ENDED, STARTED, TURN, Header, NoJournal, Sessions, entries

HEADER = Header("0.1.0", "back-spasms", "3", "0" * 64, None)
ANY_TEXT = st.text(st.characters(codec=None, categories=None))  # lone surrogates too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
DATA = st.dictionaries(ANY_TEXT.filter(lambda name: name not in ("at", "entry")), JSON, max_size=4)


def ticking() -> Iterator[datetime]:
    start = datetime(2026, 1, 2, 23, 59, 59, 998_765, tzinfo=timezone(timedelta(hours=2)))
    return (start + timedelta(milliseconds=n) for n in count())


def test_a_line_is_an_entry_for_people_and_programs(tmp_path: Path, header: Header) -> None:
    sessions = Sessions(tmp_path, now=ticking().__next__)
    with sessions.start(header) as journal:
        journal.append(TURN, {"question": "leg-feeling", "turn": {"text": "não\n"}})
        journal.append(ENDED, {})
    assert re.fullmatch(r"20260102T215959\.998Z-[0-9a-f]{8}\.jsonl", journal.path.name)
    assert [json.loads(line) for line in journal.path.read_text("ascii").splitlines()] == [
        {
            "at": "2026-01-02T21:59:59.999Z",
            "entry": "started",
            "format": 1,
            "program": "0.1.0",
            "flow": {"id": "back-spasms", "version": "3", "sha256": "0" * 64},
            "region": "GB",
        },
        {
            "at": "2026-01-02T22:00:00.000Z",
            "entry": "turn",
            "question": "leg-feeling",
            "turn": {"text": "não\n"},
        },
        {"at": "2026-01-02T22:00:00.001Z", "entry": "ended"},
    ]
    started, turn, _ = entries(journal.path)
    assert started.kind == STARTED
    assert turn.at == datetime(2026, 1, 2, 22, tzinfo=UTC)
    assert turn.data == {"question": "leg-feeling", "turn": {"text": "não\n"}}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(ANY_TEXT, DATA), max_size=6), st.lists(st.booleans(), max_size=6))
def test_what_was_appended_is_read_back(
    wanted: list[tuple[str, dict[str, Any]]], reopened: list[bool]
) -> None:
    with TemporaryDirectory() as folder:
        sessions = Sessions(Path(folder))
        journal = sessions.start(HEADER)
        for n, (kind, data) in enumerate(wanted):
            if n < len(reopened) and reopened[n]:
                journal.close()
                journal = sessions.open(journal.path)
                assert journal.header == HEADER
                assert [(e.kind, e.data) for e in journal.found[1:]] == wanted[:n]
            journal.append(kind, data)
        journal.close()
        assert [(e.kind, e.data) for e in entries(journal.path)[1:]] == wanted


@pytest.mark.parametrize("data", [{"at": 1}, {"entry": 1}, {"x": float("nan")}])
def test_what_has_no_line_is_refused_and_nothing_is_written(
    sessions: Sessions, header: Header, data: dict[str, object]
) -> None:
    with sessions.start(header) as journal:
        with pytest.raises(ValueError, match=r"at|entry|JSON"):
            journal.append(TURN, data)
        journal.append(TURN, {"number": 1})
    assert [e.data for e in entries(journal.path)[1:]] == [{"number": 1}]


def test_a_last_line_cut_short_at_any_byte(sessions: Sessions, header: Header) -> None:
    with sessions.start(header) as journal:
        journal.append(TURN, {"number": 1, "text": "é"})
        before = journal.path.stat().st_size
        journal.append(TURN, {"number": 2, "text": "a longer line than the one that follows"})
    path, whole = journal.path, journal.path.read_bytes()
    for cut in range(before, len(whole)):
        path.write_bytes(whole[:cut])
        assert [e.data["number"] for e in entries(path)[1:]] == [1]
        with sessions.open(path) as journal:
            assert path.read_bytes() == whole[:cut], "looking changes nothing"
            assert [e.data["number"] for e in journal.found[1:]] == [1]
            journal.append(TURN, {"number": 3})
        assert [e.data["number"] for e in entries(path)[1:]] == [1, 3]


def test_a_disk_that_left_zeros_behind(sessions: Sessions, header: Header) -> None:
    """As some file systems do after a power cut: the length is new, the content isn't there."""
    with sessions.start(header) as journal:
        pass
    with journal.path.open("ab") as file:
        file.write(bytes(5000))
    with sessions.open(journal.path) as journal:
        journal.append(TURN, {})
    assert [e.kind for e in entries(journal.path)] == [STARTED, TURN]


def test_a_first_line_cut_short_is_no_session(sessions: Sessions, header: Header) -> None:
    with sessions.start(header) as journal:
        pass
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        assert sessions.unfinished(header.flow) is None
        with pytest.raises(JournalError, match="nothing to resume"):
            sessions.open(journal.path)
    assert entries(journal.path) == ()


GARBAGE = {
    "no JSON": b"hello",
    "half a line": b'{"at": "2026-01-02T21:59:59.999Z", "ent',
    "no object": b"[1]",
    "no text": b"\xff\xfe\x00",
    "no time": b'{"at": "yesterday", "entry": "turn"}',
    "no kind": b'{"at": "2026-01-02T21:59:59.999Z"}',
    "empty": b"",
    "deep": b"[" * 100_000,
    "long number": b"9" * 10_000,
}


@pytest.mark.parametrize("line", [2, 3, 4])
@pytest.mark.parametrize("garbage", GARBAGE)
def test_damage_is_told_with_its_line(
    sessions: Sessions, header: Header, garbage: str, line: int
) -> None:
    with sessions.start(header) as journal:
        journal.append(TURN, {})
        journal.append(TURN, {})
    path = journal.path
    lines = path.read_bytes().splitlines()
    lines.insert(line - 1, GARBAGE[garbage])
    path.write_bytes(b"\n".join(lines) + b"\n")
    for read in (entries, sessions.open, lambda _: sessions.unfinished(header.flow)):
        with pytest.raises(JournalError) as told:
            read(path)
        assert f"{path}:{line}: is damaged" in str(told.value)
        assert f"The {line - 1} lines before it are good" in str(told.value)
    path.write_bytes(b"\n".join(lines[: line - 1]) + b"\n")  # as the message says
    with sessions.open(path) as journal:
        assert len(journal.found) == line - 1


@pytest.mark.parametrize("change", [b'"turn"', b'"started", "format": "1"', b'"started", "x": 1'])
def test_a_damaged_start(sessions: Sessions, header: Header, change: bytes) -> None:
    with sessions.start(header) as journal:
        pass
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole.replace(b'"started", "format": 1', change))
    with pytest.raises(JournalError, match=r":1: is damaged. Move the file away"):
        entries(journal.path)


def test_a_newer_format(sessions: Sessions, header: Header) -> None:
    with sessions.start(header) as journal:
        pass
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole.replace(b'"format": 1', b'"format": 2, "more": 1'))
    with pytest.raises(JournalError, match="newer voice-triage"):
        sessions.unfinished(header.flow)


def test_no_journal_keeps_nothing(tmp_path: Path) -> None:
    with NoJournal() as journal:
        journal.append(TURN, {"text": "secret"})
        assert journal.found == ()
        assert journal.path is None
    assert not list(tmp_path.iterdir())
