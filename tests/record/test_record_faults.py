"""A full disk, a folder that can't be: a clear error, a readable file, and on it goes."""

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from programs import environment

from voice_triage.errors import JournalError
from voice_triage.record import TURN, Header, Sessions, entries


def numbers(path: Path) -> list[int]:
    return [entry.data["number"] for entry in entries(path)[1:]]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file gets larger: as on a full disk, a write takes what fits, and the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_no_room_for_all_of_a_line(sessions: Sessions, header: Header) -> None:
    with sessions.start(header) as journal:
        journal.append(TURN, {"number": 0})
        for number in range(1, 120, 2):
            before = journal.path.read_bytes()
            with (
                largest_file(len(before) + number // 2),
                pytest.raises(JournalError, match="can't be kept: File too large") as told,
            ):
                journal.append(TURN, {"number": number})
            assert str(journal.path) in str(told.value)
            assert journal.path.read_bytes() == before
            journal.append(TURN, {"number": number + 1})
            assert numbers(journal.path) == list(range(number + 2)), "there is room again"


def test_no_room_until_the_end(sessions: Sessions, header: Header) -> None:
    """What was kept has no gap, so it can be resumed."""
    with sessions.start(header) as journal:
        journal.append(TURN, {"number": 0})
        with largest_file(journal.path.stat().st_size + 10):
            for number in (1, 2, 3):
                with pytest.raises(JournalError):
                    journal.append(TURN, {"number": number})
    found = sessions.unfinished(header.flow)
    assert found is not None
    with found:
        assert [entry.data["number"] for entry in found.found[1:]] == [0]
        found.append(TURN, {"number": 1})
    assert numbers(journal.path) == [0, 1]


def test_no_room_to_start(sessions: Sessions, header: Header) -> None:
    for size in (0, 1, 100):
        with largest_file(size), pytest.raises(JournalError, match="File too large"):
            sessions.start(header)
        assert list(sessions.folder.iterdir()) == []
    sessions.start(header).close()


ON_A_SMALL_DISK = """
import os, sys
from pathlib import Path
from voice_triage.errors import JournalError
from voice_triage.record import Header, Sessions, entries

disk = Path(sys.argv[1])
header = Header("0.1.0", "small", "1", "0" * 64, None)
journal = Sessions(disk / "sessions").start(header)
number = 0
def fill():
    global number
    try:
        while True:
            number += 1
            journal.append("turn", {"number": number, "text": "x" * 1000})
    except JournalError as error:
        return str(error)
def numbers():
    return [entry.data["number"] for entry in entries(journal.path)[1:]]
print(fill())
assert numbers() == list(range(1, number)) and number > 1, numbers()
(disk / "other").unlink()
print(fill())
assert numbers() == list(range(1, number)), numbers()
journal.close()
os.system(f"mount -o remount,ro {disk}")
for what in (lambda: Sessions(disk / "sessions").start(header),
             lambda: Sessions(disk / "new").start(header),
             lambda: Sessions(disk / "sessions").unfinished("small")):
    try:
        what()
    except JournalError as error:
        print(error)
"""


def test_a_real_disk_that_is_full_and_then_read_only(tmp_path: Path) -> None:
    """In a namespace of its own, where everybody may mount a small disk; some systems forbid it."""
    mount = f"mount -t tmpfs -o size=64k small {tmp_path}"
    if subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False
    ).returncode:
        pytest.skip(
            "NO FULL DISK TESTED: this system lets nobody mount one in a namespace of their own"
        )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c",
         f'{mount} && head -c 20000 /dev/zero > {tmp_path}/other && "$0" -c "$1" {tmp_path}',
         sys.executable, ON_A_SMALL_DISK],
        capture_output=True, text=True, env=environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert len(told) == 5
    assert ["No space left on device" in line for line in told] == [True] * 2 + [False] * 3
    assert ["Read-only file system" in line for line in told] == [False] * 2 + [True] * 3


def test_a_folder_that_cannot_be(tmp_path: Path, header: Header) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone" / "for good")
    for folder in (
        tmp_path / "file",
        tmp_path / "file" / "sessions",
        tmp_path / "nowhere",
        tmp_path / "nowhere" / "sessions",
        Path("/proc/sessions"),
        tmp_path / ("x" * 300),
    ):
        with pytest.raises(JournalError) as told:
            Sessions(folder).start(header)
        assert str(folder) in str(told.value)
        assert "another" in str(told.value)


@pytest.fixture
def not_ours(tmp_path: Path) -> Iterator[Path]:
    """A folder that another user made."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    if os.geteuid() == 0:  # whom no folder is closed to
        os.seteuid(65534)
        yield folder
        os.seteuid(0)
    else:
        folder.chmod(0)
        yield folder
        folder.chmod(0o700)


def test_a_folder_that_is_not_ours(not_ours: Path, header: Header) -> None:
    sessions = Sessions(not_ours)
    with pytest.raises(JournalError, match="Permission denied"):
        sessions.start(header)
    with pytest.raises(JournalError, match="Permission denied"):
        sessions.unfinished(header.flow)


def test_a_session_that_is_not_there(tmp_path: Path, sessions: Sessions) -> None:
    for read in (entries, sessions.open):
        with pytest.raises(JournalError, match="No such file"):
            read(tmp_path / "gone.jsonl")


def test_ctrl_c_in_the_middle_of_an_append(sessions: Sessions, header: Header) -> None:
    """Whether its entry is kept or not: no other is lost, none is there twice, none is halved."""
    moments = random.Random(7)  # noqa: S311 - the same moments each time
    kept, interrupted = [], 0
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with sessions.start(header) as journal:
            for number in range(400):
                try:
                    signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-6, 1e-3))
                    journal.append(TURN, {"number": number, "text": "x" * 3000})
                    kept.append(number)
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    interrupted += 1
            journal.append(TURN, {"number": 400})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    found = numbers(journal.path)
    assert interrupted > 20
    assert found == sorted(set(found)), "in order, none twice"
    assert set(kept) <= set(found)
