"""Downloads over a real HTTP server on this machine, one that behaves and ones that don't."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.errors import ModelError
from voice_triage.models.install import install

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@dataclass
class Server:
    """Serves `body` at every address; the fields say how badly."""

    body: bytes
    url: str = ""
    ranges: bool = True
    says_length: bool = True
    cut_after: int | None = None
    """Bytes after which the next answer breaks off; then it heals."""
    status: int = 200
    moved_to: str = ""
    shift: int = 0
    """Bytes by which a piece begins too late."""
    asked: list[str] = field(default_factory=list)
    """The Range of every request."""


class Serving(ThreadingHTTPServer):
    """Answers as its `state` says."""

    state: Server


class Handler(BaseHTTPRequestHandler):
    server: Serving

    def do_GET(self) -> None:
        state = self.server.state
        wanted = self.headers.get("Range", "")
        state.asked.append(wanted)
        start = int(re.sub(r"\D", "", wanted)) if wanted and state.ranges else 0
        if state.moved_to and not self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", state.moved_to)
            self.end_headers()
        elif state.status != 200:
            self.send_error(state.status)
        elif start and start >= len(state.body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(state.body)}")
            self.end_headers()
        else:
            self.answer(state, start + (state.shift if start else 0))

    def answer(self, state: Server, start: int) -> None:
        piece = state.body[start:]
        self.send_response(206 if start else 200)
        if state.says_length:
            self.send_header("Content-Length", str(len(piece)))
        if start:
            last = len(state.body) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(state.body)}")
        self.end_headers()
        cut, state.cut_after = state.cut_after, None
        self.wfile.write(piece[:cut])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Keeps the test's output quiet."""


@pytest.fixture
def serve(zipped) -> Iterator[Callable[..., Server]]:
    servers: list[Serving] = []

    def start(**how: object) -> Server:
        server = Serving(("127.0.0.1", 0), Handler)
        state = Server(**{"body": zipped().read_bytes(), **how})
        state.url = f"http://127.0.0.1:{server.server_port}/models/little-en.zip"
        server.state = state
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return state

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


@pytest.mark.parametrize("says_length", [True, False])
def test_download_and_progress(serve, into: Path, says_length: bool) -> None:
    server = serve(says_length=says_length)
    steps: list[tuple[int, int | None]] = []
    path = install(server.url, into, progress=lambda done, whole: steps.append((done, whole)))
    assert models.ready(path) == into / "little-en"
    size = len(server.body)
    whole = size if says_length else None
    assert steps[0] == (0, whole)
    assert steps[-1] == (size, whole)
    assert left_in(into) == ["little-en"]


@pytest.mark.parametrize("ranges", [True, False])
def test_broken_line_goes_on_at_the_second_call(serve, into: Path, ranges: bool) -> None:
    server = serve(cut_after=2_000_000, ranges=ranges)
    with pytest.raises(ModelError, match=r"Run it again: it goes on from 1\.9 MB"):
        install(server.url, into)
    assert left_in(into) == ["little-en.zip.part"]
    steps: list[int] = []
    install(server.url, into, progress=lambda done, _whole: steps.append(done))
    assert server.asked == ["", "bytes=2000000-"]
    assert steps[0] == (2_000_000 if ranges else 0)
    assert left_in(into) == ["little-en"]


def test_ctrl_c_keeps_what_has_arrived(serve, into: Path) -> None:
    server = serve()

    def interrupt(done: int, _whole: int | None) -> None:
        if done > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(server.url, into, progress=interrupt)
    assert left_in(into) == ["little-en.zip.part"]
    install(server.url, into)
    assert int(server.asked[1].strip("bytes=-")) > 1_000_000


def test_whole_part_needs_no_second_download(serve, into: Path) -> None:
    server = serve()
    into.mkdir()
    (into / "little-en.zip.part").write_bytes(server.body)
    install(server.url, into)
    assert len(server.asked) == 1


@pytest.mark.parametrize("how", [{}, {"shift": 7}])
def test_part_of_something_else_is_started_over(serve, into: Path, how: dict[str, int]) -> None:
    server = serve(**how)
    into.mkdir()
    rubbish = server.body + b"more" if not how else server.body[:1000]
    (into / "little-en.zip.part").write_bytes(rubbish)
    install(server.url, into)
    assert server.asked[1:] == [""]


def test_right_sum(serve, into: Path) -> None:
    server = serve()
    assert install(server.url, into, sha256=hashlib.sha256(server.body).hexdigest())


def test_wrong_sum_deletes_the_download(serve, into: Path) -> None:
    server = serve()
    with pytest.raises(ModelError, match=r"0{64}") as raised:
        install(server.url, into, sha256="0" * 64)
    assert hashlib.sha256(server.body).hexdigest() in str(raised.value)
    assert left_in(into) == []


def test_login_page_instead_of_a_zip(serve, into: Path) -> None:
    with pytest.raises(ModelError, match="not a whole zip file"):
        install(serve(body=b"<html>Please log in</html>").url, into)
    assert left_in(into) == []


def test_server_says_no(serve, into: Path) -> None:
    with pytest.raises(ModelError, match="the server says 404"):
        install(serve(status=404).url, into)
    assert left_in(into) == []


def test_nobody_answers(into: Path) -> None:
    with pytest.raises(ModelError, match=r"can't be downloaded .*FILE\.zip"):
        install("http://127.0.0.1:1/little-en.zip", into)  # nothing listens on port 1
    assert left_in(into) == []


def test_redirects_are_followed_but_not_to_plain_http(serve, into: Path) -> None:
    server = serve(moved_to="/moved/little-en.zip")
    assert install(server.url, into) == into / "little-en"
    astray = serve(moved_to="http://example.org/little-en.zip")
    with pytest.raises(ModelError, match="plain http"):
        install(astray.url, into, name="other")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org/m.zip", "plain http"),
        ("ftp://example.org/m.zip", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://", "not a web address"),
        ("http://[::1/m.zip", "not a web address"),
        ("https://example.org/", "can't be a model's name"),
        ("https://example.org/%2e%2e/%2Eevil.zip", "can't be a model's name"),
    ],
)
def test_addresses_that_arent_used(url: str, said: str, into: Path) -> None:
    with pytest.raises(ModelError, match=said):
        install(url, into)
