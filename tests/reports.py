"""Conversations that reports are made of."""

from datetime import datetime, timedelta, timezone
from functools import cache

from hypothesis import strategies as st

from voice_triage import assemble
from voice_triage.flow import Flow, Reply, State, Triage, load
from voice_triage.record.report import Finding, Report, report

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))
PHRASES = assemble.report_phrases()
NUMBER = "999"


@cache
def shipped() -> Flow:
    """The flow about back spasms."""
    return load(assemble.find_flow(None))


@st.composite
def states(draw: st.DrawFn, flow: Flow) -> State:
    """Where a conversation may stand: answers, symptoms told unasked, answers taken back."""
    triage, state = Triage(flow), State()
    replies = st.sampled_from([Reply.NO, Reply.NO, Reply.NO, *Reply])
    told = st.lists(st.sampled_from(list(flow.questions)), min_size=1, max_size=2)
    for step in draw(st.lists(st.sampled_from(["answer"] * 6 + ["tell", "back"]), max_size=20)):
        if triage.current(state) is None:
            break
        match step:
            case "answer":
                state = triage.answer(state, draw(replies))
            case "tell":
                state = triage.volunteer(state, draw(told))
            case _:
                state = triage.back(state)
    return state


def made(flow: Flow, state: State, words: str = "") -> Report:
    """The report; `words` were heard to every question."""
    return report(flow, state, AT, NUMBER, "1.2.3", dict.fromkeys(flow.questions, words))


def lists(of: Report) -> dict[str, tuple[Finding, ...]]:
    """Its five lists by name."""
    names = ("reported", "denied", "not_ruled_out", "also_reported", "others")
    return {name: getattr(of, name) for name in names}


def longest(flow: Flow) -> list[State]:
    """Conversations with as much to report as there can be: nothing denied, or nothing sure."""
    triage, unsure, yes = Triage(flow), State(), State()
    while (at := triage.current(unsure)) is not None:
        is_emergency = flow.questions[at].urgency == "emergency"
        unsure = triage.answer(unsure, Reply.NO if is_emergency else Reply.UNSURE)
    while (at := triage.current(yes)) is not None:
        is_emergency = flow.questions[at].urgency == "emergency"
        yes = triage.answer(yes, Reply.NO if is_emergency else Reply.YES)
    names = list(flow.questions)
    everything = triage.volunteer(State(), names)
    return [unsure, yes, everything, triage.volunteer(State(), names[-1:]), State()]
