"""How each sign that a flow asks about stands once a conversation is over."""

from __future__ import annotations

from enum import StrEnum

from voice_triage.flow.engine import State, Triage
from voice_triage.flow.model import Flow, Reply


class Standing(StrEnum):
    """What is known of the sign that a question asks about. Only DENIED rules it out."""

    REPORTED = "reported"
    DENIED = "denied"
    UNSURE = "unsure"
    UNANSWERED = "unanswered"
    """Silence, or nothing that was understood."""
    NOT_ASKED = "not-asked"


def standings(flow: Flow, state: State) -> dict[str, Standing]:
    """Each question's standing, in the flow's order.

    Left out are the questions that the answers themselves made needless: whoever has nothing on one
    side isn't asked what that keeps them from.
    """
    known = Triage(flow).known(state)
    missed = _missed(flow, state, known)
    return {
        name: _standing(known[name], question.sign) if name in known else Standing.NOT_ASKED
        for name, question in flow.questions.items()
        if name in known or name in missed
    }


def _standing(reply: Reply, sign: str) -> Standing:
    if reply in (Reply.UNSURE, Reply.UNANSWERED):
        return Standing(reply.value)
    return Standing.REPORTED if reply == sign else Standing.DENIED


def _missed(flow: Flow, state: State, known: dict[str, Reply]) -> set[str]:
    """Every question that may have followed, had the conversation not ended where it did."""
    triage = Triage(flow)
    # What was volunteered may have ended it, far from the question that was being asked.
    stops = (triage.current(state), triage.current(State(answered=state.answered)))
    found = {name for name in stops if name is not None}
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
