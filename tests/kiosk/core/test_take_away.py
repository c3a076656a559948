"""The ending to take away: what it says, who gets it, and that nothing of it stays."""

import asyncio
import gc
import html
import json
import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import MethodType

import httpx
import pypdf
import pytest
from visits import Kiosk

from voice_triage import assemble, session
from voice_triage.conversation.conversation import Conversation
from voice_triage.conversation.events import Closing, Event
from voice_triage.conversation.script import Script
from voice_triage.conversation.turn import Turn
from voice_triage.errors import ReportError
from voice_triage.kiosk.house import Finished
from voice_triage.kiosk.labels import Labels
from voice_triage.kiosk.printing import Printing
from voice_triage.kiosk.server import app
from voice_triage.kiosk.stage import Report, Stage
from voice_triage.kiosk.take_away import TakeAway
from voice_triage.kiosk.touch import Press, Touch
from voice_triage.kiosk.view import Phase, View
from voice_triage.kiosk.views import Views
from voice_triage.record.report_html import CONTENT_SECURITY_POLICY
from voice_triage.testing import RememberingVoice, ScriptedEars

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAID = ["no", "i don't know"]
PAGES = ("/report.html", "/report.pdf")
SLEEPS = (
    "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"
    "time.sleep(600)"
)
Get = Callable[[str], Awaitable[httpx.Response]]


@pytest.fixture
def maker() -> TakeAway:
    return TakeAway(assemble.report_phrases(), "1.2.3", True)


def finished(script: Script, said: list[str]) -> Finished:
    """What a conversation comes to in which that is said."""
    turns: list[Turn] = []
    closings: list[Closing] = []

    def tell(event: Event) -> None:
        if isinstance(event, Closing):
            closings.append(event)

    ears = ScriptedEars(list(said))
    Conversation(script, ears, RememberingVoice(), tell, lambda _, turn: turns.append(turn)).run()
    [closing] = closings
    return Finished(script, closing.known, closing.ending, tuple(turns), AT)


@pytest.fixture
def stage(views: Views) -> Stage:
    return Stage(views, Touch())


@pytest.fixture
def get(stage: Stage, labels: Labels) -> Get:
    """Asks the server for a page."""
    guard = app(stage, labels.message("999"), 81, reports=True)

    async def got(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:81") as client:
            return await client.get(path)

    return got


def offer(stage: Stage, script: Script, report: Report) -> None:
    """Show an ending, and offer that with it."""
    Conversation(script, ScriptedEars(["yes"]), RememberingVoice(), stage.tell).run()
    assert stage.view.page is not None
    stage.offer(report, stage.view.page)


def plain(page: bytes) -> str:
    return html.unescape(page.decode())


def test_it_says_what_was_answered_and_what_came_of_it(shipped: Script, maker: TakeAway) -> None:
    report = maker.make(finished(shipped, SAID))
    page = plain(report.html)
    assert AT.astimezone().isoformat(timespec="seconds") in page
    heard = assemble.report_phrases().heard
    assert heard.format(words="no") in page
    assert heard.format(words="i don't know") in page
    assert shipped.flow.outcomes["immediate"].now.format(number="999") in page
    assert "1.2.3" in page
    assert report.policy == CONTENT_SECURITY_POLICY
    assert report.qr is not None
    assert report.qr.startswith("<svg")


def test_what_a_code_has_no_room_for_is_on_the_page_alone(shipped: Script, maker: TakeAway) -> None:
    flow = shipped.flow
    outcomes = {
        name: outcome.model_copy(update={"now": "Take no chance. " * 100})
        for name, outcome in flow.outcomes.items()
    }
    endless = replace(shipped, flow=flow.model_copy(update={"outcomes": outcomes}))
    report = maker.make(finished(endless, SAID))
    assert report.qr is None
    assert report.html.count(b"Take no chance.") >= 100


def test_page_and_file_are_there_while_their_ending_is_shown(
    shipped: Script, stage: Stage, get: Get, maker: TakeAway
) -> None:
    async def look() -> None:
        assert [(await get(path)).status_code for path in PAGES] == [404, 404]
        offer(stage, shipped, maker.make(finished(shipped, SAID)))
        page = stage.view.page
        assert page is not None
        assert (page.report, page.pdf) == PAGES
        printed, file = [await get(path) for path in PAGES]
        assert printed.headers["content-security-policy"] == (
            f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'; base-uri 'none';"
            " form-action 'none'"
        )
        assert printed.headers["cache-control"] == file.headers["cache-control"] == "no-store"
        assert file.headers["content-type"] == "application/pdf"
        [sheet] = pypdf.PdfReader(BytesIO(file.content)).pages
        for text in (plain(printed.content), sheet.extract_text()):
            assert "i don't know" in " ".join(text.split())
        assert (await get("/report.pdf")).content == file.content, "it is made once"
        stage.wait("start")
        assert [(await get(path)).status_code for path in PAGES] == [404, 404]

    asyncio.run(look())


def test_without_what_makes_files_there_is_the_page_alone(
    shipped: Script, stage: Stage, get: Get
) -> None:
    maker = TakeAway(assemble.report_phrases(), "1.2.3", prints=False)
    offer(stage, shipped, maker.make(finished(shipped, SAID)))
    page = stage.view.page
    assert page is not None
    assert (page.report, page.pdf) == ("/report.html", None)

    async def look() -> list[int]:
        return [(await get(path)).status_code for path in PAGES]

    assert asyncio.run(look()) == [200, 404]


def test_nothing_of_it_stays_when_its_ending_is_forgotten(
    shipped: Script, stage: Stage, get: Get, maker: TakeAway
) -> None:
    held = finished(shipped, SAID)
    report = maker.make(held)
    kept = [weakref.ref(one) for one in (report, held, held.known, *held.turns)]
    assert isinstance(report.pdf, MethodType)
    kept.append(weakref.ref(report.pdf.__self__))
    offer(stage, shipped, report)
    del held, report

    async def look() -> None:
        for path in PAGES:
            assert (await get(path)).status_code == 200
        gc.collect()
        assert kept[0]() is not None, "it is shown"
        stage.wait("start")

    asyncio.run(look())
    gc.collect()
    assert [ref() for ref in kept] == [None] * len(kept)
    assert "i don't know" not in json.dumps(stage.view.message())


def test_nothing_of_it_stays_in_the_kiosk_either(
    shipped: Script, labels: Labels, maker: TakeAway
) -> None:
    kept: list[weakref.ref[object]] = []

    class Remembers:
        def make(self, finished: Finished) -> Report:
            report = maker.make(finished)
            kept.extend(map(weakref.ref, (finished, *finished.turns, report)))
            return report

    with Kiosk(shipped, labels, reports=Remembers()) as kiosk:
        kiosk.views = Newest([kiosk.stage.view])
        kiosk.microphone.visitors.append(SAID)
        kiosk.until(lambda view: view.page and view.page.report and Press.REPEAT in view.presses)
        assert kept[-1]() is kiosk.stage.report is not None
        kiosk.taps(Press.STOP)
        kiosk.until(lambda view: view.phase is Phase.WAITING)
        while [thread for thread in threading.enumerate() if thread.name == "report"]:
            time.sleep(0.01)
        kiosk.taps(Press.START)  # whatever follows, it has been forgotten by then
        kiosk.until(lambda view: view.phase is not Phase.WAITING)
        assert [ref() for ref in kept] == [None] * len(kept)


class Newest(list[View]):
    """What somebody sees, who remembers nothing."""

    def append(self, view: View) -> None:
        self[:] = [view]


def test_a_file_that_is_being_made_ends_with_its_ending(
    shipped: Script, stage: Stage, get: Get, maker: TakeAway, tmp_path: Path
) -> None:
    started = tmp_path / "pid"
    slow = Printing(b"<p>", (sys.executable, "-c", SLEEPS, str(started)))
    offer(stage, shipped, replace(maker.make(finished(shipped, SAID)), pdf=slow.pdf))

    async def look() -> httpx.Response:
        asking = asyncio.ensure_future(get("/report.pdf"))
        while not (started.exists() and started.read_text()):
            await asyncio.sleep(0.01)
        assert not asking.done()
        stage.wait("start")
        answer = await asking
        process = Path("/proc") / started.read_text()
        while process.exists():
            await asyncio.sleep(0.01)
        return answer

    assert asyncio.run(look()).status_code == 404


def test_a_file_that_cannot_be_made_is_told_and_the_page_stays(
    shipped: Script, stage: Stage, get: Get, maker: TakeAway
) -> None:
    broken = Printing(b"<p>", (sys.executable, "-c", "import sys; sys.exit(2)"))
    offer(stage, shipped, replace(maker.make(finished(shipped, SAID)), pdf=broken.pdf))

    async def look() -> None:
        printed, file = [await get(path) for path in PAGES]
        assert (printed.status_code, file.status_code) == (200, 503)
        assert "status 2" in file.text
        assert "voice-triage report" in file.text

    asyncio.run(look())


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ((sys.executable, "-c", "import time; time.sleep(600)"), "longer than 0.5 s"),
        ((sys.executable, "-c", "print('no file')"), "status 0"),
        (("/nowhere/python",), "No such file"),
    ],
)
def test_what_goes_wrong_in_the_printing_is_said(command: tuple[str, ...], problem: str) -> None:
    with pytest.raises(ReportError, match=problem):
        asyncio.run(Printing(b"<p>" * 100_000, command, 0.5).pdf())


def test_what_cannot_be_kept_is_told_once(tmp_path: Path, shipped: Script) -> None:
    told: list[str] = []
    folder = tmp_path / "kept"
    kept = session.begin(folder, shipped, None, told.append)
    kept.close()
    kept.keep_page(b"<p>")
    [journal, page] = sorted(folder.iterdir(), reverse=True)
    assert page.read_bytes() == b"<p>"
    assert page.stem == journal.stem
    assert told == []
    folder.rename(tmp_path / "gone")
    kept.keep_page(b"<p>")
    [problem] = told
    assert "the report can't be kept" in problem
    session.begin(None, shipped, None, told.append).keep_page(b"<p>")
    assert len(told) == 1
