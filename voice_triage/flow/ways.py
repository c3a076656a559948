"""The shortest conversations that lead to each question and outcome, none of them walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voice_triage.flow.arrivals import Arrival, arrivals
from voice_triage.flow.model import Reply
from voice_triage.flow.survey import Place, Survey


@dataclass(frozen=True, eq=False)
class Way:
    """A conversation up to one answer. Ways that begin alike share their beginning, so all ways of
    a flow together take no more room than the flow."""

    question: str
    """The last one that was asked."""
    replies: tuple[Reply, ...]
    """Any of these leads on from there."""
    before: Way | None
    """What was asked and answered before it; None: nothing."""
    steps: int
    """Questions asked, this one among them."""
    found_nothing: bool = False
    """No answer of it reached an outcome, and it is the last one."""


_Turns = Mapping[Place, Way | None]


def ways(survey: Survey) -> dict[str, list[Way]]:
    """To each question and outcome: for every question whose answer leads there, a shortest
    conversation that does; shortest first. Empty for what is asked first, or never reached."""
    flow = survey.flow
    came = arrivals(survey, shortest=True)
    turns = _turns(survey, came)
    found: dict[str, list[Way]] = {name: [] for name in (*flow.questions, *flow.outcomes)}
    for target, nearest in _nearest(survey, came).items():
        found[target] += _ended(nearest, turns, False)
    quiet = {at: how for at, how in arrivals(survey).items() if how.rank < 0}
    nothing = {
        (at.question, reply): at
        for at in sorted(quiet, key=lambda at: -quiet[at].steps)
        for reply, leads in survey.exits[at].items()
        if leads.then is None and leads.reach is None
    }
    found[flow.otherwise] += _ended(nothing, _turns(survey, quiet), True)
    return {name: sorted(each, key=lambda way: way.steps) for name, each in found.items()}


def _turns(survey: Survey, came: Mapping[Place, Arrival]) -> _Turns:
    """What was said last before each place."""
    turns: dict[Place, Way | None] = {}
    for place in survey.places:
        if place not in came:
            continue
        how = came[place]
        turns[place] = (
            Way(how.before.question, (how.reply,), turns[how.before], how.steps)
            if how.before is not None and how.reply is not None
            else None
        )
    return turns


def _nearest(
    survey: Survey, came: Mapping[Place, Arrival]
) -> dict[str, dict[tuple[str, Reply], Place]]:
    """For each target and each answer that leads there: the place where it is given soonest."""
    found: dict[str, dict[tuple[str, Reply], Place]] = {}
    for place in survey.places:
        for reply, leads in survey.exits[place].items():
            for target in (leads.then and leads.then.question, leads.reach):
                if target is None:
                    continue
                nearest = found.setdefault(target, {})
                known = nearest.setdefault((place.question, reply), place)
                if came[place].steps < came[known].steps:
                    nearest[place.question, reply] = place
    return found


def _ended(
    answers: Mapping[tuple[str, Reply], Place], turns: _Turns, found_nothing: bool
) -> list[Way]:
    """A way for each place where one of these answers is given."""
    replies: dict[Place, list[Reply]] = {}
    for (_, reply), place in answers.items():
        replies.setdefault(place, []).append(reply)
    made: list[Way] = []
    for place, given in replies.items():
        before = turns[place]
        steps = 1 if before is None else before.steps + 1
        inorder = tuple(reply for reply in Reply if reply in given)
        made.append(Way(place.question, inorder, before, steps, found_nothing))
    return made
