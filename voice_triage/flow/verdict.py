"""The verdict on each rule, and for each that is broken a conversation that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voice_triage.flow.arrivals import arrivals, way_to
from voice_triage.flow.carried import carried
from voice_triage.flow.model import Flow, Reply, Urgency
from voice_triage.flow.paths import Path, walked
from voice_triage.flow.safety import Breach, Levels, Rule, breaches
from voice_triage.flow.survey import Place, Survey


@dataclass(frozen=True)
class Shown:
    """A breach, and a conversation that shows it; None: no conversation is needed to see it."""

    breach: Breach
    path: Path | None


@dataclass(frozen=True)
class Verdict:
    """What was found about a rule; it holds when nothing was."""

    rule: Rule
    found: tuple[Shown, ...]

    @property
    def holds(self) -> bool:
        """Whether every path keeps the rule."""
        return not self.found


def verdicts(survey: Survey) -> tuple[Verdict, ...]:
    """A verdict on every rule."""
    levels = Levels(survey)
    found: dict[Rule, list[Shown]] = {rule: [] for rule in Rule}
    for breach in [*carried(survey.flow), *breaches(levels)]:
        found[breach.rule].append(Shown(breach, _example(survey.flow, levels, breach)))
    return tuple(Verdict(rule, tuple(shown)) for rule, shown in found.items())


def _example(flow: Flow, levels: Levels, breach: Breach) -> Path | None:
    if breach.avoids is not None:
        return walked(flow, _around(levels.survey, breach.avoids))
    if breach.at is None or breach.reply is None:
        return None
    before = way_to(levels.arrivals, breach.at)
    then = levels.survey.exits[breach.at][breach.reply].then
    return walked(flow, [*before, (breach.at.question, breach.reply), *_lowest(levels, then)])


def _lowest(levels: Levels, place: Place | None) -> Iterator[tuple[str, Reply]]:
    """From `place` on, the answers that end lowest."""
    while place is not None:
        exits = levels.survey.exits[place]
        reply = min(exits, key=lambda r: max(exits[r].rank, levels.least[exits[r].then]))
        yield place.question, reply
        place = exits[reply].then


def _around(survey: Survey, avoided: str) -> list[tuple[str, Reply]]:
    """A whole path without question `avoided` that is no emergency."""
    came = arrivals(survey, avoids=avoided)
    ends = [
        (arrival.steps, place, reply)
        for place, arrival in came.items()
        for reply, leads in survey.exits[place].items()
        if leads.then is None and leads.rank < Urgency.EMERGENCY.rank
    ]
    _, place, reply = min(ends, key=lambda end: end[0])
    return [*way_to(came, place), (place.question, reply)]
