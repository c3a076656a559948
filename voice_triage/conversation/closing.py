"""The last words: what to do now, why, what to watch for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from voice_triage.conversation.phrases import Phrases
from voice_triage.flow import Ending, Flow, Reply, State, Urgency

_UNSETTLED = (Reply.UNSURE, Reply.UNANSWERED)


@dataclass(frozen=True)
class LastWords:
    """What somebody is told at the end, in the order of telling."""

    now: str
    """One sentence of what to do."""
    repeated: str | None
    """The same once more: an emergency's is said twice."""
    advice: tuple[str, ...]
    """Why, if that isn't plain, and what else to do; lower levels last."""
    safety_net: tuple[str, ...]
    """What to watch for, and what this program is not."""

    @property
    def texts(self) -> list[str]:
        """All of it, one utterance each."""
        again = () if self.repeated is None else (self.repeated,)
        return [self.now, *again, *self.advice, *self.safety_net]


def closing(flow: Flow, state: State, ending: Ending, phrases: Phrases, number: str) -> LastWords:
    """What to say at the end.

    CLINICAL's rules: an emergency's one sentence of what to do comes before anything else and is
    said twice; advice of lower levels follows; every ending has its safety net and says what this
    program is not.
    """
    first = flow.outcomes[ending.outcomes[0]]
    emergency = first.urgency is Urgency.EMERGENCY
    words = LastWords(
        first.now,
        f"{phrases.again} {first.now}" if emergency else None,
        (*_why(flow, state, ending, phrases), *_advice(flow, ending)),
        (*first.safety_net, phrases.disclaimer, _review(flow, phrases)),
    )
    return _with_number(words, number)


def _why(flow: Flow, state: State, ending: Ending, phrases: Phrases) -> Iterator[str]:
    if not ending.complete:
        yield phrases.incomplete
    elif _is_unsettled(flow, state, ending):
        yield phrases.not_ruled_out


def _advice(flow: Flow, ending: Ending) -> Iterator[str]:
    first, *others = (flow.outcomes[outcome] for outcome in ending.outcomes)
    yield from first.advice
    for outcome in others:
        yield outcome.now
        yield from outcome.advice


def _review(flow: Flow, phrases: Phrases) -> str:
    review = flow.review
    if review.status == "reviewed":
        return phrases.reviewed.format(by=review.by, date=review.date)
    return phrases.unreviewed


def _with_number(words: LastWords, number: str) -> LastWords:
    def filled(text: str) -> str:
        return text.replace("{number}", number)

    return replace(
        words,
        now=filled(words.now),
        repeated=words.repeated and filled(words.repeated),
        advice=tuple(map(filled, words.advice)),
        safety_net=tuple(map(filled, words.safety_net)),
    )


def _is_unsettled(flow: Flow, state: State, ending: Ending) -> bool:
    """Only what could not be ruled out, and nothing that was reported, led to this urgency."""
    led: set[Reply] = set()
    for question, reply in state.answered:
        reach = flow.steps[question, reply].reach
        if reach is not None and flow.outcomes[reach].urgency is ending.urgency:
            led.add(reply)
    volunteered = any(
        flow.steps[q, Reply(flow.questions[q].sign)].reach in ending.outcomes
        for q in state.volunteered
    )
    return bool(led) and led <= set(_UNSETTLED) and not volunteered
