"""A folder of sessions, and what a session starts with."""

from pathlib import Path

import pytest

from voice_triage.record import Header, Sessions

HEADER = Header("0.1.0", "back-spasms", "3", "0" * 64, "GB")


@pytest.fixture
def header() -> Header:
    return HEADER


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "state" / "sessions")
