"""The server of the screen: the page gets in, and nobody else."""

import json
import logging
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import ASKED, FILES, WAIT_S, Served, closed_with, read, tap
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from voice_triage.errors import UsageError
from voice_triage.kiosk.browsers import tap_of
from voice_triage.kiosk.failures import unfailing
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.server import listen
from voice_triage.kiosk.touch import Press, Tap

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_the_pages_files_come_with_strict_headers(served: Served) -> None:
    kinds = {"/": "html", "/kiosk.css": "css", "/kiosk.js": "javascript", "/body.svg": "svg"}
    for (path, kind), text in zip(kinds.items(), FILES.values(), strict=True):
        answer = served.get(path)
        assert (answer.status_code, answer.text) == (200, text)
        assert kind in answer.headers["content-type"]
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers
    for path in ("/labels.py", "/../labels.py", "/%2e%2e/labels.py", "/report.html", "/metrics"):
        assert served.get(path).status_code == 404
    assert served.get("/nothing").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (421, {"Host": "evil.example"}),
        (421, {"Host": "127.0.0.1"}),
        (421, {"Host": "127.0.0.1:1"}),
        (421, {"Host": "127.0.0.1.evil.example:{port}"}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Origin": "https://127.0.0.1:{port}"}),
        (403, {"Origin": "http://localhost:{port}"}),
        (403, {"Sec_Fetch_Site": "cross-site"}),
        (403, {"Sec_Fetch_Site": "same-site"}),
        (200, {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}),
        (200, {"Sec_Fetch_Site": "same-origin"}),
    ],
)
def test_who_comes_from_elsewhere_is_refused(
    served: Served, status: int, headers: dict[str, str]
) -> None:
    sent = {name: value.format(port=served.port) for name, value in headers.items()}
    answer = served.get(**sent)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_two_hosts_are_refused(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_S) as raw:
        host = f"Host: 127.0.0.1:{served.port}\r\n"
        raw.sendall(f"GET / HTTP/1.1\r\n{host}{host}\r\n".encode())
        assert raw.recv(100).split()[1] in (b"400", b"421")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_can_be_sent(served: Served, method: str) -> None:
    assert served.get(method=method).status_code == 405


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "http://127.0.0.1"])
def test_a_websocket_from_elsewhere_is_refused(served: Served, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as error, served.browser(origin=origin):
        pass
    assert error.value.response.status_code == 403


def test_a_rebound_name_is_refused(served: Served) -> None:
    """DNS rebinding: the page and the socket have one name, which isn't ours."""
    with pytest.raises(InvalidStatus) as error, connect(
        f"ws://evil.example:{served.port}/ws", origin=f"http://evil.example:{served.port}",
        sock=socket.create_connection(("127.0.0.1", served.port)), proxy=None,
    ):  # fmt: skip
        pass
    assert error.value.response.status_code == 403


def test_a_page_sees_the_words_and_the_view_and_answers(served: Served, labels: Labels) -> None:
    with served.browser() as ws:
        assert json.loads(ws.recv(WAIT_S)) == labels.message("999")
        assert json.loads(ws.recv(WAIT_S)) == served.stage.view.message()
        turn = served.asks()
        view = read(ws, lambda m: m.get("turn") == turn and m["phase"] == "listening")
        assert (view["question"], view["kind"], view["text"]) == (
            ASKED.question, "question", ASKED.text,
        )  # fmt: skip
        ws.send(tap(turn - 1, "yes"))
        ws.send(tap(turn, "start"))
        ws.send(tap(turn, "no"))
        view = read(ws, lambda m: m["type"] == "view" and m["phase"] == "heard")
        assert view["buttons"] == ["stop"]
        assert served.touch.take() is Press.NO


def test_every_page_sees_the_same_and_one_that_comes_back_too(served: Served) -> None:
    with served.browser() as one, served.browser() as other:
        turn = served.asks()
        views = [
            read(ws, lambda m: m.get("turn") == turn and m["phase"] == "listening")
            for ws in (one, other)
        ]
        one.close()
        with served.browser() as again:
            views.append(read(again, lambda m: m["type"] == "view"))
    assert views[0] == views[1] == views[2]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (1003, b"\x00\x01"),
        (1008, ""),
        (1008, "tap"),
        (1008, "[]"),
        (1008, "{}"),
        (1008, '{"type":"tap","turn":1}'),
        (1008, '{"type":"tap","turn":1,"answer":"maybe"}'),
        (1008, '{"type":"tap","turn":"1","answer":"yes"}'),
        (1008, '{"type":"tap","turn":true,"answer":"yes"}'),
        (1008, '{"type":"tap","turn":1.0,"answer":"yes"}'),
        (1008, '{"type":"tap","turn":1,"answer":["yes"]}'),
        (1008, '{"type":"tap","turn":1,"answer":"yes","more":1}'),
        (1008, '{"type":"view","turn":1,"answer":"yes"}'),
        (1008, "[" * 1000),
    ],
)
def test_a_message_that_is_no_tap_closes_the_connection(
    served: Served, code: int, message: str | bytes
) -> None:
    with served.browser() as ws:
        ws.send(message)
        assert closed_with(ws) == code
    assert served.touch.take() is None


@given(st.text() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("type"), inner),
).map(json.dumps))  # fmt: skip
def test_nothing_else_is_a_tap(text: str) -> None:
    assert tap_of(text) is None


@given(st.integers(), st.sampled_from(list(Press)))
def test_every_tap_is_one(turn: int, press: Press) -> None:
    assert tap_of(tap(turn, press.value)) == Tap(turn, press)


def test_the_level_is_told_while_it_listens_and_only_then(served: Served) -> None:
    with served.browser() as ws:
        served.stage.level(-20.0)
        turn = served.asks()
        read(ws, lambda m: m.get("turn") == turn and m["phase"] == "listening")
        served.stage.level(-34.21)
        assert read(ws, lambda m: m["type"] == "level") == {"type": "level", "dbfs": -34.2}


def test_nothing_that_is_answered_is_logged(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served.browser() as ws:
        turn = served.asks()
        ws.send(tap(turn, "unsure"))
        read(ws, lambda m: m.get("phase") == "heard")
    ours = [r for r in caplog.records if not r.name.startswith("websockets.client")]
    told = "\n".join(r.getMessage() for r in ours if r.levelno > logging.DEBUG)
    assert "unsure" not in told
    assert "leg" not in told


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    with pytest.raises(UsageError, match="--port"):
        listen(served.port)


def test_it_is_at_this_machines_own_address_alone() -> None:
    with listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_who_watches_and_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def watch(answer: str) -> None:
        raise KeyError(answer)

    unfailing("It can't be told", watch)("yes")
    assert "It can't be told: KeyError" in caplog.text
    assert "yes" not in caplog.text
