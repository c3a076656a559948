"""Which session is resumed, who may write it, and who may read it."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from programs import environment

from voice_triage.errors import JournalError
from voice_triage.record import ENDED, TURN, Header, Journal, Sessions, entries

KEEPER = Path(__file__).with_name("keeper.py")


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    """Started a millisecond after one another."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = (start + timedelta(milliseconds=n) for n in count())
    return Sessions(tmp_path / "state" / "sessions", now=times.__next__)


def resumed(sessions: Sessions, flow: str = "back-spasms") -> str | None:
    journal = sessions.unfinished(flow)
    if journal is None:
        return None
    journal.close()
    return journal.path.name


def start(sessions: Sessions, header: Header, *kinds: str) -> str:
    with sessions.start(header) as journal:
        for kind in kinds:
            journal.append(kind, {})
    return journal.path.name


def test_the_newest_that_has_not_ended_is_resumed(sessions: Sessions, header: Header) -> None:
    assert resumed(sessions) is None, "there is no folder yet"
    first = start(sessions, header, TURN)
    second = start(sessions, header, TURN)
    start(sessions, header, TURN, ENDED)
    other = start(sessions, Header("0.1.0", "headaches", "1", "1" * 64, None))
    (sessions.folder / "notes.txt").write_text("not ours")
    assert first < second
    assert resumed(sessions) == second
    assert resumed(sessions, "headaches") == other
    assert resumed(sessions, "hiccups") is None
    (sessions.folder / second).unlink()
    assert resumed(sessions) == first, "deleting a session is deleting its file"


def test_one_in_which_nothing_was_heard_hides_no_other(sessions: Sessions, header: Header) -> None:
    heard = start(sessions, header, TURN, TURN)
    silent = [start(sessions, header) for _ in range(2)]
    assert resumed(sessions) == heard
    (sessions.folder / heard).unlink()
    assert resumed(sessions) == silent[-1]


def test_damage_in_another_flows_session_is_no_hindrance(
    sessions: Sessions, header: Header
) -> None:
    mine = start(sessions, header)
    other = start(sessions, Header("0.1.0", "headaches", "1", "1" * 64, None))
    with (sessions.folder / other).open("ab") as file:
        file.write(b"damage\n")
    assert resumed(sessions) == mine


def test_a_session_has_one_writer(sessions: Sessions, header: Header) -> None:
    older = start(sessions, header)
    journal = sessions.start(header)
    with pytest.raises(JournalError, match="in use by another voice-triage"):
        sessions.open(journal.path)
    assert len(entries(journal.path)) == 1, "reading is allowed"
    assert resumed(sessions) == older
    journal.close()
    with sessions.open(journal.path):
        with pytest.raises(JournalError, match="in use by another voice-triage"):
            sessions.open(journal.path)
        assert resumed(sessions) == older, "who resumes it is its writer too"
    assert resumed(sessions) == journal.path.name


def test_two_processes(tmp_path: Path) -> None:
    """The second leaves the first one's session alone, until the first is gone."""
    folder = tmp_path / "sessions"
    first = keeper(folder)
    second = keeper(folder)
    try:
        assert first.stdout is not None
        assert second.stdout is not None
        assert (first.stdout.readline(), second.stdout.readline()) == ("0\n", "0\n")
        files = sorted(folder.iterdir())
        assert len(files) == 2
        assert Sessions(folder).unfinished("kill") is None
        for path in files:
            with pytest.raises(JournalError, match="in use"):
                Sessions(folder).open(path)
    finally:
        for child in (first, second):
            child.kill()
            child.communicate()
    journal = Sessions(folder).unfinished("kill")
    assert journal is not None
    assert journal.path == files[1]
    journal.close()


def test_a_child_of_the_program_does_not_hold_the_lock(sessions: Sessions, header: Header) -> None:
    """The voice runs in a child process, which may outlive a program that was killed."""
    with sessions.start(header) as journal:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert resumed(sessions) == journal.path.name
    finally:
        child.communicate(b"\n")


def test_only_the_owner_can_read_it(tmp_path: Path, header: Header) -> None:
    old = os.umask(0)
    try:
        sessions = Sessions(tmp_path / "state" / "voice-triage" / "sessions")
        sessions.start(header).close()
    finally:
        os.umask(old)
    (file,) = sessions.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (sessions.folder, sessions.folder.parent, sessions.folder.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_closed_journal_takes_nothing(sessions: Sessions, header: Header) -> None:
    journal: Journal = sessions.start(header)
    journal.close()
    journal.close()
    with pytest.raises(JournalError):
        journal.append(TURN, {})


def keeper(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, KEEPER, folder], stdout=subprocess.PIPE, text=True, env=environment()
    )
