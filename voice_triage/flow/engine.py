"""The flow engine: a state and an answer in, the next state out. No clock, no sound, no files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from voice_triage.flow.model import Flow, Question, Reply, Urgency


@dataclass(frozen=True)
class State:
    """Where a conversation stands, all of it: what was asked and answered, and what was offered."""

    answered: tuple[tuple[str, Reply], ...] = ()
    """Questions asked and how each was answered, in the order of asking."""
    volunteered: tuple[str, ...] = ()
    """Questions whose symptom the person reported unasked, in that order."""


@dataclass(frozen=True)
class Ending:
    """What a conversation ended in."""

    urgency: Urgency
    outcomes: tuple[str, ...]
    """Ids, most urgent first; never empty."""
    complete: bool
    """False: it stopped before every question was settled, and the rest counts as unanswered."""


@dataclass(frozen=True)
class _Walk:
    at: str | None
    reached: tuple[str, ...]


class Triage:
    """Walks `flow`. Stateless: every method maps a State to a State or reads one.

    A position is never stored; it is found by walking from the start through what is known. So
    going back, a symptom that was volunteered, and a changed answer can't disagree.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def current(self, state: State) -> str | None:
        """The id of the question to ask now; None: the conversation has ended."""
        return self._walk(state).at

    def question(self, state: State) -> Question | None:
        """The question to ask now."""
        at = self.current(state)
        return None if at is None else self.flow.questions[at]

    def answer(self, state: State, reply: Reply) -> State:
        """The state after the current question was answered. Raises ValueError after the end."""
        at = self.current(state)
        if at is None:
            raise ValueError("the conversation has ended; there is no question to answer")
        return replace(state, answered=(*_without(state.answered, at), (at, reply)))

    def ends(self, state: State, reply: Reply) -> bool:
        """Whether no question is left once the current one has been answered so."""
        return self.current(self.answer(state, reply)) is None

    def volunteer(self, state: State, questions: Iterable[str]) -> State:
        """The state after somebody reported, unasked, what these questions ask about.

        It counts at once and outweighs a 'no' given before (CLINICAL rule: a symptom that the
        person volunteers at any time). An id that the flow lacks is a KeyError.
        """
        volunteered = state.volunteered
        for question in questions:
            self.flow.questions[question]
            if question not in volunteered:
                volunteered = (*volunteered, question)
        return replace(state, volunteered=volunteered)

    def back(self, state: State) -> State:
        """The state before the last answer; the same state when nothing was answered yet."""
        return replace(state, answered=state.answered[:-1])

    def reached(self, state: State) -> tuple[str, ...]:
        """Ids of the outcomes reached so far, most urgent first."""
        return self._sorted(self._walk(state).reached)

    def ending(self, state: State) -> Ending:
        """What the conversation ends in, if it ends here.

        Questions that were not settled count as unanswered, so stopping early never ends lower
        than silence would (CLINICAL rule: over-triage, never under-triage).
        """
        reached = self._walk(state, unknown=Reply.UNANSWERED).reached
        outcomes = self._sorted(reached or (self.flow.otherwise,))
        return Ending(self.flow.level(outcomes), outcomes, complete=self.current(state) is None)

    def known(self, state: State) -> dict[str, Reply]:
        """Every answer that counts: those given, in that order, and symptoms reported unasked."""
        return dict(state.answered) | {name: self._sign(name) for name in state.volunteered}

    def rests_on(self, state: State, outcome: str) -> dict[str, Reply]:
        """The answers that reach `outcome`; none where it rests on what was not asked."""
        steps = self.flow.steps
        return {q: r for q, r in self.known(state).items() if steps[q, r].reach == outcome}

    def _walk(self, state: State, unknown: Reply | None = None) -> _Walk:
        """From the start through what is known; `unknown` answers the rest, None stops there."""
        known = self.known(state)
        reached = [self.flow.steps[q, self._sign(q)].reach for q in state.volunteered]
        at: str | None = self.flow.start
        if self._is_emergency(reached):
            at = None
        replies: dict[str, Reply] = {}
        while at is not None:
            if self.flow.skipped(at, replies):
                at = self.flow.instead(at)
                continue
            reply = known.get(at, unknown)
            if reply is None:
                break
            step = self.flow.steps[at, reply]
            reached.append(step.reach)
            replies[at] = reply
            at = step.then
        return _Walk(at, tuple(dict.fromkeys(o for o in reached if o is not None)))

    def _sign(self, question: str) -> Reply:
        return Reply(self.flow.questions[question].sign)

    def _is_emergency(self, outcomes: Iterable[str | None]) -> bool:
        found = (self.flow.outcomes[o].urgency for o in outcomes if o is not None)
        return Urgency.EMERGENCY in found

    def _sorted(self, outcomes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(outcomes, key=lambda o: -self.flow.outcomes[o].urgency.rank))


def _without(
    answered: tuple[tuple[str, Reply], ...], question: str
) -> tuple[tuple[str, Reply], ...]:
    return tuple(pair for pair in answered if pair[0] != question)
