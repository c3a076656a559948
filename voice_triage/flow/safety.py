"""What every path through a flow must keep, proved without walking the paths one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from voice_triage.flow.arrivals import Arrival, arrivals
from voice_triage.flow.model import Question, Reply, Urgency
from voice_triage.flow.survey import Place, Survey

_MUST_ESCALATE = (Urgency.EMERGENCY, Urgency.URGENT)
_UNSETTLED = {
    Reply.UNSURE: "'not sure' can't rule it out",
    Reply.UNANSWERED: "silence can't rule it out",
}
Loc = tuple[str | int, ...]


class Rule(Enum):
    """What is promised of every path; the value is the promise."""

    EMERGENCY_SIGNS = "no emergency sign is missed"
    URGENT_SIGNS = "an urgent sign ends as urgent or higher"
    UNSETTLED = "not sure, silence and what can't be understood never lower the level"
    EMERGENCIES_FIRST = "emergencies are asked first and end the questions at once"
    ENDINGS = "every ending has advice and a safety net"
    FACTS = "every fact is used"
    REACHED = "every question and every outcome is reached"


@dataclass(frozen=True)
class Breach:
    """A rule that doesn't hold."""

    rule: Rule
    loc: Loc
    """The part of the flow file to mend."""
    message: str
    """What is wrong, and what to do."""
    at: Place | None = None
    """Where a path that breaks the rule goes through; None: no path shows it, or `avoids` does."""
    reply: Reply | None = None
    """… and what is answered there."""
    avoids: str | None = None
    """A question that is never asked on a path that breaks the rule and is no emergency."""


@dataclass(frozen=True)
class Levels:
    """What is certain of a flow's endings, by dynamic programming over its places, last first."""

    survey: Survey

    @cached_property
    def least(self) -> dict[Place | None, int]:
        """From each place on: the rank that is reached whatever is answered; -1: maybe none."""
        least: dict[Place | None, int] = {None: -1}
        for place in reversed(self.survey.places):
            exits = self.survey.exits[place].values()
            least[place] = min(max(e.rank, least[e.then]) for e in exits)
        return least

    @cached_property
    def arrivals(self) -> dict[Place, Arrival]:
        """How each place is come to with the least reached."""
        return arrivals(self.survey)

    def floor(self, place: Place, reply: Reply) -> int:
        """The rank that is certain once `reply` was given at `place`."""
        leads = self.survey.exits[place][reply]
        return max(self.arrivals[place].rank, leads.rank, self.least[leads.then])

    @cached_property
    def unmissed(self) -> frozenset[str]:
        """Questions that are asked on every path that doesn't end as an emergency."""
        survey, top = self.survey, Urgency.EMERGENCY.rank
        onward: dict[Place | None, int] = {None: 1}
        for place in reversed(survey.places):
            exits = survey.exits[place].values()
            onward[place] = sum(onward[e.then] for e in exits if e.rank < top)
        arriving = dict.fromkeys(survey.places, 0)
        if survey.start is not None:
            arriving[survey.start] = 1
        through: dict[str, int] = dict.fromkeys(survey.flow.questions, 0)
        for place in survey.places:
            through[place.question] += arriving[place] * onward[place]
            for leads in survey.exits[place].values():
                if leads.then is not None and leads.rank < top:
                    arriving[leads.then] += arriving[place]
        # No path asks a question twice, so what all of these paths ask lies on as many of them.
        everything = onward[survey.start]
        return frozenset(name for name, paths in through.items() if paths == everything)

    @cached_property
    def follow_ups(self) -> frozenset[str]:
        """Questions that are asked only when another of the same urgency has found its sign: both
        together are what is asked about."""
        flow = self.survey.flow
        plain: set[str] = set()
        followed: set[str] = set()
        if self.survey.start is not None:
            plain.add(self.survey.start.question)
        for place, exits in self.survey.exits.items():
            before = flow.questions[place.question]
            for reply, leads in exits.items():
                if leads.then is None:
                    continue
                after = leads.then.question
                sign = reply == before.sign and flow.questions[after].urgency is before.urgency
                (followed if sign else plain).add(after)
        return frozenset(followed - plain)


def breaches(levels: Levels) -> Iterator[Breach]:
    """Every breach of a rule that paths can break (CLINICAL's safety rules)."""
    flow = levels.survey.flow
    told: set[tuple[Loc, Rule]] = set()
    for breach in _in_places(levels):
        if (breach.loc, breach.rule) not in told:  # once, however many places a question has
            told.add((breach.loc, breach.rule))
            yield breach
    yield from _unreached(levels.survey)
    yield from _missed(levels)
    lowest = min((o.urgency for o in flow.outcomes.values()), key=lambda urgency: urgency.rank)
    if flow.outcomes[flow.otherwise].urgency is not lowest:
        yield Breach(
            Rule.ENDINGS,
            ("otherwise",),
            "is for when nothing was found; name an outcome of the lowest urgency",
        )


def _in_places(levels: Levels) -> Iterator[Breach]:
    for place in reversed(levels.survey.places):
        question = levels.survey.flow.questions[place.question]
        if question.urgency in _MUST_ESCALATE:
            yield from _escalation(levels, place, question)
        yield from _not_lowered(levels, place, question)
        yield from _emergencies_first(levels.survey, place, question)


def _escalation(levels: Levels, place: Place, question: Question) -> Iterator[Breach]:
    must = question.urgency
    for reply, why in _UNSETTLED.items():
        if levels.floor(place, reply) < must.rank:
            yield Breach(
                Rule.UNSETTLED,
                ("questions", place.question, "next", reply.value),
                f"may end below '{must}', but {why}; lead it to an outcome that is '{must}'",
                place,
                reply,
            )
    sign = Reply(question.sign)
    then = levels.survey.exits[place][sign].then
    clear = Reply.NO if sign is Reply.YES else Reply.YES
    goes_on = (
        then is not None
        and then.question in levels.follow_ups
        and levels.floor(place, sign) >= levels.floor(place, clear)
    )
    if levels.floor(place, sign) < must.rank and not goes_on:
        emergency = must is Urgency.EMERGENCY
        yield Breach(
            Rule.EMERGENCY_SIGNS if emergency else Rule.URGENT_SIGNS,
            ("questions", place.question, "next", sign.value),
            f"'{sign}' reports the symptom but may end below '{must}'; lead it to an outcome that"
            f" is '{must}', or to a question that is, and that nothing else leads to",
            place,
            sign,
        )


def _not_lowered(levels: Levels, place: Place, question: Question) -> Iterator[Breach]:
    """A doubt never does less than the answer that rules the symptom out."""
    if question.urgency in _MUST_ESCALATE:
        return  # _escalation asks for more
    clear = Reply.NO if question.sign == "yes" else Reply.YES
    flow = levels.survey.flow
    at_least = flow.outcomes[flow.otherwise].urgency.rank  # where nothing is reached
    for reply in _UNSETTLED:
        if max(levels.floor(place, reply), at_least) < levels.floor(place, clear):
            yield Breach(
                Rule.UNSETTLED,
                ("questions", place.question, "next", reply.value),
                f"may end lower than '{clear}' does; lead it at least as high",
                place,
                reply,
            )


def _emergencies_first(survey: Survey, place: Place, question: Question) -> Iterator[Breach]:
    for reply, leads in survey.exits[place].items():
        if leads.then is None:
            continue
        if leads.rank == Urgency.EMERGENCY.rank:
            yield Breach(
                Rule.EMERGENCIES_FIRST,
                ("questions", place.question, "next", reply.value),
                f"is an emergency, but asks '{leads.then.question}' before it says so; end there",
                place,
                reply,
            )
        following = survey.flow.questions[leads.then.question]
        if following.urgency is Urgency.EMERGENCY and question.urgency is not Urgency.EMERGENCY:
            yield Breach(
                Rule.EMERGENCIES_FIRST,
                ("questions", place.question, "next"),
                f"'{leads.then.question}' asks about an emergency after '{place.question}'; ask"
                " emergencies first",
                place,
                reply,
            )


def _unreached(survey: Survey) -> Iterator[Breach]:
    flow = survey.flow
    for name in flow.questions.keys() - {place.question for place in survey.places}:
        yield Breach(
            Rule.REACHED,
            ("questions", name),
            f"nothing leads to question '{name}'; lead an answer to it or remove it",
        )
    reached = {leads.reach for exits in survey.exits.values() for leads in exits.values()}
    for name in flow.outcomes.keys() - reached - {flow.otherwise}:
        yield Breach(
            Rule.REACHED,
            ("outcomes", name),
            f"nothing leads to outcome '{name}'; let an answer reach it or remove it",
        )


def _missed(levels: Levels) -> Iterator[Breach]:
    """Emergency questions that a path without an emergency goes around."""
    flow = levels.survey.flow
    asked = {place.question for place in levels.survey.places}
    for name, question in flow.questions.items():
        if question.urgency is not Urgency.EMERGENCY or name not in asked:
            continue
        if name not in levels.unmissed and name not in levels.follow_ups:
            yield Breach(
                Rule.EMERGENCY_SIGNS,
                ("questions", name),
                f"'{name}' asks about an emergency, but some answers lead past it; ask it on every"
                " way that doesn't end as an emergency",
                avoids=name,
            )
