"""A report as PDF: the HTML page, laid out by WeasyPrint, tagged for screen readers (PDF/UA)."""

from __future__ import annotations

from ctypes.util import find_library
from importlib.util import find_spec
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
_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
_SIZES_PT = (11.5, 10.5, 9.5, 8.5)
"""Sizes of type, from the best to read to the smallest: the first that gives one page is taken."""


def installed() -> bool:
    """Whether what makes PDF files is there, as far as that can be told without loading it, which
    takes seconds on a small computer."""
    return find_spec("weasyprint") is not None and all(map(find_library, _LIBRARIES))


def pdf(report: Report, phrases: ReportPhrases, paper: Paper = "a4") -> bytes:
    """The file. Its text can be searched, and its fonts are in it. Raises ReportError when the
    libraries for that are not installed."""
    return laid_out(html(report, phrases), paper)


def laid_out(page: str, paper: Paper = "a4") -> bytes:
    """As `pdf`, of a report's HTML page."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except ImportError:
        raise ReportError(f"The Python package weasyprint is not there. {_REMEDY}") from None
    except OSError as error:  # it looks for Pango when it is imported
        raise ReportError(f"Pango is not there ({error}). {_REMEDY}") from None
    # The page needs nothing from elsewhere, whatever was written into it.
    document = weasyprint.HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=()))
    for size in _SIZES_PT:
        rules = f"@page {{ size: {paper} }} body {{ font-size: {size}pt !important }}"
        sheets = document.render(stylesheets=[weasyprint.CSS(string=rules)])
        if len(sheets.pages) == 1:
            break
    made: bytes = sheets.write_pdf(pdf_variant="pdf/ua-1")
    return made
