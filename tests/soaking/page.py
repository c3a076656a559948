"""A browser that shows the kiosk's page, as the kiosk's server sees it: a real WebSocket."""

from __future__ import annotations

import json
import os
import random
import socket
import struct
import threading
import time
from contextlib import closing
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from soaking.clock import SimulatedTouch
from voice_triage.kiosk.touch import Press

_SECONDS = 5.0
_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closed with a reset, as by a browser that was killed."""


def _open(origin: str, **more: Any) -> ClientConnection:
    return connect(  # it is closed by whoever opens it
        f"ws{origin[4:]}/ws", origin=origin, proxy=None, compression=None, ping_interval=None,
        open_timeout=_SECONDS, close_timeout=_SECONDS, **more,
    ).__enter__()  # fmt: skip


def _abort(connection: ClientConnection) -> None:
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    connection.close_socket()


class Page:
    """Shows the newest view, and connects by itself when it is to tap and was let go of."""

    def __init__(self, origin: str, touch: SimulatedTouch) -> None:
        self._origin, self._touch = origin, touch
        self._connection: ClientConnection | None = None
        self._reader: threading.Thread | None = None
        self._news = threading.Condition()
        self._view: dict[str, Any] | None = None

    def open(self) -> None:
        """Connect, unless it is connected. Raises OSError when the kiosk doesn't answer."""
        if self._reader is not None and self._reader.is_alive():
            return
        self._view = None
        self._connection = _open(self._origin)
        self._reader = threading.Thread(target=self._read, args=(self._connection,), name="page")
        self._reader.start()

    def close(self) -> None:
        """As when its tab is closed."""
        if self._connection is not None:
            self._connection.close()
        self._end()

    def vanish(self) -> None:
        """As when its program is killed."""
        if self._connection is not None:
            _abort(self._connection)
        self._end()

    def notices(self) -> list[str]:
        """What the newest view tells beside its question."""
        with self._news:
            return [] if self._view is None else list(self._view["notices"])

    def tap(self, press: Press) -> bool:
        """Touch a button of what the screen shows now; whether that counts. Raises OSError when
        the tap doesn't arrive."""
        for _ in range(3):
            self.open()
            if not self._shows_now():
                self.vanish()
                continue
            view, connection = self._view, self._connection
            assert view is not None
            assert connection is not None
            if press.value not in view["buttons"]:
                return False
            message = json.dumps({"type": "tap", "turn": view["turn"], "answer": press.value})
            try:
                counted = self._touch.arrives(partial(connection.send, message), _SECONDS)
            except WebSocketException:
                counted = None
            if counted is not None:
                return counted
        raise OSError(f"the tap {press.value!r} never arrived")

    def _shows_now(self) -> bool:
        with self._news:
            return self._news.wait_for(
                lambda: self._view is not None and self._view["turn"] == self._touch.turn, _SECONDS
            )

    def _read(self, connection: ClientConnection) -> None:
        try:
            for text in connection:
                message = json.loads(text)
                if message["type"] == "view":
                    with self._news:
                        self._view = message
                        self._news.notify_all()
        except (WebSocketException, OSError):
            return

    def _end(self) -> None:
        if self._reader is not None:
            self._reader.join(_SECONDS)
        self._connection = self._reader = self._view = None


class SlowPage:
    """A browser that takes nothing of what it is sent."""

    def __init__(self, origin: str) -> None:
        to = urlsplit(origin)
        with socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.connect((to.hostname, to.port))
            self._connection = _open(origin, sock=plain.dup(), max_queue=1)

    def vanish(self) -> None:
        """It is killed."""
        _abort(self._connection)


def misbehave(origin: str, chance: random.Random) -> str:
    """Send one message that no page sends; what it was. Raises OSError unless the kiosk closes
    that connection."""
    deep = 400
    kinds: dict[str, str | bytes] = {
        "not JSON": "{yes",
        "binary": os.urandom(64),
        "too long": "x" * 5000,
        "deep": "[" * deep + "]" * deep,
        "no turn": '{"type": "tap", "answer": "yes"}',
        "no such button": '{"type": "tap", "turn": 3, "answer": "maybe"}',
        "a true turn": '{"type": "tap", "turn": true, "answer": "yes"}',
        "nothing": "",
    }
    kind = chance.choice(sorted(kinds))
    with closing(_open(origin)) as connection:
        connection.send(kinds[kind])
        until = time.monotonic() + _SECONDS
        try:
            while time.monotonic() < until:
                connection.recv(_SECONDS)
        except (WebSocketException, TimeoutError, EOFError):
            pass
        if connection.close_code not in (1003, 1007, 1008, 1009):
            raise OSError(f"the kiosk took a message that is {kind}: {connection.close_code}")
    return kind


def crowd(origin: str, most: int) -> None:
    """More pages than it serves come at once, and go. Raises OSError when all of them are let
    in."""
    opened = []
    refused = 0
    try:
        for _ in range(most + 1):
            try:
                opened.append(_open(origin))
            except InvalidStatus:
                refused += 1
    finally:
        for connection in opened:
            connection.close()
    if not refused:
        raise OSError(f"{most + 1} pages were let in at once")
