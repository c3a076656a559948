"""The view that is shown now, between the conversation's thread and the server's."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from voice_triage.conversation.events import Closing, Ended, Event
from voice_triage.kiosk.touch import Tap, Touch
from voice_triage.kiosk.view import Page, Phase, View
from voice_triage.kiosk.views import Views

REPORT_PATH, PDF_PATH = "/report.html", "/report.pdf"


@dataclass(frozen=True)
class Report:
    """An ending to take away."""

    html: bytes
    """A page for print."""
    policy: str
    """What that page needs, as a Content-Security-Policy: its own style."""
    pdf: Callable[[], Awaitable[bytes]] | None
    """Makes the same for saving, in the server's event loop, and raises ReportError; None: that
    can't be made here."""
    qr: str | None
    """The text itself as a QR code, an SVG; None: it doesn't fit."""


class Audience(Protocol):
    """Whoever shows the stage. Called from any thread; returns at once and never raises."""

    def changed(self) -> None:
        """There is a new view."""

    def level(self, dbfs: float) -> None:
        """How loud the microphone is, -120..0 dBFS, while it listens to an answer."""


class Stage:
    """Any thread may call anything."""

    def __init__(self, views: Views, touch: Touch) -> None:
        self._views, self._touch = views, touch
        self._lock = threading.Lock()
        self._view = views.waiting(View(), None)
        self._report: Report | None = None
        self._audience: list[Audience] = []
        touch.show(self._view.turn, self._view.presses)

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    @property
    def report(self) -> Report | None:
        """Of the ending that is shown now."""
        return self._report

    def join(self, audience: Audience) -> None:
        """Tell this audience from now on."""
        self._audience.append(audience)

    # What the page does

    def tap(self, tap: Tap) -> bool:
        """Somebody touched a button; False: that doesn't count."""
        if not self._touch.tap(tap):
            return False
        self._change(lambda v: self._views.tapped(v, tap.press) if v.turn == tap.turn else v)
        return True

    # What the program does

    def tell(self, event: Event) -> None:
        """An event of the conversation."""
        if isinstance(event, Closing | Ended):
            self._touch.drop()  # it must not silence what it was not meant for
        self._change(lambda view: self._views.told(view, event))

    def wait(self, start_word: str | None, notices: tuple[str, ...] = ()) -> None:
        """Nobody is there: forget who was."""
        self._touch.drop()

        def waiting(view: View) -> View:
            self._report = None
            return self._views.waiting(view, start_word, notices)

        self._change(waiting)

    def notice(self, text: str) -> None:
        """Something to know."""
        self._change(lambda view: self._views.noticed(view, text))

    def speak_again(self) -> None:
        """The last words are said once more."""
        self._change(self._views.speaks_again)

    def rest(self) -> None:
        """The last words have been said."""
        self._touch.drop()
        self._change(self._views.rests)

    def offer(self, report: Report, page: Page) -> None:
        """That ending can be taken away, if it is still shown."""

        def offered(view: View) -> View:
            if view.page is not page:
                return view
            self._report = report
            pdf = None if report.pdf is None else PDF_PATH
            return self._views.offered(view, report.qr, REPORT_PATH, pdf)

        self._change(offered)

    def level(self, dbfs: float) -> None:
        """How loud the microphone is; nobody is told unless it listens to an answer."""
        if self._view.phase is Phase.LISTENING:
            for audience in self._audience:
                audience.level(dbfs)

    def _change(self, change: Callable[[View], View]) -> None:
        with self._lock:
            before, self._view = self._view, change(self._view)
            if self._view == before:
                return
            self._touch.show(self._view.turn, self._view.presses)
        for audience in self._audience:
            audience.changed()
