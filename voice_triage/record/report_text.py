"""A report as plain text: whole, or as much of it as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voice_triage.record.report import Finding, Report, Result
from voice_triage.record.report_phrases import ReportPhrases


@dataclass(frozen=True)
class Block:
    """Lines that stand together, and are left out together: half a list would seem whole."""

    lines: tuple[str, ...]
    spare: int = 0
    """How easily it can be spared: 0 not at all, and the highest goes first."""
    goes_on: bool = False
    """It belongs to the block before it."""


def text(report: Report, phrases: ReportPhrases) -> str:
    """All of it."""
    lines: list[str] = []
    for block in _blocks(report, phrases, with_words=True):
        if lines and not block.goes_on:
            lines.append("")
        lines += block.lines
    return "\n".join(lines) + "\n"


def short_text(report: Report, phrases: ReportPhrases, fits: Callable[[str], bool]) -> str:
    """As much as fits, the least important left out. What can't be spared stays, even if that
    doesn't fit: the urgency, what to do first, every sign reported, and that nobody has checked it.
    """
    blocks = list(_blocks(report, phrases, with_words=False))
    made = _joined(blocks)
    while not fits(made) and (most := max(block.spare for block in blocks)):
        blocks = [block for block in blocks if block.spare < most]
        made = _joined([*blocks, Block((phrases.shortened,))])
    return made


def finding_text(finding: Finding, phrases: ReportPhrases) -> str:
    """A finding in one line, without how it was told."""
    note = [text for standing, text in phrases.standing.items() if standing is finding.standing]
    return f"{finding.text} ({note[0]})" if note else finding.text


def told_text(finding: Finding, phrases: ReportPhrases) -> str:
    """How it was told, as far as that is known and worth a word; else empty."""
    if finding.words:
        told = phrases.volunteered_as if finding.volunteered else phrases.heard
        return told.format(words=finding.words)
    return phrases.volunteered if finding.volunteered else ""


def because_text(result: Result, phrases: ReportPhrases) -> str:
    """Which answers a result rests on."""
    found = "; ".join(finding_text(finding, phrases) for finding in result.because)
    nothing = phrases.because_of_nothing if result.otherwise else phrases.because_not_asked
    return phrases.because.format(outcome=result.now, because=found or nothing)


def headline(report: Report, phrases: ReportPhrases) -> str:
    """How urgent it is and what to do, in one line."""
    return f"{phrases.urgency[report.urgency]}: {report.results[0].now}"


def time_text(report: Report) -> str:
    """When it was, and how far that is from UTC: "2026-01-02 03:04+01:00"."""
    return report.at.isoformat(" ", "minutes")


def review_text(report: Report, phrases: ReportPhrases) -> str:
    """Whether a clinician has checked the flow."""
    review = report.review
    if review.status == "reviewed":
        return phrases.reviewed.format(by=review.by, date=review.date)
    return phrases.unreviewed


def flow_text(report: Report, phrases: ReportPhrases) -> str:
    """Which questions these were."""
    return phrases.flow.format(flow=report.flow, version=report.flow_version)


def program_text(report: Report, phrases: ReportPhrases) -> str:
    """Which program held the conversation."""
    return phrases.program.format(version=report.program)


def _joined(blocks: list[Block]) -> str:
    return "\n".join(line for block in blocks for line in block.lines)


def _blocks(report: Report, phrases: ReportPhrases, with_words: bool) -> Iterator[Block]:
    def listed(heading: str, findings: tuple[Finding, ...], spare: int = 0) -> Block:
        lines = [f"- {finding_text(finding, phrases)}" for finding in findings]
        if with_words:
            how = (told_text(finding, phrases) for finding in findings)
            lines = [
                f"{line}, {told}" if told else line for line, told in zip(lines, how, strict=True)
            ]
        return Block((f"{heading}:", *lines) if lines else (f"{heading}: {phrases.none}",), spare)

    first, *lower = report.results
    title = phrases.title.format(title=report.title)
    yield Block((headline(report, phrases),))
    if not report.complete:
        yield Block((phrases.incomplete,))
    yield Block((title, time_text(report)), 1)
    yield listed(phrases.reported, report.reported)
    yield listed(phrases.denied, report.denied, 3)
    yield listed(phrases.not_ruled_out, report.not_ruled_out, 2)
    if report.also_reported:
        yield listed(phrases.also_reported, report.also_reported)
    if report.others:
        yield listed(phrases.others, report.others, 6)
    if report.further:
        yield Block((f"{phrases.further}: {report.further}",), 8, goes_on=True)
    because = (f"- {because_text(result, phrases)}" for result in report.results)
    yield Block((f"{phrases.why}:", *because), 9)
    yield Block((f"{phrases.advice}:", f"- {first.advice[0]}"))
    if more := first.advice[1:]:
        yield Block(tuple(f"- {line}" for line in more), 5, goes_on=True)
    for result in lower:
        yield Block(tuple(f"- {line}" for line in (result.now, *result.advice)), 7, goes_on=True)
    yield Block((f"{phrases.safety_net}:", *(f"- {line}" for line in report.safety_net)), 4)
    yield Block((phrases.number.format(number=report.number),), 2)
    yield Block((review_text(report, phrases),))
    yield Block((phrases.no_diagnosis,), 1, goes_on=True)
    yield Block((flow_text(report, phrases),), 2, goes_on=True)
    yield Block((program_text(report, phrases),), 10, goes_on=True)
