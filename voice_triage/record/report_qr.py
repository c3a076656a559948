"""A report as a QR code that carries the text itself: nothing is looked up anywhere."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from voice_triage.errors import ReportError
from voice_triage.record.report import Report
from voice_triage.record.report_phrases import ReportPhrases
from voice_triage.record.report_text import short_text

if TYPE_CHECKING:
    from segno import QRCode

MOST_VERSION = 25
"""117 by 117 modules: three pixels each on a screen 480 pixels high, which a phone reads."""
MOST_BYTES = 1273
"""What version 25 holds in byte mode at error correction L (ISO/IEC 18004, table 7)."""


def qr_text(report: Report, phrases: ReportPhrases) -> str:
    """What the code says: as much of the report as fits. Raises ReportError when what must not be
    left out doesn't fit."""
    made = short_text(report, phrases, _fits)
    if not _fits(made):
        raise ReportError(
            f"A QR code has no room for all that was reported ({len(made.encode())} bytes, and"
            f" {MOST_BYTES} fit). Make a .pdf, .html or .txt file instead."
        )
    return made


def qr_svg(report: Report, phrases: ReportPhrases) -> str:
    """The code as an SVG element, four modules of white around it. Raises ReportError, also when
    segno is not installed."""
    drawn = BytesIO()
    # Without a size of its own it fills whatever it is shown in.
    qr(report, phrases).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False,
        svgclass=None, lineclass=None, nl=False, title=phrases.title.format(title=report.title),
    )  # fmt: skip
    return drawn.getvalue().decode()


def qr(report: Report, phrases: ReportPhrases) -> QRCode:
    """The code itself: UTF-8, error correction L, or M where that takes no more room."""
    try:
        import segno
    except ImportError:
        raise ReportError(
            "The Python package segno, which makes QR codes, is not there. Install it:"
            " pip install 'voice-triage[report]'"
        ) from None
    made = qr_text(report, phrases)
    return segno.make_qr(made, error="l", encoding="utf-8", mode="byte", boost_error=True)


def _fits(text: str) -> bool:
    return len(text.encode()) <= MOST_BYTES
