"""What a flow must carry whatever its paths are: its facts, its emergency signs, its advice."""

from __future__ import annotations

from collections.abc import Iterator

from voice_triage.flow.model import Flow, Urgency
from voice_triage.flow.safety import Breach, Rule


def carried(flow: Flow) -> Iterator[Breach]:
    """Every breach of a rule that the parts of a flow can break by themselves."""
    yield from _facts(flow)
    yield from _emergencies(flow)
    yield from _endings(flow)


def _facts(flow: Flow) -> Iterator[Breach]:
    used: set[str] = set()
    for kind, parts in (("questions", flow.questions), ("outcomes", flow.outcomes)):
        for name, part in parts.items():
            used |= set(part.facts)
            for fact in part.facts:
                if fact not in flow.facts:
                    message = f"no fact '{fact}'; add it to 'facts' or mend the id"
                    yield Breach(Rule.FACTS, (kind, name, "facts"), message)
    for fact in flow.facts.keys() - used:
        message = f"fact '{fact}' is used nowhere; let a question or an outcome rest on it"
        yield Breach(Rule.FACTS, ("facts", fact), message)


def _emergencies(flow: Flow) -> Iterator[Breach]:
    """Whether each sign that the flow names is asked about, and each emergency question named."""
    for fact, names in flow.emergencies.items():
        for name in names:
            loc = ("emergencies", fact)
            question = flow.questions.get(name)
            if question is None:
                message = f"no question '{name}' asks about {fact}; add it again"
            elif question.urgency is not Urgency.EMERGENCY:
                message = (
                    f"'{name}' asks about {fact} as if it were no emergency; let its urgency be"
                    " 'emergency'"
                )
            elif fact not in question.facts:
                message = f"'{name}' doesn't rest on {fact}; add {fact} to its facts"
            else:
                continue
            yield Breach(Rule.EMERGENCY_SIGNS, loc, message)
    named = {name for names in flow.emergencies.values() for name in names}
    for name, question in flow.questions.items():
        if flow.emergencies and question.urgency is Urgency.EMERGENCY and name not in named:
            message = (
                f"'{name}' asks about an emergency; name it in 'emergencies' with the fact that it"
                " asks about"
            )
            yield Breach(Rule.EMERGENCY_SIGNS, ("questions", name), message)


def _endings(flow: Flow) -> Iterator[Breach]:
    for name, outcome in flow.outcomes.items():
        if outcome.urgency is Urgency.EMERGENCY and "{number}" not in outcome.now:
            message = "an emergency's one sentence says whom to call; put {number} into it"
            yield Breach(Rule.ENDINGS, ("outcomes", name, "now"), message)
        for key in ("advice", "safety_net"):
            if not getattr(outcome, key):  # only a flow that was made in code can lack it
                message = f"'{key}' is empty; say what to do and what to watch for"
                yield Breach(Rule.ENDINGS, ("outcomes", name, key), message)
