"""What came of a conversation, as somebody takes it away; one value, whatever it is made into.

`report_text`, `report_html`, `report_pdf` and `report_qr` make it into something to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from voice_triage.flow import Flow, Question, Standing, State, Triage, Urgency, standings
from voice_triage.flow.model import Review

RED_FLAGS = (Urgency.EMERGENCY, Urgency.URGENT)
"""Questions this urgent ask about red flags: what CLINICAL has to be ruled out."""
_MOST_CHARACTERS = 30
"""How much of what was heard is shown: a television that talks all the time must not push what
counts off the page."""


@dataclass(frozen=True)
class Finding:
    """What is known of the sign that one question asks about."""

    question: str
    text: str
    """What was reported or denied, as a statement; the question itself where it was neither."""
    standing: Standing
    volunteered: bool
    """Told without being asked."""
    words: str
    """What was heard as the answer; empty where that isn't known."""


@dataclass(frozen=True)
class Result:
    """One outcome of a conversation."""

    urgency: Urgency
    now: str
    advice: tuple[str, ...]
    because: tuple[Finding, ...]
    """The answers that it rests on."""
    otherwise: bool
    """No answer led to it: it is what holds when none leads anywhere."""


@dataclass(frozen=True)
class Report:
    """Everything that a report says, in the flow's words."""

    flow: str
    """The flow's id."""
    flow_version: str
    title: str
    language: str
    """Of the flow's texts, as BCP 47 has it: "en"."""
    review: Review
    at: datetime
    """When the conversation was held, with the offset of where it was held."""
    program: str
    """The version of voice-triage that held it."""
    number: str
    """What to call in an emergency."""
    urgency: Urgency
    complete: bool
    reported: tuple[Finding, ...]
    """Red flags, like the next two."""
    denied: tuple[Finding, ...]
    """Answered with a clear no, and nothing else."""
    not_ruled_out: tuple[Finding, ...]
    """Not sure, silence, nothing understood, never asked."""
    also_reported: tuple[Finding, ...]
    """Signs that are no red flags."""
    others: tuple[Finding, ...]
    """The answers to all other questions."""
    further: int
    """How many questions about no red flag were not asked, though they might have been."""
    results: tuple[Result, ...]
    """Most urgent first; never empty."""
    safety_net: tuple[str, ...]


def report(
    flow: Flow,
    state: State,
    at: datetime,
    number: str,
    program: str,
    words: Mapping[str, str] | None = None,
) -> Report:
    """The report of a conversation about `flow` that stands at `state`.

    `at`: when it was held, with an offset. `words`: by question, what was heard as its answer.
    """
    ending = Triage(flow).ending(state)
    found = _findings(flow, state, words or {})
    flags = [f for f in found if flow.questions[f.question].urgency in RED_FLAGS]
    others = [f for f in found if flow.questions[f.question].urgency not in RED_FLAGS]
    results = tuple(_result(flow, state, name, number, found) for name in ending.outcomes)
    first = flow.outcomes[ending.outcomes[0]]
    return Report(
        flow.id,
        _plain(flow.version),
        _plain(flow.title),
        flow.language,
        flow.review,
        at,
        program,
        number,
        ending.urgency,
        ending.complete,
        _where(flags, Standing.REPORTED),
        _where(flags, Standing.DENIED),
        _where(flags, Standing.UNSURE, Standing.UNANSWERED, Standing.NOT_ASKED),
        _where(others, Standing.REPORTED),
        _where(others, Standing.DENIED, Standing.UNSURE, Standing.UNANSWERED),
        len(_where(others, Standing.NOT_ASKED)),
        results,
        tuple(_filled(text, number) for text in first.safety_net),
    )


def _findings(flow: Flow, state: State, words: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            name,
            _statement(flow.questions[name], standing),
            standing,
            name in state.volunteered,
            _cut(words.get(name, "")),
        )
        for name, standing in standings(flow, state).items()
    ]


def _statement(question: Question, standing: Standing) -> str:
    """It says by itself what is so: "not" must not stand in a heading alone."""
    text = question.ask
    if standing in (Standing.REPORTED, Standing.DENIED):
        is_yes = (standing is Standing.REPORTED) == (question.sign == "yes")
        text = question.readback.yes if is_yes else question.readback.no
    text = _plain(text)
    return text[:1].upper() + text[1:]


def _where(findings: Iterable[Finding], *standings: Standing) -> tuple[Finding, ...]:
    """Those that stand so, in the order of `standings`."""
    return tuple(f for standing in standings for f in findings if f.standing is standing)


def _result(flow: Flow, state: State, name: str, number: str, found: Iterable[Finding]) -> Result:
    outcome, led = flow.outcomes[name], Triage(flow).rests_on(state, name)
    return Result(
        outcome.urgency,
        _filled(outcome.now, number),
        tuple(_filled(text, number) for text in outcome.advice),
        tuple(finding for finding in found if finding.question in led),
        not led and name == flow.otherwise,
    )


def _filled(text: str, number: str) -> str:
    return _plain(text.replace("{number}", number))


def _cut(words: str) -> str:
    text = _plain(words)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """In one line, and without what can't be printed: typed words may hold anything."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
