"""`voice-triage report`: the report of a session that was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from voice_triage import assemble
from voice_triage.conversation.script import Script
from voice_triage.errors import ReportError, UsageError
from voice_triage.record import Header, Sessions
from voice_triage.record.entries import read
from voice_triage.record.fhir import response
from voice_triage.record.report import Report, report
from voice_triage.record.report_html import html
from voice_triage.record.report_pdf import Paper, pdf
from voice_triage.record.report_qr import qr_svg
from voice_triage.record.report_text import text
from voice_triage.session import account_of

LAST = "last"
KINDS = (".html", ".pdf", ".txt", ".json", ".svg")


@dataclass(frozen=True)
class Options:
    """What a report is made of, and into."""

    session: str
    """A session's journal, or LAST."""
    flow: str | None
    """The flow that it was about, where that isn't a shipped one."""
    paper: Paper
    state_dir: Path | None


def written(options: Options, kind: str) -> bytes:
    """The report as a file whose name ends in `kind`, one of KINDS. Raises JournalError for a
    session that can't be read, UsageError, DocumentError and ReportError."""
    if kind not in KINDS:
        raise UsageError(f"A report's name ends in one of {', '.join(KINDS)}. Choose one with -o.")
    path = _found(options)
    session = read(path)
    if session.header is None:
        raise ReportError(f"{path}: nothing was kept of this session. Name another one.")
    script = _script(options.flow, session.header)
    told = account_of(path, script)
    at = session.entries[0].at.astimezone()  # the hour of the place where it was held
    if kind == ".json":
        made = response(script.flow, told.dialogue.known, at)
        return json.dumps(made, ensure_ascii=False, indent=2).encode() + b"\n"
    known, program = told.dialogue.known, session.header.program
    return _made(
        report(script.flow, known, at, script.number, program, told.words), kind, options.paper
    )


def _made(made: Report, kind: str, paper: Paper) -> bytes:
    phrases = assemble.report_phrases()
    match kind:
        case ".pdf":
            return pdf(made, phrases, paper)
        case ".html":
            return html(made, phrases).encode()
        case ".svg":
            return qr_svg(made, phrases).encode()
    return text(made, phrases).encode()


def _found(options: Options) -> Path:
    if options.session != LAST:
        return Path(options.session)
    folder = assemble.sessions_dir(options.state_dir)
    path = Sessions(folder).last()
    if path is None:
        raise UsageError(
            f"There is no session in {folder}. Hold a conversation first, without --private, or"
            " name a session's file."
        )
    return path


def _script(flow: str | None, header: Header) -> Script:
    """What the session went by. Raises UsageError where that can't be told."""
    if flow is None and header.flow not in assemble.flow_names():
        raise UsageError(
            f"This session is about the flow '{header.flow}', which is none of the shipped ones."
            " Name its file with --flow."
        )
    return assemble.script(flow or str(assemble.shipped_flow(header.flow)), header.region)
