"""How each place of a flow is come to: one way for each, found without walking all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voice_triage.flow.model import Reply, Urgency
from voice_triage.flow.survey import Place, Survey


@dataclass(frozen=True)
class Arrival:
    """How a place is come to."""

    rank: int
    """The rank that has been reached by then; -1: none."""
    steps: int
    """Questions asked before."""
    before: Place | None = None
    reply: Reply | None = None
    """What was answered at the place before."""


def arrivals(
    survey: Survey, avoids: str | None = None, *, shortest: bool = False
) -> dict[Place, Arrival]:
    """For each place, the way to it that reaches least, and of those a shortest one; or one of the
    `shortest`, and of those one that reaches least.

    With `avoids`: only ways without that question and without an emergency.
    """
    found: dict[Place, Arrival] = {}
    if survey.start is not None and survey.start.question != avoids:
        found[survey.start] = Arrival(-1, 0)
    for place in survey.places:
        if place not in found:
            continue
        here = found[place]
        for reply, leads in survey.exits[place].items():
            then = leads.then
            if then is None or then.question == avoids:
                continue
            if avoids is not None and leads.rank == Urgency.EMERGENCY.rank:
                continue
            new = Arrival(max(here.rank, leads.rank), here.steps + 1, place, reply)
            known = found.get(then)
            if known is None or _order(new, shortest) < _order(known, shortest):
                found[then] = new
    return found


def _order(arrival: Arrival, shortest: bool) -> tuple[int, int]:
    pair = (arrival.rank, arrival.steps)
    return pair[::-1] if shortest else pair


def way_to(came: Mapping[Place, Arrival], place: Place) -> list[tuple[str, Reply]]:
    """The way to `place`: what was asked and answered on it, in order."""
    path: list[tuple[str, Reply]] = []
    arrival = came[place]
    while arrival.before is not None and arrival.reply is not None:
        path.append((arrival.before.question, arrival.reply))
        arrival = came[arrival.before]
    return path[::-1]
