"""The real server of the screen, at a port of its own, and what a page does with it."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from voice_triage.conversation.events import Asked, Prompt, Said
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.server import Server, app, listen
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Touch

FILES = {
    "index.html": "<title>t</title>",
    "kiosk.css": "a{}",
    "kiosk.js": "1",
    "body.svg": "<svg/>",
}


ASKED = Asked("leg-feeling", Prompt.QUESTION, "Can you feel it?")


WAIT_S = 20.0


class Served:
    """The real server, at a port of its own."""

    def __init__(self, stage: Stage, touch: Touch, labels: Labels, page: Path) -> None:
        self.stage, self.touch = stage, touch
        self._listening = listen(0)
        self.port = self._listening.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._server = Server(app(stage, labels.message("999"), self.port, page=page))
        self._thread = threading.Thread(
            target=self._server.serve_until_stopped, args=(self._listening,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + WAIT_S
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self._server.started
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, self.origin + path, headers=named, trust_env=False)

    def browser(self, **more: Any) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}/ws",
            origin=more.pop("origin", self.origin),
            proxy=None,
            **more,
        )

    def asks(self) -> int:
        """The program asks, and listens; the turn."""
        self.stage.tell(Said(ASKED.text, ASKED))
        self.stage.tell(ASKED)
        return self.stage.view.turn


def read(ws: ClientConnection, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The next message that is as wanted."""
    while True:
        message: dict[str, Any] = json.loads(ws.recv(timeout=WAIT_S))
        if wanted(message):
            return message


def closed_with(ws: ClientConnection) -> int:
    """Why the server closed the connection."""
    with suppress(ConnectionClosed):
        while True:
            ws.recv(timeout=WAIT_S)
    assert ws.close_code is not None
    return ws.close_code


def tap(turn: int, answer: str) -> str:
    return json.dumps({"type": "tap", "turn": turn, "answer": answer})
