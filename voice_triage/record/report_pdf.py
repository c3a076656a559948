"""A report as PDF: the HTML page, laid out by WeasyPrint, tagged for screen readers (PDF/UA)."""

from __future__ import annotations

from typing import Literal

from voice_triage.errors import ReportError
from voice_triage.record.report import Report
from voice_triage.record.report_html import html
from voice_triage.record.report_phrases import ReportPhrases

Paper = Literal["a4", "letter"]
"""What it is printed on, as CSS names it."""
_REMEDY = (
    "Install what makes PDF files: pip install 'voice-triage[report]', and sudo apt-get install"
    " libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation; or make a .html file,"
    " which needs none of them, and print it."
)
_SIZES_PT = (11.5, 10.5, 9.5, 8.5)
"""Sizes of type, from the best to read to the smallest: the first that gives one page is taken."""


def pdf(report: Report, phrases: ReportPhrases, paper: Paper = "a4") -> bytes:
    """The file. Its text can be searched, and its fonts are in it. Raises ReportError when the
    libraries for that are not installed."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except ImportError:
        raise ReportError(f"The Python package weasyprint is not there. {_REMEDY}") from None
    except OSError as error:  # it looks for Pango when it is imported
        raise ReportError(f"Pango is not there ({error}). {_REMEDY}") from None
    # The page needs nothing from elsewhere, whatever was written into it.
    page = weasyprint.HTML(
        string=html(report, phrases), url_fetcher=URLFetcher(allowed_protocols=())
    )
    for size in _SIZES_PT:
        rules = f"@page {{ size: {paper} }} body {{ font-size: {size}pt !important }}"
        laid_out = page.render(stylesheets=[weasyprint.CSS(string=rules)])
        if len(laid_out.pages) == 1:
            break
    made: bytes = laid_out.write_pdf(pdf_variant="pdf/ua-1")
    return made
