"""A real browser before a scripted program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import Watch
from playwright.sync_api import Browser, Page
from program import Open, ScriptedProgram
from views import MESSAGE, SIZES


@pytest.fixture
def program() -> Iterator[ScriptedProgram]:
    started = ScriptedProgram(MESSAGE)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def open_page(browser: Browser, program: ScriptedProgram) -> Iterator[Open]:
    """`open_page(view, size=…, …)`: a page that shows the view. In the end it must have thrown
    nothing, and broken no rule of its content security policy."""
    contexts = []
    watches: list[Watch] = []

    def opened(
        view: dict[str, Any],
        size: str = "800x480",
        *,
        frozen: bool = False,
        query: str = "",
        **more: Any,
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        watches.append(Watch(context))
        page = context.new_page()
        if frozen:
            page.clock.install(time=0)
            page.clock.pause_at(1000)
        program.show(view)
        before = program.connections
        page.goto(program.url + query)
        program.wait_for_connections(before + 1)
        page.locator("main:visible").wait_for()
        page.locator(".picture svg").wait_for(state="attached")
        if frozen:
            page.clock.run_for(1000)
        return page

    yield opened
    for context in contexts:
        context.close()
    # That a program is gone, the browser says too.
    complaints = [said for watch in watches for said in watch.complaints]
    assert [said for said in complaints if "WebSocket connection" not in said] == []
