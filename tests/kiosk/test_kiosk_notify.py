"""What systemd is told, on a real datagram socket."""

import os
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.kiosk.notify import Systemd, Watchdog


@pytest.fixture(params=["a file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = f"@voice-triage-{os.getpid()}" if request.param == "abstract" else f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name[0] == "@" else name)
        listening.setblocking(False)
        yield listening, name


def test_systemd_is_told(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    systemd = Systemd({"NOTIFY_SOCKET": name})
    systemd.ready()
    systemd.status("waiting for somebody\nto come")
    systemd.stopping()
    told = [listening.recv(4096) for _ in range(3)]
    assert told == [b"READY=1", b"STATUS=waiting for somebody to come", b"STOPPING=1"]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere"}])
def test_without_systemd_nothing_happens(environ: dict[str, str]) -> None:
    Systemd(environ).ready()


def test_a_manager_that_reads_nothing_blocks_nobody(tmp_path: Path) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(name)
        systemd = Systemd({"NOTIFY_SOCKET": name})
        for _ in range(10_000):  # far more than a socket's queue holds
            systemd.tell("WATCHDOG=1")


@given(steps=st.lists(st.floats(0.0, 50.0), max_size=60), seconds=st.integers(1, 90))
def test_a_living_loop_feeds_the_dog_in_time_and_seldom(steps: list[float], seconds: int) -> None:
    now = 0.0
    fed: list[float] = []

    class Manager(Systemd):
        def tell(self, message: str) -> None:
            assert message == "WATCHDOG=1"
            fed.append(now)

    watchdog = Watchdog(Manager({"WATCHDOG_USEC": str(seconds * 1_000_000)}), lambda: now)
    beats = []
    for step in steps:
        now += step
        beats.append(now)
        watchdog.alive()
    assert all(later - earlier >= seconds / 3 for earlier, later in pairwise(fed))
    # Whenever the loop lived, the dog had been fed within a third of its patience.
    for beat in beats:
        assert min(beat - at for at in fed if at <= beat) <= seconds / 3


def test_a_loop_that_hangs_feeds_nobody(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    Watchdog(Systemd({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000000"}))
    with pytest.raises(BlockingIOError):
        listening.recv(4096)


@pytest.mark.parametrize(
    ("environ", "patience"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # meant for our parent
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_how_patient_the_dog_is(environ: dict[str, str], patience: float | None) -> None:
    assert Systemd(environ).watchdog_s == patience
