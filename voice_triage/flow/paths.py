"""How many paths a flow has, where they end, and how long they are: counted, never walked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voice_triage.flow.engine import Ending, State, Triage
from voice_triage.flow.model import Flow, Reply, Urgency
from voice_triage.flow.survey import Place, Survey

CHARACTERS_PER_S = 14.5
"""How fast texts are spoken. Source: benchmarks/proofs.py, which renders all questions and advice
of the shipped flow with espeak-ng at its usual pace of 150: its 39 texts last 214 s."""
MAX_SUMS = 200_000
"""Combinations of a place and what was reached before it, above which seconds aren't added up."""


@dataclass(frozen=True)
class Path:
    """One conversation: what was asked and answered, in order, and what it ended in."""

    replies: tuple[tuple[str, Reply], ...]
    ending: Ending


@dataclass(frozen=True)
class Figures:
    """All paths of a flow together. A path is a list of answers; silence counts as one of four."""

    paths: int
    endings: Mapping[Urgency, int]
    """How many paths end at each level; they add up to `paths`."""
    questions: Path
    """A path with the most questions."""
    spoken: Path | None
    """A path that takes longest to say; None: too many combinations of advice to add up."""
    spoken_s: float | None
    """Seconds that its questions and its advice take to say; answers and greetings aside."""


def figures(survey: Survey) -> Figures:
    """Count the paths of `survey`."""
    endings = _endings(survey)
    spoken = _longest_spoken(survey)
    return Figures(
        sum(endings.values()),
        endings,
        walked(survey.flow, _most_questions(survey)),
        None if spoken is None else walked(survey.flow, spoken[0]),
        None if spoken is None else spoken[1],
    )


def walked(flow: Flow, replies: Iterable[tuple[str, Reply]]) -> Path:
    """The path of these replies, as the engine that holds conversations walks it.

    Raises ValueError when the engine asks anything else: the proof and the engine disagree.
    """
    triage, state = Triage(flow), State(tuple(replies))
    at, again = triage.current(State()), State()
    for question, reply in state.answered[:_CHECKED]:
        if at != question:
            raise ValueError(f"the engine asks {at!r} where the proof has {question!r}")
        again = triage.answer(again, reply)
        at = triage.current(again)
    return Path(state.answered, triage.ending(state))


_CHECKED = 100
"""Steps of a path that are gone through one by one; the engine walks from the start each time."""


def _endings(survey: Survey) -> dict[Urgency, int]:
    """Exact counts: for each rank, the paths that never reach a higher one, last places first."""
    flow = survey.flow
    there = {leads.rank for exits in survey.exits.values() for leads in exits.values()}
    fewer = nothing = _paths_up_to(survey, -1)
    found = dict.fromkeys(reversed(Urgency), 0)
    for urgency in Urgency:
        if urgency.rank in there:  # else no path reaches it
            at_most = _paths_up_to(survey, urgency.rank)
            found[urgency] = at_most - fewer
            fewer = at_most
    found[flow.outcomes[flow.otherwise].urgency] += nothing
    return found


def _paths_up_to(survey: Survey, rank: int) -> int:
    onward: dict[Place | None, int] = {None: 1}
    for place in reversed(survey.places):
        count = 0
        for leads in survey.exits[place].values():
            if leads.rank <= rank:
                count += onward[leads.then]
        onward[place] = count
    return onward[survey.start]


def _most_questions(survey: Survey) -> list[tuple[str, Reply]]:
    most: dict[Place | None, int] = {None: 0}
    onward: dict[Place, Reply] = {}
    for place in reversed(survey.places):
        exits = survey.exits[place]
        onward[place] = max(exits, key=lambda reply: most[exits[reply].then])
        most[place] = 1 + most[exits[onward[place]].then]
    path: list[tuple[str, Reply]] = []
    at = survey.start
    while at is not None:
        path.append((at.question, onward[at]))
        at = survey.exits[at][onward[at]].then
    return path


Reached = frozenset[str]
_Sums = dict[tuple[Place | None, Reached], tuple[float, tuple[Place, Reached, Reply] | None]]


def _longest_spoken(survey: Survey) -> tuple[list[tuple[str, Reply]], float] | None:
    """Advice is said once however often it is reached, so a sum belongs to a place together with
    what was reached on the way."""
    flow = survey.flow
    sums: _Sums = {(survey.start, Reached()): (0.0, None)}
    open_: dict[Place, set[Reached]] = {place: set() for place in survey.places}
    if survey.start is not None:
        open_[survey.start].add(Reached())
    for place in survey.places:
        asking = seconds(flow.questions[place.question].ask)
        for reached in open_[place]:
            taken = sums[place, reached][0] + asking
            for reply, leads in survey.exits[place].items():
                more = reached if leads.reach is None else reached | {leads.reach}
                key = (leads.then, more)
                if key not in sums or sums[key][0] < taken:
                    sums[key] = (taken, (place, reached, reply))
                if leads.then is not None:
                    open_[leads.then].add(more)
        if len(sums) > MAX_SUMS:
            return None
    ends = {
        reached: sums[at, reached][0] + advice_s(flow, reached)
        for at, reached in sums
        if at is None
    }
    longest = max(ends, key=lambda reached: ends[reached])
    return _back(sums, (None, longest)), ends[longest]


def _back(sums: _Sums, key: tuple[Place | None, Reached]) -> list[tuple[str, Reply]]:
    path: list[tuple[str, Reply]] = []
    while (came := sums[key][1]) is not None:
        place, reached, reply = came
        path.append((place.question, reply))
        key = (place, reached)
    return path[::-1]


def seconds(text: str) -> float:
    """How long it takes to say `text`."""
    return len(text) / CHARACTERS_PER_S


def advice_s(flow: Flow, reached: Iterable[str]) -> float:
    """How long the advice of an ending takes, as a conversation says it but for its own phrases."""
    ids = sorted(reached, key=lambda name: -flow.outcomes[name].urgency.rank) or [flow.otherwise]
    first, *others = (flow.outcomes[name] for name in ids)
    texts = [first.now, *first.advice, *first.safety_net]
    if first.urgency is Urgency.EMERGENCY:
        texts.append(first.now)  # an emergency's is said twice
    for outcome in others:
        texts += [outcome.now, *outcome.advice]
    return sum(map(seconds, texts))
