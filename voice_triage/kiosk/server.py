"""The server of the screen: the page's files and its WebSocket, for this machine alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from uvicorn.protocols.http.h11_impl import H11Protocol

from voice_triage.errors import ReportError, UsageError
from voice_triage.kiosk.browsers import MOST_BYTES, Browsers
from voice_triage.kiosk.guard import Guard
from voice_triage.kiosk.stage import PDF_PATH, REPORT_PATH, Report, Stage

HOST = "127.0.0.1"
PAGE = Path(__file__).with_name("page")
_FILES = {
    "/": ("index.html", "text/html"),
    "/kiosk.css": ("kiosk.css", "text/css"),
    "/kiosk.js": ("kiosk.js", "text/javascript"),
    "/body.svg": ("body.svg", "image/svg+xml"),
}
_MOST_CONNECTIONS = 64
"""Beyond that many, new ones are closed at once: each costs a file handle."""
_SILENT_S = 10.0
"""Who connects and sends no request for so long is let go."""
_HEADER_BYTES = 8192
_PING_S = 10.0
_CLOSING_S = 2
_LOOK_S = 0.25
"""How often it looks whether the ending is still shown whose PDF is being made."""


def app(
    stage: Stage, labels: Mapping[str, Any], port: int, *, reports: bool = False,
    routes: Sequence[BaseRoute] = (), page: Path = PAGE,
) -> ASGIApp:  # fmt: skip
    """The ASGI application. `labels`: the page's words, as a message. `port`: what it is reached
    at. `reports`: whether endings can be taken away. `routes`: others to serve. `page`: the folder
    of its files."""

    @asynccontextmanager
    async def lifespan(serving: Starlette) -> AsyncIterator[None]:
        serving.state.browsers = Browsers(stage, labels)
        yield

    async def browser(ws: WebSocket) -> None:
        await ws.app.state.browsers.serve(ws)

    files = [Route(path, _file(page / name, kind)) for path, (name, kind) in _FILES.items()]
    taken = _report_routes(stage) if reports else []
    all_routes = [*files, *taken, *routes, WebSocketRoute("/ws", browser)]
    return Guard(Starlette(routes=all_routes, lifespan=lifespan), port)


def _file(path: Path, kind: str) -> Any:
    async def file(_request: Request) -> Response:
        return Response(path.read_bytes(), media_type=kind)

    return file


def _report_routes(stage: Stage) -> list[Route]:
    async def html(_request: Request) -> Response:
        report = stage.report
        if report is None:
            return _gone()
        policy = f"{report.policy}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        headers = {"Content-Security-Policy": policy}
        return Response(report.html, media_type="text/html", headers=headers)

    async def pdf(_request: Request) -> Response:
        report = stage.report
        if report is None or report.pdf is None:
            return _gone()
        return await _while_shown(stage, report, report.pdf())

    return [Route(REPORT_PATH, html), Route(PDF_PATH, pdf)]


async def _while_shown(stage: Stage, report: Report, pdf: Awaitable[bytes]) -> Response:
    """What is being made, unless its ending is forgotten meanwhile."""
    making = asyncio.ensure_future(pdf)
    try:
        while not making.done() and stage.report is report:
            await asyncio.wait({making}, timeout=_LOOK_S)
        if stage.report is not report:
            return _gone()
        return Response(making.result(), media_type="application/pdf")
    except ReportError as error:
        return PlainTextResponse(f"{error}\n", 503)
    finally:
        making.cancel()


def _gone() -> Response:
    return PlainTextResponse("There is no report any more.\n", 404)


def listen(port: int) -> socket.socket:
    """A socket that listens at `port` of 127.0.0.1; 0: at any that is free. Raises UsageError."""
    try:
        return socket.create_server((HOST, port), backlog=_MOST_CONNECTIONS)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"The screen can't be served at {HOST}:{port}: {error}. Is a kiosk running already?"
            " Choose another port with --port."
        ) from None


class Server(uvicorn.Server):
    """uvicorn, set up for a few pages of this machine."""

    def __init__(self, application: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                application, http=_Patient, ws="websockets-sansio", ws_max_size=MOST_BYTES,
                ws_ping_interval=_PING_S, ws_ping_timeout=_PING_S, ws_per_message_deflate=False,
                loop="asyncio", lifespan="on", interface="asgi3", log_config=None,
                access_log=False, proxy_headers=False, server_header=False, date_header=False,
                backlog=_MOST_CONNECTIONS, timeout_graceful_shutdown=_CLOSING_S,
                h11_max_incomplete_event_size=_HEADER_BYTES,
            )
        )  # fmt: skip

    def serve_until_stopped(self, listening: socket.socket) -> None:
        """Serve in this thread, until a signal or `should_exit`."""
        asyncio.run(self.serve(sockets=[listening]))


class _Patient(H11Protocol):
    """HTTP from a few, and only from those who ask for something."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            transport.abort()
        else:
            self.loop.call_later(_SILENT_S, self._let_go)

    def _let_go(self) -> None:
        if not self.headers:  # no request so far
            self.transport.abort()
