"""The real page before the real program, in a room with a microphone and a loudspeaker."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from types import TracebackType
from typing import Self

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import PATIENCE_MS, Watch
from kiosk_program import KioskProgram
from people import Mouth, flow
from playwright.sync_api import Browser, Page, expect
from room import Room

from voice_triage.assemble import prompts
from voice_triage.kiosk.labels import load_labels

pytestmark = [pytest.mark.aloud, pytest.mark.allow_hosts(["127.0.0.1"])]

FIRST, SECOND = "bladder-control", "leg-feeling"
LABELS = load_labels(prompts() / "kiosk.en.yaml")
READS_S = 0.7
"""Nobody answers a question sooner than that."""
QUICK = {"VOICE_TRIAGE_PACE": "240", "VOICE_TRIAGE_REGION": "GB"}


class Screen:
    """A page, as somebody sees and touches it."""

    def __init__(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE_MS)
        self.page = page
        self.ending = page.locator("#ending")

    def waits(self) -> None:
        """It waits for the start word, or a touch."""
        say = LABELS.waiting.say.format(phrase="start")
        expect(self.page.locator("#say")).to_have_text(say)

    def asks(self, question: str) -> None:
        """It asks that, for the first time or again."""
        asked = re.compile(re.escape(flow().questions[question].ask))
        expect(self.page.locator("#question h1")).to_have_text(asked)

    def listens(self, question: str) -> None:
        """It has asked that, and waits for an answer."""
        self.asks(question)
        expect(self.page.locator("#talk")).to_have_attribute("data-phase", "listening")

    def ends(self) -> None:
        """It shows the ending of an emergency."""
        expect(self.ending).to_be_visible()
        expect(self.ending).to_have_attribute("data-urgency", "emergency")
        now = flow().outcomes["immediate"].now.format(number="999")
        expect(self.page.locator("#urgency h1")).to_have_text(now)

    def touches(self, answer: str, label: str | None = None) -> None:
        """Somebody has read it, and touches a button as soon as it is called that."""
        button = self.page.locator(f"[data-answer={answer}]")
        if label is not None:
            expect(button).to_have_text(label)
        time.sleep(READS_S)
        button.click()


class Kiosk:
    """The program, and pages that show it; use with `with`."""

    def __init__(self, room: Room, browser: Browser, *options: str) -> None:
        self.program = KioskProgram(room, *options, **QUICK)
        self._browser = browser
        self._contexts = ExitStack()
        self._watches: list[Watch] = []

    def __enter__(self) -> Self:
        self.program.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._contexts:
            self.program.stop()
        if error is not None:
            error.add_note(self.program.log)
            return
        assert self.program.process.returncode == 130
        for word in ("Traceback", "bladder", "legs"):
            assert word not in self.program.log
        complaints = [said for watch in self._watches for said in watch.complaints]
        # That the program is gone, the browser says too.
        assert [said for said in complaints if "WebSocket connection" not in said] == []

    def opened(self) -> Screen:
        """One more page."""
        context = self._contexts.enter_context(
            self._browser.new_context(viewport={"width": 800, "height": 480})
        )
        self._watches.append(Watch(context))
        page = context.new_page()
        page.goto(self.program.origin)
        return Screen(page)


@pytest.fixture
def kiosk(room: Room, browser: Browser) -> Iterator[Kiosk]:
    with Kiosk(room, browser) as kiosk:
        yield kiosk


def test_somebody_who_only_speaks(kiosk: Kiosk, room: Room, mouth: Mouth) -> None:
    screen = kiosk.opened()
    screen.waits()
    time.sleep(1.0)
    room.say(mouth("start"))
    screen.listens(FIRST)
    time.sleep(0.4)
    room.say(mouth("yes"))
    screen.ends()
    told = screen.ending
    expect(told.locator("#symptoms li")).to_have_text([flow().questions[FIRST].readback.yes])
    expect(told.locator(".picture .marked").first).to_be_visible()
    expect(told.locator("#take-away img")).to_have_attribute("src", re.compile("^data:image/svg"))
    assert told.locator("#take-away img").evaluate("async e => (await e.decode(), e.naturalWidth)")
    expect(screen.page.locator("#buttons button:visible")).to_have_text(
        [LABELS.buttons.stop] if screen.page.locator("#more").is_hidden()
        else [LABELS.buttons.more, LABELS.buttons.stop]
    )  # fmt: skip


def test_somebody_who_only_touches_and_takes_it_away(kiosk: Kiosk) -> None:
    screen = kiosk.opened()
    screen.waits()
    screen.touches("start")
    screen.asks(FIRST)
    screen.touches("no")  # in the middle of the question
    screen.asks(SECOND)
    screen.touches("unsure")
    screen.ends()
    screen.touches("stop", LABELS.buttons.stop)  # that's enough talk
    expect(screen.page.locator("[data-answer=stop]")).to_have_text(LABELS.buttons.finish)
    page, file = screen.page.locator(".report a").all()
    with screen.page.expect_popup() as opening:
        page.click()
    assert_it_is_the_report(opening.value)
    with screen.page.expect_download() as saving:
        file.click()
    [sheet] = pypdf.PdfReader(BytesIO(saving.value.path().read_bytes())).pages
    assert flow().questions[SECOND].ask in " ".join(sheet.extract_text().split())
    screen.touches("stop", LABELS.buttons.finish)
    screen.waits()
    expect(screen.ending).to_be_hidden()
    for path in ("report.html", "report.pdf"):
        assert screen.page.request.get(f"{kiosk.program.origin}/{path}").status == 404


def assert_it_is_the_report(report: Page) -> None:
    """It says what wasn't ruled out, and everybody can read it."""
    expect(report.get_by_text(flow().questions[SECOND].ask).first).to_be_visible()
    expect(report.get_by_text(flow().questions[FIRST].readback.no, exact=False)).to_be_visible()
    report.emulate_media(media="screen")
    found = Axe().run(report)
    assert found.violations_count == 0, found.generate_report()
    assert {"color-contrast", "region"} <= {rule["id"] for rule in found.response["passes"]}
    report.close()


def test_somebody_who_speaks_and_touches(kiosk: Kiosk, room: Room, mouth: Mouth) -> None:
    screen = kiosk.opened()
    screen.waits()
    time.sleep(1.0)
    room.say(mouth("start"))
    screen.asks(FIRST)
    screen.touches("no")
    screen.listens(SECOND)
    time.sleep(0.4)
    room.say(mouth("yes"))
    screen.ends()
    reported = [flow().questions[SECOND].readback.yes]
    expect(screen.ending.locator("#symptoms li")).to_have_text(reported)


def test_two_pages_show_the_same_and_one_that_reloads_goes_on(kiosk: Kiosk) -> None:
    one, other = kiosk.opened(), kiosk.opened()
    for screen in (one, other):
        screen.waits()
    one.touches("start")
    for screen in (one, other):
        screen.asks(FIRST)
    one.page.reload()
    one.asks(FIRST)
    other.touches("no")
    for screen in (one, other):
        screen.asks(SECOND)
    one.touches("yes")
    one.ends()
    other.ends()
    other.page.reload()
    for screen in (one, other):
        screen.ends()
        expect(screen.page.locator("#take-away img")).to_be_visible()
    assert one.ending.inner_text() == other.ending.inner_text()


def test_a_program_that_is_killed_is_missed_at_once_and_comes_back(kiosk: Kiosk) -> None:
    screen = kiosk.opened()
    screen.waits()
    screen.touches("start")
    screen.asks(FIRST)
    kiosk.program.kill()
    gone = screen.page.locator("#gone")
    expect(gone.locator(".call")).to_have_text(LABELS.gone.call.format(number="999"))
    expect(gone).to_be_visible()
    expect(screen.page.locator("#question")).to_be_hidden()
    expect(screen.page.locator("#buttons button:visible")).to_have_count(0)
    kiosk.program.start()
    screen.waits()
    expect(gone).to_be_hidden()
