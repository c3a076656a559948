"""Who may speak with the server: the page that it served itself, in a browser on this machine.

A web page from elsewhere can make a browser send requests to 127.0.0.1, under that name or, by DNS
rebinding, under one of its own. What gives it away are the headers `Host`, `Origin` and
`Sec-Fetch-Site`, which no page can set.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "HEAD")
_OURS = ("same-origin", "none")
"""`Sec-Fetch-Site` of our own page, and of what somebody typed into the address line."""
_PER_S, _BURST = 50.0, 200.0
"""Requests: a page has four files, and comes back at most once a second."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Of every answer, where it has no other one itself. Sources: the OWASP HTTP Headers Cheat Sheet,
and the Fetch and HTML standards for the Cross-Origin ones."""


class Rate:
    """A token bucket: `burst` at once, and `per_s` a second in the long run."""

    def __init__(
        self, per_s: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._left, self._at = burst, clock()

    def allows(self) -> bool:
        """Whether one more is within the rate; it counts if so."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Guard:
    """An ASGI application around another one: turns strangers away, and puts HEADERS on answers."""

    def __init__(self, app: ASGIApp, port: int, rate: Rate | None = None) -> None:
        """`port`: that of the server, which must stand in `Host`."""
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._rate = rate or Rate(_PER_S, _BURST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        status = self._refusal(scope)
        if status is None:
            await self._app(scope, receive, sent)
        elif scope["type"] == "http":
            await PlainTextResponse("Not for you.\n", status)(scope, receive, sent)
        else:
            await sent({"type": "websocket.close", "code": 1008, "reason": ""})

    def _refusal(self, scope: Scope) -> int | None:
        """The HTTP status to refuse it with; None: it is welcome."""
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421  # misdirected
        if origins not in ([], [f"http://{hosts[0]}"]):
            return 403
        if headers.get("sec-fetch-site", "none") not in _OURS:
            return 403
        if scope["type"] == "websocket" and not origins:
            return 403  # every browser says where a WebSocket comes from
        if scope["type"] == "http" and scope["method"] not in _METHODS:
            return 405
        return None if self._rate.allows() else 429
