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
@page { margin: 9mm 13mm; }
* { box-sizing: border-box; }
html { background: #fff; }
body { color: #111; font: 9pt/1.3 "Liberation Sans", Arial, Helvetica, "DejaVu Sans", sans-serif;
  max-width: 190mm; margin: 0 auto; }
h1, h2 { font-size: 1em; margin: 0; } p { margin: 0 0 .6mm; }
ul { list-style: none; margin: 0; padding: 0; }
li { margin: 0 0 .5mm; padding-left: 1em; text-indent: -1em; }
li::before { content: "\\2022"; display: inline-block; width: 1em; text-indent: 0; }
header { margin-bottom: 2mm; } h1 { float: left; } time { display: block; text-align: right; }
.result { border: 1mm solid #111; padding: 2mm 3.5mm; margin-bottom: 3mm; }
.result p { font-size: 1.3em; line-height: 1.25; font-weight: 700; margin: 0; }
.result .incomplete { font-size: 1em; margin-top: 1mm; }
.urgency { text-transform: uppercase; letter-spacing: .03em; }
section { display: table; table-layout: fixed; width: 100%; border-top: .2mm solid #777;
  padding: 1.3mm 0 .9mm; }
section > h2, section > div { display: table-cell; vertical-align: baseline; }
section > h2 { width: 13em; padding-right: .5em; }
.first { border-top: .6mm solid #111; }
section.flag > h2 { font-size: 1.1em; width: 11.82em; }
.reported li { font-weight: 700; }
.more ul { font-size: .93em; }
.words { font-size: .85em; font-weight: 400; color: #333; }
footer { border-top: .6mm solid #111; padding-top: 1.8mm; font-size: .9em; }
.review { font-weight: 700; }
@media screen { body { padding: 1rem; font-size: 11pt; } }
@media screen and (max-width: 40rem) {
  body { font-size: 1rem; } h1 { float: none; } time { text-align: left; }
  section, section > h2, section > div { display: block; } h2 { margin-bottom: .3rem; } }
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
    yield from _answers(report, phrases)
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


def _answers(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    def listed(name: str, heading: str, findings: tuple[Finding, ...], kind: str) -> str:
        lines = [_finding(finding, phrases) for finding in findings]
        return _section(name, heading, _list(lines) if lines else _paragraph(phrases.none), kind)

    yield listed("reported", phrases.reported, report.reported, "first flag reported")
    yield listed("denied", phrases.denied, report.denied, "flag")
    yield listed("not-ruled-out", phrases.not_ruled_out, report.not_ruled_out, "flag")
    yield listed("also-reported", phrases.also_reported, report.also_reported, "first reported")
    if report.others or not report.further:
        yield listed("others", phrases.others, report.others, "")
    if report.further:
        yield _section("further", phrases.further, _paragraph(str(report.further)))


def _advice(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    because = [escape(told.because_text(result, phrases)) for result in report.results]
    yield _section("why", phrases.why, _list(because), "first more")
    first, *lower = report.results
    lines = [*first.advice, *(" ".join((r.now, *r.advice)) for r in lower)]
    yield _section("advice", phrases.advice, _list(map(escape, lines)), "more")
    net = _list(map(escape, report.safety_net))
    yield _section("safety-net", phrases.safety_net, net, "more")


def _footer(report: Report, phrases: ReportPhrases) -> Iterator[str]:
    yield "<footer>"
    yield f'<p class="review">{escape(told.review_text(report, phrases))}</p>'
    yield _paragraph(phrases.no_diagnosis)
    lines = (
        told.flow_text(report, phrases),
        told.program_text(report, phrases),
        phrases.number.format(number=report.number),
    )
    yield f"<p>{' &middot; '.join(map(escape, lines))}</p>"
    yield "</footer>"


def _section(name: str, heading: str, content: str, kind: str = "") -> str:
    return (
        f'<section class="{kind}" aria-labelledby="{name}"><h2 id="{name}">{escape(heading)}</h2>'
        f"\n<div>{content}</div></section>"
    )


def _finding(finding: Finding, phrases: ReportPhrases) -> str:
    text = escape(told.finding_text(finding, phrases))
    how = escape(told.told_text(finding, phrases))
    return f'{text}, <span class="words">{how}</span>' if how else text


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "\n".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
