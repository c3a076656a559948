"""The WebSocket of the page: every browser sees the newest view, and taps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_triage.kiosk.guard import Rate
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Press, Tap
from voice_triage.kiosk.view import View

MOST_BROWSERS = 16
MOST_BYTES = 1024
"""Of a message from a page; a tap has 50."""
_TAPS_PER_S, _TAPS_BURST = 10.0, 20.0
_LEVEL_S = 0.1
_UNSUPPORTED, _MALFORMED, _TOO_LARGE = 1003, 1008, 1009
"""Why a connection is closed (RFC 6455, 7.4.1)."""


class Browsers:
    """All pages that are open. Made, and served, in the server's event loop."""

    def __init__(self, stage: Stage, labels: Mapping[str, Any]) -> None:
        """`labels`: the message that each page gets first."""
        self._stage, self._labels = stage, _text(labels)
        self._loop = asyncio.get_running_loop()
        self._open: set[_Browser] = set()
        self._view: View | None = None
        self._message = ""
        stage.join(self)

    # Called from any thread

    def changed(self) -> None:
        """There is a new view."""
        self._call(self._wake)

    def level(self, dbfs: float) -> None:
        """How loud the microphone is."""
        self._call(self._hand_level, dbfs)

    def _call(self, function: Any, *arguments: Any) -> None:
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(function, *arguments)

    # Called in the event loop

    async def serve(self, socket: WebSocket) -> None:
        """One page, until it goes or misbehaves."""
        if len(self._open) >= MOST_BROWSERS:
            await socket.close()  # before it is accepted: HTTP 403
            return
        browser = _Browser(socket)
        self._open.add(browser)
        try:
            await socket.accept()
            sending = asyncio.create_task(self._send(browser))
            try:
                code = await self._receive(socket)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            if code is not None:
                with suppress(RuntimeError, WebSocketDisconnect):
                    await socket.close(code)
        except WebSocketDisconnect:
            pass
        finally:
            self._open.discard(browser)

    async def _send(self, browser: _Browser) -> None:
        """Whatever is new, the newest of it only: while a slow page takes one view, others pass."""
        await browser.socket.send_text(self._labels)
        shown: View | None = None
        while True:
            browser.news.clear()
            view = self._stage.view
            if view is not shown:
                shown = view
                await browser.socket.send_text(self._told(view))
            elif browser.level is not None:
                dbfs, browser.level = browser.level, None
                await browser.socket.send_text(_text({"type": "level", "dbfs": round(dbfs, 1)}))
                await asyncio.sleep(_LEVEL_S)
            else:
                await browser.news.wait()

    async def _receive(self, socket: WebSocket) -> int | None:
        """Take taps; why the connection is to be closed, None: the page has gone."""
        rate = Rate(_TAPS_PER_S, _TAPS_BURST)
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            if text is None:
                return _UNSUPPORTED
            if len(text.encode()) > MOST_BYTES:
                return _TOO_LARGE
            tap = tap_of(text)
            if tap is None or not rate.allows():
                return _MALFORMED
            self._stage.tap(tap)

    def _told(self, view: View) -> str:
        """The view's message, made once for all pages."""
        if view is not self._view:
            self._view, self._message = view, _text(view.message())
        return self._message

    def _wake(self) -> None:
        self._view, self._message = None, ""  # even when no page is left to be told of the new one
        for browser in self._open:
            browser.news.set()

    def _hand_level(self, dbfs: float) -> None:
        for browser in self._open:
            browser.level = dbfs
            browser.news.set()


class _Browser:
    """One page."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.news = asyncio.Event()
        self.level: float | None = None
        """dBFS; the newest that it hasn't been told."""


def tap_of(text: str) -> Tap | None:
    """The tap in a page's message; None: it is something else."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.keys() != {"type", "turn", "answer"}:
        return None
    turn, answer = message["turn"], message["answer"]
    known = isinstance(answer, str) and answer in set(Press)
    if message["type"] != "tap" or type(turn) is not int or not known:
        return None
    return Tap(turn, Press(answer))


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)
