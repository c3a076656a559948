"""All who look after a kiosk, joined: systemd, /healthz and /metrics, a broker."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from voice_triage.conversation.events import Event
from voice_triage.kiosk.health import health
from voice_triage.kiosk.metrics import Metrics
from voice_triage.kiosk.mqtt import Reporter, machine
from voice_triage.kiosk.notify import Systemd, Watchdog
from voice_triage.kiosk.vitals import Vitals
from voice_triage.settings import Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

_STOPPING_S = 5.0


class Watch:
    """A context manager: within it the broker is told, if the owner named one."""

    def __init__(
        self, settings: Settings, version: str, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Raises UsageError when a broker is named that can't be told."""
        self.vitals = Vitals()
        self.metrics = Metrics(self.vitals, version) if settings.metrics else None
        """None: the owner wants no figures."""
        self._systemd = Systemd(environ)
        self._watchdog = Watchdog(self._systemd)
        broker = settings.mqtt
        self._reporter = Reporter(broker, self.vitals, version, machine()) if broker.host else None
        self._reporting: _Reporting | None = None

    def __enter__(self) -> Self:
        if self._reporter is not None:
            self._reporting = _Reporting(self._reporter)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._systemd.stopping()
        if self._reporting is not None:
            self._reporting.stop()

    def ready(self) -> None:
        """It can be talked with."""
        self._systemd.ready()

    def alive(self) -> None:
        """The loop that listens, and nothing else, calls this: about once a second."""
        self.vitals.alive()
        self._watchdog.alive()

    def tell(self, event: Event) -> None:
        """Every event of every session, as an Observer."""
        self.vitals.tell(event)
        if self.metrics is not None:
            self.metrics.tell(event)
        if self._reporter is not None:
            self._reporter.tell(event)

    def routes(self) -> list[Route]:
        """What the kiosk's server is to serve beside its page."""
        from starlette.responses import JSONResponse, Response
        from starlette.routing import Route

        async def healthz(_request: Request) -> Response:
            now = health(self.vitals.snapshot())
            return JSONResponse(now.as_json(), now.code)

        served = [Route("/healthz", healthz)]
        if (metrics := self.metrics) is not None:

            async def figures(_request: Request) -> Response:
                page, kind = metrics.page()
                return Response(page, media_type=kind)

            served.append(Route("/metrics", figures))
        return served


class _Reporting:
    """Tells the broker, in a thread of its own: the server's loop may be another one each time."""

    def __init__(self, reporter: Reporter) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(reporter.run())
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye to the broker, in a few seconds at most."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(_STOPPING_S)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()
