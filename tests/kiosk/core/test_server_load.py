"""Too much at once: the first page goes on, and the rest is turned away."""

import asyncio
import json
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from served import WAIT_S, Served, closed_with, read, tap
from websockets.exceptions import ConnectionClosed, InvalidStatus

from voice_triage.kiosk import server
from voice_triage.kiosk.browsers import MOST_BROWSERS, MOST_BYTES
from voice_triage.kiosk.guard import Guard, Rate
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.server import app
from voice_triage.kiosk.stage import Stage
from voice_triage.kiosk.touch import Press, Touch
from voice_triage.kiosk.views import Views

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_too_much_at_once_closes_the_connection(served: Served) -> None:
    with served.browser() as ws:
        ws.send(tap(0, "no") + " " * MOST_BYTES)
        assert closed_with(ws) == 1009


def test_who_taps_like_a_machine_is_shown_out(served: Served) -> None:
    with served.browser() as ws:
        with suppress(ConnectionClosed):
            for _ in range(10_000):
                ws.send(tap(10**6, "no"))
        assert closed_with(ws) == 1008


def test_so_many_pages_and_no_more(served: Served) -> None:
    with ExitStack() as pages:
        first, *others = [pages.enter_context(served.browser()) for _ in range(MOST_BROWSERS)]
        with pytest.raises(InvalidStatus), served.browser():
            pass
        others.pop().close()
        deadline = time.monotonic() + WAIT_S
        while True:  # the server may not have seen it go yet
            try:
                others.append(pages.enter_context(served.browser()))
                break
            except InvalidStatus:
                assert time.monotonic() < deadline
        turn = served.asks()
        for ws in (first, *others):
            read(ws, lambda m: m.get("turn") == turn)


def test_a_thousand_connections_do_not_disturb_the_first(served: Served) -> None:
    with served.browser() as first:
        held = []
        for _ in range(1000):
            raw = socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_S)
            raw.settimeout(0.0)
            held.append(raw)
            if len(held) > 200:  # the test has file handles to spare itself
                held.pop(0).close()
        turn = served.asks()
        read(first, lambda m: m.get("turn") == turn)
        first.send(tap(turn, "yes"))
        read(first, lambda m: m["type"] == "view" and m["phase"] == "heard")
        for raw in held:
            raw.close()
    assert served.touch.take() is Press.YES


def test_who_asks_for_nothing_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_SILENT_S", 0.1)
    raw = socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_S)
    with raw, suppress(ConnectionResetError):  # the same, less politely
        assert raw.recv(1) == b""


def test_a_slow_page_gets_the_newest_view_and_not_all_of_them(served: Served) -> None:
    with served.browser(max_queue=1) as slow, served.browser() as quick:
        for number in range(600):
            served.stage.notice(f"{number} {'x' * 20_000}")
        last = served.stage.view.message()
        read(quick, lambda m: m == last)
        got = 0
        while json.loads(slow.recv(timeout=WAIT_S)) != last:
            got += 1
        assert got < 400


def test_more_requests_than_any_page_makes_are_refused(
    views: Views, labels: Labels, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("page")
    inner = app(Stage(views, Touch()), labels.message("999"), 81, page=tmp_path)
    assert isinstance(inner, Guard)
    now = [0.0]
    guard = Guard(inner, 81, Rate(2.0, 5.0, lambda: now[0]))

    async def asked(times: int) -> list[int]:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:81") as client:
            return [(await client.get("/")).status_code for _ in range(times)]

    assert asyncio.run(asked(6)) == [200] * 5 + [429]
    now[0] += 1.0
    assert asyncio.run(asked(3)) == [200, 200, 429]
