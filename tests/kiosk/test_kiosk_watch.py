"""Whoever looks after a kiosk, joined: what is served, and what systemd is told."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from voice_triage.conversation.events import Said
from voice_triage.errors import UsageError
from voice_triage.kiosk.watch import Watch
from voice_triage.settings import Mqtt, Settings


def got(watch: Watch, path: str) -> httpx.Response:
    """What the watch serves there."""

    async def get() -> httpx.Response:
        app = httpx.ASGITransport(Starlette(routes=watch.routes()))
        async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1") as browser:
            return await browser.get(path)

    return asyncio.run(get())


def test_healthz_tells_whether_it_works() -> None:
    watch = Watch(Settings(), "1.2.3", {})
    before = got(watch, "/healthz")
    assert before.status_code == 503
    assert before.json()["status"] == "degraded"
    watch.alive()
    watch.vitals.level(-50.0)
    # Whatever this machine's processor is at, it listens and hears.
    assert "listen" not in str(got(watch, "/healthz").json())
    watch.vitals.trouble("voice", "no loudspeaker")
    assert "voice: no loudspeaker" in got(watch, "/healthz").json()["reasons"]


def test_metrics_are_served_unless_the_owner_wants_none() -> None:
    watch = Watch(Settings(), "1.2.3", {})
    watch.tell(Said("hello"))
    page = got(watch, "/metrics")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain")
    assert "voice_triage_sessions_started_total 1.0" in page.text
    off = Watch(Settings(metrics=False), "1.2.3", {})
    off.tell(Said("hello"))
    assert got(off, "/metrics").status_code == 404
    assert got(off, "/healthz").status_code == 503


def test_systemd_is_told_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.setblocking(False)
        with Watch(Settings(), "1", {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000"}) as watch:
            watch.ready()
            watch.alive()
            watch.alive()  # too soon to say it again
        told = [manager.recv(4096) for _ in range(3)]
        assert told == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
        with pytest.raises(BlockingIOError):
            manager.recv(4096)


def test_a_broker_that_can_t_be_told_is_a_mistake_at_the_start(tmp_path: Path) -> None:
    settings = Settings(mqtt=Mqtt(host="127.0.0.1", password_file=tmp_path / "none"))
    with pytest.raises(UsageError, match="password"):
        Watch(settings, "1", {})
