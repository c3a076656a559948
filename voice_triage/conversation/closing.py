"""The last words: what to do now, why, what to watch for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from voice_triage.conversation.phrases import Phrases
from voice_triage.flow import Ending, Flow, Reply, State, Urgency

_UNSETTLED = (Reply.UNSURE, Reply.UNANSWERED)


def closing(flow: Flow, state: State, ending: Ending, phrases: Phrases, number: str) -> list[str]:
    """The texts to say at the end, in order, one utterance each.

    CLINICAL's rules: an emergency's one sentence of what to do comes before anything else and is
    said twice; advice of lower levels follows; every ending has its safety net and says what this
    program is not.
    """
    texts = list(_texts(flow, state, ending, phrases))
    return [text.replace("{number}", number) for text in texts]


def _texts(flow: Flow, state: State, ending: Ending, phrases: Phrases) -> Iterator[str]:
    first, *others = (flow.outcomes[outcome] for outcome in ending.outcomes)
    yield first.now
    if first.urgency is Urgency.EMERGENCY:
        yield f"{phrases.again} {first.now}"
    if not ending.complete:
        yield phrases.incomplete
    elif _is_unsettled(flow, state, ending):
        yield phrases.not_ruled_out
    yield from first.advice
    for outcome in others:
        yield outcome.now
        yield from outcome.advice
    yield from first.safety_net
    yield phrases.disclaimer
    review = flow.review
    if review.status == "reviewed":
        yield phrases.reviewed.format(by=review.by, date=review.date)
    else:
        yield phrases.unreviewed


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
