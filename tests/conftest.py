"""For all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A shell starts background jobs with SIGINT ignored, and children would inherit that: the tests of
# Ctrl-C must mean the same whether the suite runs in the foreground or not.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long a test takes belongs in benchmarks/: here it would only say how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# For each file its own: while it is open, no other event loop can run in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one, started."""
    from chromium import chromium

    with chromium() as started:
        yield started
