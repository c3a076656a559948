"""Every situation in which a flow asks a question, found without walking its paths one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from voice_triage.flow.model import Condition, Flow, Reply

MAX_REMEMBERED = 100_000
"""Places, and the answers that they remember, all together. Above it a proof would take minutes:
conditions that read n answers at once make up to 2^n places."""


_REPLIES = (Reply.NO, Reply.YES, Reply.UNSURE, Reply.UNANSWERED)
"""Plain answers first: of two conversations that show the same, people read the plainer one."""
_AS_WRITTEN = tuple(Reply)


class Place(NamedTuple):
    """A question, asked after answers that later conditions tell apart."""

    question: str
    remembers: tuple[tuple[str, Reply], ...] = ()
    """Of each question that a later condition reads and that was asked: a reply that those
    conditions can't tell from the one that was given."""


@dataclass(frozen=True)
class Exit:
    """What a reply at a place leads to."""

    reach: str | None
    rank: int
    """Of the urgency that it reaches; -1: it reaches none."""
    then: Place | None
    """None: the conversation ends."""


@dataclass(frozen=True)
class Survey:
    """All of a flow, as places: two paths that can't be told apart any more meet in one."""

    flow: Flow
    start: Place | None
    """None: no question is asked at all."""
    places: tuple[Place, ...]
    """Each stands before all that can follow it."""
    exits: Mapping[Place, Mapping[Reply, Exit]]


class UnprovableError(Exception):
    """Nothing can be proved of a flow, because it has circles or its conditions remember too much.

    `reasons` are parts of the flow file, and what is wrong there.
    """

    def __init__(self, reasons: list[tuple[tuple[str, ...], str]]) -> None:
        super().__init__("; ".join(message for _, message in reasons))
        self.reasons = reasons


def successors(flow: Flow, name: str) -> list[str]:
    """Questions that may follow, conditions aside."""
    steps = flow.steps
    thens = [steps[name, reply].then for reply in _AS_WRITTEN]
    return [then for then in dict.fromkeys((*thens, flow.instead(name))) if then is not None]


def survey(flow: Flow) -> Survey:
    """All places of `flow`, whose edges must all lead somewhere. Raises UnprovableError."""
    ordered = _ordered(flow)
    memory = _Memory(flow, ordered)
    start = memory.place(flow.start, {})
    found: dict[str, dict[Place, None]] = {name: {} for name in ordered}
    if start is not None:
        found[start.question][start] = None
    exits: dict[Place, dict[Reply, Exit]] = {}
    remembered = 0
    for name in ordered:
        for place in found[name]:
            exits[place] = {reply: memory.exit(place, reply) for reply in _REPLIES}
            for leads in exits[place].values():
                if leads.then is not None:
                    found[leads.then.question][leads.then] = None
            remembered += 1 + len(place.remembers)
            if remembered > MAX_REMEMBERED:
                reason = (
                    f"too many earlier answers count here, over {MAX_REMEMBERED:,}; let"
                    " conditions read fewer questions, or read them sooner after they are asked"
                )
                raise UnprovableError([(("questions", name), reason)])
    return Survey(flow, start, tuple(exits), exits)


def _ordered(flow: Flow) -> dict[str, list[str]]:
    """Questions that edges lead to, each before all that follow it, and what may follow at once.
    Raises UnprovableError for circles, and for conditions on what is asked only later."""
    last_first: list[str] = []
    reasons: list[tuple[tuple[str, ...], str]] = []
    on_path: dict[str, None] = {flow.start: None}
    found = {flow.start: successors(flow, flow.start)}
    done: set[str] = set()
    stack = [(flow.start, iter(found[flow.start]))]
    while stack:  # not recursive: a flow may be ten thousand questions long
        name, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            del on_path[name]
            done.add(name)
            last_first.append(name)
        elif following in on_path:
            path = list(on_path)
            around = " > ".join([*path[path.index(following) :][-6:], following])
            reason = f"goes round in a circle ({around}); lead one of them on"
            reasons.append((("questions", name, "next"), reason))
        elif following not in done:
            on_path[following] = None
            found[following] = successors(flow, following)
            stack.append((following, iter(found[following])))
    ordered = last_first[::-1]
    reasons += _read_too_soon(flow, ordered)
    if reasons:
        raise UnprovableError(reasons)
    return {name: found[name] for name in ordered}


def _read_too_soon(flow: Flow, ordered: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    at = {name: index for index, name in enumerate(ordered)}
    for name in ordered:
        for condition in _conditions(flow, name):
            if at.get(condition.question, -1) >= at[name]:
                reason = (
                    f"'{condition.question}' is not asked before '{name}'; name an earlier question"
                )
                yield ("questions", name, "when"), reason


class _Memory:
    """What has to be remembered at each question, so that later conditions can be decided."""

    def __init__(self, flow: Flow, ordered: Mapping[str, list[str]]) -> None:
        self._flow = flow
        self._rank = {name: outcome.urgency.rank for name, outcome in flow.outcomes.items()}
        self._later: dict[str, frozenset[str]] = {}
        """For each question: those that conditions behind it read, and that were asked before."""
        needed: dict[str, frozenset[str]] = {}
        for name in reversed(list(ordered)):
            behind = {needed[following] for following in ordered[name]}
            later = behind.pop() if len(behind) == 1 else frozenset[str]().union(*behind)
            # Its own answer is still to come; and what nothing reads any more is let go.
            self._later[name] = later - {name} if name in later else later
            reads = [condition.question for condition in _conditions(flow, name)]
            needed[name] = self._later[name].union(reads) if reads else self._later[name]
        self._alike = _alike(flow)

    def exit(self, place: Place, reply: Reply) -> Exit:
        step = self._flow.steps[place.question, reply]
        replies = dict(place.remembers)
        if place.question in self._alike:
            replies[place.question] = self._alike[place.question][reply]
        rank = -1 if step.reach is None else self._rank[step.reach]
        return Exit(step.reach, rank, self.place(step.then, replies))

    def place(self, at: str | None, replies: Mapping[str, Reply]) -> Place | None:
        """Where somebody stands who is led to question `at` after these replies."""
        while at is not None and self._flow.skipped(at, replies):
            at = self._flow.instead(at)
        if at is None:
            return None
        kept = sorted(replies.keys() & self._later[at]) if replies else ()
        return Place(at, tuple((question, replies[question]) for question in kept))


def _conditions(flow: Flow, name: str) -> tuple[Condition, ...]:
    when = flow.questions[name].when
    return () if when is None else when.enableWhen


def _alike(flow: Flow) -> dict[str, dict[Reply, Reply]]:
    """For each question that conditions read: each reply, and the first that they can't tell from
    it."""
    readers: dict[str, set[Condition]] = {}
    for name in flow.questions:
        for condition in _conditions(flow, name):
            readers.setdefault(condition.question, set()).add(condition)
    found: dict[str, dict[Reply, Reply]] = {}
    for name, conditions in readers.items():
        first: dict[tuple[bool, ...], Reply] = {}
        found[name] = {
            reply: first.setdefault(tuple(c.holds(reply) for c in conditions), reply)
            for reply in Reply
        }
    return found
