"""A scripted program behind the kiosk's page: a real server on 127.0.0.1 that shows what a test says,
and keeps what the page sends."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import voice_triage.kiosk

PAGE = Path(voice_triage.kiosk.__file__).with_name("page")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
Message = dict[str, Any]
Open = Callable[..., Page]
"""The fixture `open_page`."""
PATIENCE_S = 20


class ScriptedProgram:
    """Sends every page the labels and the last view; `taps` are what pages sent, in order."""

    def __init__(self, labels: Message) -> None:
        self.labels = labels
        self.view: Message | None = None
        self.taps: list[Message] = []
        self.connections = 0
        """How often a page has connected."""
        self._pages: set[WebSocket] = set()
        self._changed = threading.Condition()
        self._port = 0
        self._serving: tuple[uvicorn.Server, threading.Thread] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                self._app(), ws="websockets-sansio", lifespan="off", log_level="critical",
                timeout_graceful_shutdown=0,
            )
        )  # fmt: skip
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        self._serving = server, thread
        _until(lambda: server.started, "the server didn't start")

    def stop(self) -> None:
        """Go away as a killed program does: every connection ends."""
        if self._serving is None:
            return
        server, thread = self._serving
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE_S)
        self._serving = None
        self._pages.clear()

    def show(self, view: Message) -> None:
        """Show this from now on, to every page."""
        self.view = view
        self._tell(view)

    def level(self, dbfs: float) -> None:
        self._tell({"type": "level", "dbfs": dbfs})

    def wait_for_taps(self, count: int) -> list[Message]:
        """All taps, as soon as there are so many. Fails when they don't come."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.taps) >= count, PATIENCE_S)
        assert came, f"{count} taps were awaited, and these came: {self.taps}"
        return self.taps

    def wait_for_connections(self, count: int) -> None:
        with self._changed:
            came = self._changed.wait_for(lambda: self.connections >= count, PATIENCE_S)
        assert came, f"pages connected {self.connections} times, not {count}"

    def _app(self) -> Starlette:
        files = {"/": "index.html"} | {f"/{path.name}": path.name for path in PAGE.iterdir()}
        routes: list[BaseRoute] = [Route(at, _file(name)) for at, name in files.items()]
        return Starlette(routes=[*routes, WebSocketRoute("/ws", self._talk)])

    async def _talk(self, page: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        await page.accept()
        await page.send_json(self.labels)
        if self.view is not None:
            await page.send_json(self.view)
        self._pages.add(page)
        with self._changed:
            self.connections += 1
            self._changed.notify_all()
        try:
            while True:
                tap = await page.receive_json()
                with self._changed:
                    self.taps.append(tap)
                    self._changed.notify_all()
        except WebSocketDisconnect:
            self._pages.discard(page)

    def _tell(self, message: Message) -> None:
        async def tell() -> None:
            for page in list(self._pages):
                await page.send_json(message)

        if self._pages:
            self._run(tell())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


def _file(name: str) -> Callable[..., Any]:
    async def serve(_request: object) -> FileResponse:
        return FileResponse(PAGE / name, headers={"Content-Security-Policy": POLICY})

    return serve


def _until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.01)
