"""A report as one HTML page for print and screen: no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from voice_triage.record import report_text as told
from voice_triage.record.report import Finding, Report
from voice_triage.record.report_phrases import ReportPhrases

_STYLE = """
@page { margin: 13mm 14mm; }
* { box-sizing: border-box; }
html { background: #fff; }
body { color: #111; background: #fff; font: 10pt/1.32 "Liberation Sans", Arial, Helvetica,
  "DejaVu Sans", sans-serif; max-width: 190mm; margin: 0 auto; }
h1 { font-size: 10pt; margin: 0; } h2 { font-size: 10pt; margin: 0 0 1mm; }
p { margin: 0 0 1mm; } ul { margin: 0; padding-left: 4mm; } li { margin: 0 0 .8mm; }
header { display: flex; justify-content: space-between; gap: 5mm; margin-bottom: 2mm; }
.result { border: .9mm solid #111; padding: 2.5mm 3.5mm; margin-bottom: 4mm; }
.result p { font-size: 14pt; line-height: 1.25; font-weight: 700; margin: 0; }
.result .incomplete { font-size: 10pt; margin-top: 1mm; }
.urgency { text-transform: uppercase; letter-spacing: .03em; }
.three, .two { display: flex; gap: 5mm; margin-bottom: 4mm; }
.three > section, .two > section { flex: 1 1 0; border-top: .4mm solid #111; padding-top: 1.2mm; }
.flag { font-weight: 700; }
.note { font-weight: 400; font-style: italic; }
.words { display: block; font-size: 8.5pt; font-weight: 400; color: #333; }
.row { border-top: .4mm solid #111; padding-top: 1.2mm; margin-bottom: 4mm; }
footer { border-top: .4mm solid #111; padding-top: 1.5mm; font-size: 9pt; }
footer p { margin: 0 0 .6mm; }
.review { font-weight: 700; }
@media screen { body { padding: 1rem; } }
@media screen and (max-width: 40rem) {
  header, .three, .two { display: block; } section { margin-bottom: 1rem; }
  body { font-size: 1rem; } }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'"
"""What the page needs: its own style. It says so itself; whoever serves it adds what only a header
can say."""


def html(report: Report, phrases: ReportPhrases) -> str:
    """The whole page."""
    return "\n".join(_page(report, phrases)) + "\n"


def _page(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    title = phrases.title.format(title=report.title)
    yield f'<!doctype html>\n<html lang="{escape(report.language)}">\n<head>'
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light">'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<header><h1>{escape(title)}</h1> {_time(report)}</header>\n<main>"
    yield from _result(report, phrases)
    yield from _flags(report, phrases)
    yield from _answers(report, phrases)
    because = [told.because_text(result, phrases) for result in report.results]
    yield from _section("why", phrases.why, [_plain_list(because)], "row")
    yield from _advice(report, phrases)
    yield "</main>"
    yield from _footer(report, phrases)
    yield "</body>\n</html>"


def _time(report: Report) -> str:
    at = report.at.isoformat(timespec="seconds")
    return f'<time datetime="{at}">{told.time_text(report)}</time>'


def _result(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    urgency, now = phrases.urgency[report.urgency], report.results[0].now
    yield '<div class="result">'
    yield f'<p><span class="urgency">{escape(urgency)}:</span> {escape(now)}</p>'
    if not report.complete:
        yield f'<p class="incomplete">{escape(phrases.incomplete)}</p>'
    yield "</div>"


def _flags(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    yield '<div class="three">'
    for name, heading, findings in (
        ("reported", phrases.reported, report.reported),
        ("denied", phrases.denied, report.denied),
        ("not-ruled-out", phrases.not_ruled_out, report.not_ruled_out),
    ):
        yield from _section(name, heading, _list(findings, phrases, bold=name == "reported"))
    yield "</div>"


def _answers(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    further = told.further_text(report, phrases)
    if not (report.also_reported or report.others or further):
        return
    yield '<div class="two">'
    also = _list(report.also_reported, phrases, bold=True)
    yield from _section("also-reported", phrases.also_reported, also)
    others = [*_list(report.others, phrases)] if report.others or not further else []
    left = [f"<p>{escape(further)}</p>"] if further else []
    yield from _section("others", phrases.others, [*others, *left])
    yield "</div>"


def _advice(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    first, *lower = report.results
    lines = [*first.advice, *(line for r in lower for line in (r.now, *r.advice))]
    yield '<div class="two">'
    yield from _section("advice", phrases.advice, [_plain_list(lines)])
    yield from _section("safety-net", phrases.safety_net, [_plain_list(report.safety_net)])
    yield "</div>"


def _footer(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    yield "<footer>"
    yield f'<p class="review">{escape(told.review_text(report, phrases))}</p>'
    yield f"<p>{escape(phrases.no_diagnosis)}</p>"
    lines = (
        told.flow_text(report, phrases),
        told.program_text(report, phrases),
        phrases.number.format(number=report.number),
    )
    yield f"<p>{' &middot; '.join(map(escape, lines))}</p>"
    yield "</footer>"


def _section(name: str, heading: str, content: Iterable[str], kind: str = "") -> Iterator[str]:
    kind = f' class="{kind}"' if kind else ""
    yield f'<section{kind} aria-labelledby="{name}"><h2 id="{name}">{escape(heading)}</h2>'
    yield from content
    yield "</section>"


def _list(
    findings: tuple[Finding, ...], phrases: ReportPhrases, bold: bool = False
) -> Iterator[str]:
    if not findings:
        yield f"<p>{escape(phrases.none)}</p>"
        return
    yield "<ul>"
    for finding in findings:
        text = escape(told.finding_text(finding, phrases))
        words = escape(told.words_text(finding, phrases))
        heard = f' <span class="words">{words}</span>' if words else ""
        yield f"<li{' class=flag' if bold else ''}>{text}{heard}</li>"
    yield "</ul>"


def _plain_list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
