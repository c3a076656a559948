"""Makes the ending to take away: a page for print, a code for a phone, and a file."""

from __future__ import annotations

from voice_triage.conversation.account import account
from voice_triage.errors import ReportError
from voice_triage.kiosk.house import Finished
from voice_triage.kiosk.printing import Printing
from voice_triage.kiosk.stage import Report
from voice_triage.record import report_html
from voice_triage.record.report import Report as Told
from voice_triage.record.report import report
from voice_triage.record.report_phrases import ReportPhrases
from voice_triage.record.report_qr import qr_svg


class TakeAway:
    """The same report as `voice-triage report` makes at home."""

    def __init__(self, phrases: ReportPhrases, program: str, prints: bool) -> None:
        """`program`: its version. `prints`: whether PDF files can be made."""
        self._phrases, self._program, self._prints = phrases, program, prints

    def make(self, finished: Finished) -> Report:
        """The file isn't made until somebody asks for it."""
        script = finished.script
        told = report(
            script.flow,
            finished.known,
            finished.at.astimezone(),  # the hour of the place where it was held
            script.number,
            self._program,
            account(script, finished.turns).words,
        )
        page = report_html.html(told, self._phrases).encode()
        pdf = Printing(page).pdf if self._prints else None
        return Report(page, report_html.CONTENT_SECURITY_POLICY, pdf, self._qr(told))

    def _qr(self, told: Told) -> str | None:
        try:
            return qr_svg(told, self._phrases)
        except ReportError:  # it doesn't fit, or what draws it isn't installed: the page is enough
            return None
