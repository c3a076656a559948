"""A real sound server, somebody who listens to it, and a look at what a test leaves behind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from device_chain import PulseAudio
from speaker_ear import Ear


def child_processes() -> set[int]:
    """Our own children, zombies included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a process, a zombie, an open file or a temporary file."""
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    children = child_processes()
    files = open_files()
    yield
    assert child_processes() == children
    assert open_files() == files
    assert list(temp.iterdir()) == []


@pytest.fixture(scope="session")
def speaker_chain() -> Iterator[PulseAudio]:
    """A sound server for all tests of this folder; fails, never skips, where there is none."""
    with PulseAudio() as chain:
        yield chain


@pytest.fixture
def ear(speaker_chain: PulseAudio) -> Iterator[Ear]:
    """Somebody who listens at the loudspeaker of `speaker_chain`."""
    with Ear(speaker_chain) as ear:
        yield ear
