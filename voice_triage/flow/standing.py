"""How each sign that a flow asks about stands once a conversation is over."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from voice_triage.flow.engine import State, Triage
from voice_triage.flow.model import Flow, Reply


class Standing(StrEnum):
    """What is known of the sign that a question asks about. Only DENIED rules it out."""

    REPORTED = "reported"
    DENIED = "denied"
    UNSURE = "unsure"
    UNANSWERED = "unanswered"
    """Silence, nothing that was understood, or it ended while this was being asked."""
    NOT_ASKED = "not-asked"


def standings(flow: Flow, state: State) -> dict[str, Standing]:
    """Each question's standing, in the flow's order.

    Left out are the questions that the answers themselves made needless: whoever has nothing on one
    side isn't asked what that keeps them from.
    """
    known, open_ = Triage(flow).known(state), _open(flow, state)
    found = {name: _standing(reply, flow.questions[name].sign) for name, reply in known.items()}
    # It was being asked, or about to be, when the conversation ended elsewhere.
    found = {**dict.fromkeys(open_, Standing.UNANSWERED), **found}
    missed = dict.fromkeys(_missed(flow, known, open_), Standing.NOT_ASKED)
    found = {**missed, **found}
    return {name: found[name] for name in flow.questions if name in found}


def _standing(reply: Reply, sign: str) -> Standing:
    if reply in (Reply.UNSURE, Reply.UNANSWERED):
        return Standing(reply.value)
    return Standing.REPORTED if reply == sign else Standing.DENIED


def _open(flow: Flow, state: State) -> set[str]:
    """The question at which it stopped; two where what was told unasked changed the way."""
    triage = Triage(flow)
    stops = (triage.current(state), triage.current(State(answered=state.answered)))
    return {name for name in stops if name is not None}


def _missed(flow: Flow, known: Mapping[str, Reply], open_: set[str]) -> set[str]:
    """Every question that may have followed, had the conversation not ended where it did."""
    found = set(open_)
    for name, reply in known.items():
        if flow.steps[name, reply].then is None:
            found |= _leads(flow, name)
    new = set(found)
    while new:
        new = set().union(*(_leads(flow, name) for name in new)) - found
        found |= new
    return found


def _leads(flow: Flow, name: str) -> set[str]:
    """What may be asked next after question `name`, whatever is answered."""
    led = {flow.steps[name, reply].then for reply in Reply} | {flow.instead(name)}
    return {then for then in led if then is not None}
