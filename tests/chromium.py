"""Debian's Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 60_000
"""How long is waited for what a page is to show."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it is open, no other event loop can run in this thread."""
    assert Path(CHROMIUM).exists(), "These tests need Debian's package chromium: script/setup test"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # Chromium's own sandbox doesn't work for root; the pages here are our own.
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
